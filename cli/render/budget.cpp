#include "cli/render/budget.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/table.h"
#include "cli/render/text.h"
#include "config/policy_yaml.h"
#include "policies/feasibility.h"

namespace heirloom::cli {
namespace {

std::string short_id(const Json& budget) {
  return text(budget, "id").substr(0, 12);
}

// What the promise of the risk rests on, in plain words.
std::string promise(const Json& budget) {
  if (!flag(budget, "live")) {
    return "This holdout is used up: nothing can be promoted on it any more. `heirloom data add` "
           "with a new holdout that shares no example with it starts a new budget.";
  }
  if (flag(budget, "sealed")) {
    return "Sealed: figures of generations judged on it are hidden until it is used up or "
           "replaced. "
           "The risk holds for every submitter who sees only who passed.";
  }
  const Json& unsealed = field(budget, "unsealed");
  std::string text_of = "Figures are open. The risk holds for submitters who do not tune to them.";
  if (unsealed.is_object()) {
    text_of += fmt::format(" Unsealed by {} at {}: {}", printable(text(unsealed, "actor")),
                           text(unsealed, "at"), printable(text(unsealed, "reason")));
  }
  return text_of;
}

std::string used(const Json& budget, const char* what) {
  const std::string name(what);
  return fmt::format("{} of {}", integer(budget, name + "_used").value_or(0),
                     integer(budget, name).value_or(0));
}

}  // namespace

base::Result<void> add_gates(Json& budget) {
  HEIRLOOM_ASSIGN(const policies::Policy policy,
                  config::policy_from_yaml(text(budget, "policy"), "the stored policy"));
  budget.erase("policy");
  const double level = number(budget, "next_level").value_or(0.0);
  const auto holdout = static_cast<std::uint64_t>(integer(budget, "examples").value_or(0));
  const std::uint64_t examples =
      policy.certify.examples == 0 ? holdout : std::min(policy.certify.examples, holdout);
  const double ceiling = certificate::radius_ceiling(
      policies::protocol_terms(policy.certify, policy.promote, policy.model.sigma));
  budget["certified_examples"] = examples;
  budget["gates"] = Json::array();
  for (const policies::Threshold& threshold : policy.promote) {
    const policies::Question question{threshold, level, policy.certify.alpha, ceiling,
                                      policy.model.classes};
    const auto share = level > 0.0 ? policies::share_that_passes(question, examples) : std::nullopt;
    budget["gates"].push_back(
        {{"text", threshold.text()},
         {"dry_run", threshold.dry_run},
         {"passes", level > 0.0 ? policies::passing_text(question, examples) : "never"},
         {"nine_in_ten", share ? Json(*share) : Json(nullptr)}});
  }
  return {};
}

std::string render_budget(const Json& budget, const Style& style) {
  std::string out = render_facts({{"holdout",
                                   {fmt::format("{}, {} examples, {} certified", short_id(budget),
                                                grouped(integer(budget, "examples")),
                                                grouped(integer(budget, "certified_examples")))}},
                                  {"candidates", {used(budget, "candidates")}},
                                  {"promotions", {used(budget, "promotions")}},
                                  {"risk",
                                   {fmt::format("{} of any false promotion in its life",
                                                number(budget, "risk").value_or(0.0))}},
                                  {"next level",
                                   {fmt::format("{:.3g} for every gate of the next candidate",
                                                number(budget, "next_level").value_or(0.0))}}},
                                 style);
  std::vector<std::vector<Cell>> rows;
  for (const Json& gate : items(budget, "gates")) {
    rows.push_back({{text(gate, "text") + (flag(gate, "dry_run") ? " (dry run)" : "")},
                    {text(gate, "passes")}});
  }
  out += "\n" + render_table({{"GATE"}, {"PASSES"}}, rows, style) + "\n";
  for (const std::string& line : wrap(promise(budget), style.width)) out += line + "\n";
  for (const Json& earlier : items(budget, "earlier")) {
    out += fmt::format("earlier: {}, {} candidates, {} promotions{}\n", short_id(earlier),
                       integer(earlier, "candidates_used").value_or(0),
                       integer(earlier, "promotions_used").value_or(0),
                       flag(earlier, "live") ? ", shares examples with this one" : "");
  }
  return out;
}

}  // namespace heirloom::cli
