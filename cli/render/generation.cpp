#include "cli/render/generation.h"

#include <vector>

#include <fmt/format.h>

#include "cli/render/accuracy.h"
#include "cli/render/format.h"
#include "cli/render/gates.h"
#include "cli/render/metrics.h"
#include "cli/render/table.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

std::string kind_and_teacher(const Json& generation) {
  const std::string kind = or_dash(text(generation, "kind"));
  const std::string teacher = text(generation, "teacher");
  return teacher.empty() ? kind : kind + " from " + teacher;
}

std::string count_or_dash(const Json& object, std::string_view key) {
  return grouped(integer(object, key));
}

// "1 of 20 attacked certificates broken (example 17)"; empty where there was no attack.
std::string falsification_text(const Json& falsification) {
  if (!falsification.is_object()) return "";
  std::string out =
      fmt::format("{} of {} attacked certificates broken", count_or_dash(falsification, "broken"),
                  count_or_dash(falsification, "attacked"));
  const Json& broken = items(falsification, "examples");
  const char* before = broken.size() == 1 ? " (example " : " (examples ";
  for (const Json& index : broken) {
    out += before + index.dump();
    before = ", ";
  }
  return broken.empty() ? out : out + ")";
}

// "320 steps, loss 2.31 to 0.41, set back 1 time"; empty while there is none.
std::string training_text(const Json& training) {
  if (!training.is_object()) return "";
  const Json& curve = items(training, "curve");
  std::string out = fmt::format("{} steps, loss ", count_or_dash(training, "steps"));
  if (!curve.empty() && curve[0].is_array() && curve[0].size() == 2 && curve[0][1].is_number()) {
    out += fmt::format("{:.3g} to ", curve[0][1].get<double>());
  }
  out += fmt::format("{:.3g}", number(training, "final_loss").value_or(0.0));
  const std::int64_t recoveries = integer(training, "recoveries").value_or(0);
  if (recoveries > 0) out += fmt::format(", set back {} after diverging", recoveries);
  return out;
}

// How near a student came; empty for a bootstrap.
std::string transfer_text(const Json& transfer) {
  if (!transfer.is_object()) return "";
  return fmt::format("distance {:.3g}, other class on {} of noisy images (at most {} by the bound)",
                     number(transfer, "distance").value_or(0.0),
                     percent(number(transfer, "disagreement")),
                     percent(number(transfer, "disagreement_bound")));
}

std::vector<Fact> facts_of(const Json& generation) {
  std::vector<Fact> facts;
  const auto add = [&facts](std::string name, std::string value, Tone tone = Tone::plain) {
    facts.push_back({std::move(name), {std::move(value), tone}});
  };
  const std::string verdict = text(generation, "verdict");
  add("verdict", or_dash(verdict), tone_of_state(verdict));
  if (const std::string reason = text(generation, "reason"); !reason.empty()) add("reason", reason);
  add("kind", kind_and_teacher(generation));
  add("version", or_dash(version_with_arch(generation)));
  add("snapshot", or_dash(text(generation, "snapshot")));
  add("holdout", short_hash(text(generation, "holdout")));
  add("policy", "version " + count_or_dash(generation, "policy_version"));
  add("model", or_dash(text(generation, "model_sha256")));
  add("created", short_time(text(generation, "created_at")) + " UTC");
  const Json& seconds = field(generation, "seconds");
  add("train", duration(number(seconds, "train")));
  add("certify", fmt::format("{} for {} samples", duration(number(seconds, "certify")),
                             count_or_dash(generation, "samples")));
  const Json& training = field(generation, "training");
  if (const std::string words = training_text(training); !words.empty()) add("training", words);
  if (const std::string words = transfer_text(field(training, "transfer")); !words.empty()) {
    add("to teacher", words);
  }
  const Json& falsification = field(generation, "falsification");
  if (const std::string found = falsification_text(falsification); !found.empty()) {
    add("attack", found, items(falsification, "examples").empty() ? Tone::plain : Tone::bad);
  }
  add("acr", decimal(metric(generation, "acr")));
  add("clean", percent(metric(generation, "clean_accuracy")));
  add("abstain", percent(metric(generation, "abstain_rate")));
  if (const auto level = number(generation, "level")) {
    add("level", fmt::format("{:.2g} for each gate", *level));
  }
  return facts;
}

