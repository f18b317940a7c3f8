#include "cli/render/explanation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/gates.h"
#include "cli/render/text.h"
#include "policies/explain.h"

namespace heirloom::cli {
namespace {

policies::Gate gate_of(const Json& gate) {
  policies::Gate out;
  out.threshold.metric =
      policies::parse_metric(text(gate, "name")).value_or(policies::Metric::training_cost);
  out.threshold.baseline =
      policies::parse_baseline(text(gate, "baseline")).value_or(policies::Baseline::absolute);
  out.threshold.value = number(gate, "value").value_or(0.0);
  out.threshold.quantile = number(gate, "quantile").value_or(0.0);
  out.applicable = flag(gate, "applicable");
  out.ended_early = flag(gate, "ended_early");
  out.pass = flag(gate, "pass");
  out.count = integer(gate, "count").value_or(0);
  out.examples = integer(gate, "examples").value_or(0);
  out.baseline_only = integer(gate, "baseline_only").value_or(0);
  out.candidate_only = integer(gate, "candidate_only").value_or(0);
  return out;
}

// "missed by 0.013; about 4,200 examples with the same shares would have passed it".
std::string shortfall(const Json& gate) {
  const auto bound = number(gate, "bound");
  const auto needed = number(gate, "threshold");
  if (!bound || !needed) return "";
  std::string out =
      fmt::format("missed by {}", metric_value(text(gate, "name"), std::abs(*bound - *needed)));
  if (flag(gate, "ended_early")) return out + "; the certification ended early";
  if (const auto examples = integer(gate, "examples_that_decide")) {
    return out + fmt::format("; about {} examples with the same shares would have passed it",
                             grouped(examples));
  }
  const bool on_a_share = text(gate, "name") != "acr" && text(gate, "name") != "training_cost";
  return on_a_share ? out + "; no number of examples with these shares would pass it" : out;
}

}  // namespace

void add_examples_that_decide(Json& judged) {
  std::int64_t of_holdout = 0;
  for (const Json& gate : items(judged, "gates")) {
    of_holdout = std::max(of_holdout, integer(gate, "examples").value_or(0));
  }
  const double level = number(judged, "level").value_or(0.0);
  const double alpha = number(judged, "alpha").value_or(0.0);
  if (!judged.contains("gates") || !judged["gates"].is_array()) return;
  for (Json& gate : judged["gates"]) {
    gate["examples_that_decide"] = nullptr;
    if (!number(gate, "bound") || !(level > 0.0)) continue;
    const auto needed = policies::examples_that_decide(gate_of(gate), of_holdout, level, alpha);
    if (needed) gate["examples_that_decide"] = *needed;
  }
}

std::string render_explanation(const Json& explanation, const Style& style) {
  std::string out = fmt::format("{} {}: {}\n", printable(text(explanation, "model")),
                                printable(text(explanation, "generation")),
                                printable(text(explanation, "stored_reason")));
  if (text(explanation, "stored_verdict").empty()) {
    return out + fmt::format("no verdict yet: it is {}\n", text(explanation, "state"));
  }
  const std::string reason = printable(text(explanation, "reason"));
  if (reason != printable(text(explanation, "stored_reason")) && !reason.empty()) {
    out += "since then: " + reason + "\n";
  }
  out += fmt::format("judged under policy version {} at level {:.3g} each\n\n",
                     integer(explanation, "policy_version").value_or(0),
                     number(explanation, "level").value_or(0.0));
  out += render_gates(field(explanation, "gates"), style);
  for (const Json& gate : items(explanation, "gates")) {
    if (flag(gate, "pass") || !flag(gate, "applicable")) continue;
    const std::string what = shortfall(gate);
    if (what.empty()) continue;
    for (const std::string& line :
         wrap(fmt::format("{}: {}", text(gate, "text"), what), style.width)) {
      out += line + "\n";
    }
  }
  if (flag(explanation, "sealed")) {
    out += "By how much is sealed while the holdout is live.\n";
  }
  return out;
}

}  // namespace heirloom::cli