std::string render_jobs(const Json& jobs, const Style& style) {
  const std::vector<Column> columns = {{"JOB"},
                                       {"ATTEMPT", true, 1},
                                       {"STATE"},
                                       {"FROM", true, 4},
                                       {"EXIT", false, 3},
                                       {"STARTED (UTC)", false, 5},
                                       {"ENDED (UTC)", false, 6},
                                       {"ERROR", false, 2}};
  std::vector<std::vector<Cell>> rows;
  for (const Json& job : jobs) {
    const Json& error = field(job, "error");
    rows.push_back({{text(job, "kind")},
                    {count_or_dash(job, "attempt")},
                    {text(job, "state"), tone_of_state(text(job, "state"))},
                    {count_or_dash(job, "started_from")},
                    {text(job, "exit")},
                    {short_time(text(job, "started_at"))},
                    {short_time(text(job, "ended_at"))},
                    {error.is_object() ? text(error, "message") : text(job, "error"), Tone::bad}});
  }
  return render_table(columns, rows, style);
}

}  // namespace

std::string render_generation_list(const Json& generations, const Style& style) {
  const std::vector<std::string> radii = telling_radii(generations);
  std::vector<Column> columns = {{"ID"},
                                 {"STATE"},
                                 {"VERSION"},
                                 {"KIND", false, 5},
                                 {"SNAPSHOT", false, 9},
                                 {"POLICY", true, 10},
                                 {"ACR", true, 2},
                                 {"CLEAN", true, 3},
                                 {"ABSTAIN", true, 8}};
  for (const std::string& radius : radii) columns.push_back({"CERT@" + radius, true, 1});
  columns.insert(columns.end(),
                 {{"TRAIN", true, 6}, {"CERTIFY", true, 7}, {"CREATED (UTC)", false, 11}});
  std::vector<std::vector<Cell>> rows;
  for (const Json& generation : generations) {
    const std::string state = text(generation, "state");
    std::vector<Cell> row = {{text(generation, "id")},
                             {state, tone_of_state(state)},
                             {version_with_arch(generation)},
                             {kind_and_teacher(generation)},
                             {text(generation, "snapshot")},
                             {count_or_dash(generation, "policy_version")},
                             {decimal(metric(generation, "acr"))},
                             {percent(metric(generation, "clean_accuracy"))},
                             {percent(metric(generation, "abstain_rate"))}};
    for (const std::string& radius : radii) {
      row.push_back({percent(certified_at(generation, radius))});
    }
    const Json& seconds = field(generation, "seconds");
    row.push_back({duration(number(seconds, "train"))});
    row.push_back({duration(number(seconds, "certify"))});
    row.push_back({short_time(text(generation, "created_at"))});
    rows.push_back(std::move(row));
  }
  return render_table(columns, rows, style);
}

std::string render_generation(const std::string& model, const Json& generation,
                              const Style& style) {
  const std::string state = text(generation, "state");
  const std::string name =
      clip(printable(fmt::format("{} {}", model, text(generation, "id"))), style.width, style);
  std::string out = fmt::format("{} {}\n", paint(name, Tone::strong, style),
                                paint(printable(state), tone_of_state(state), style));
  out += render_facts(facts_of(generation), style);
  const auto add_part = [&out](const std::string& part) { out.append("\n").append(part); };
  const Json& shares = field(field(generation, "metrics"), "certified_accuracy");
  if (shares.is_object() && !shares.empty()) add_part(render_accuracy(shares, style));
  const Json& gates = items(generation, "gates");
  if (!gates.empty()) add_part(render_gates(gates, style));
  const Json& jobs = items(generation, "jobs");
  if (!jobs.empty()) add_part(render_jobs(jobs, style));
  return out;
}

}  // namespace heirloom::cli
