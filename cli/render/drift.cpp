#include "cli/render/drift.h"

#include <vector>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/table.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

// What is known about a test: its band, or how far it is.
std::string outcome(const Json& check) {
  const std::string state = text(check, "state");
  return state == "tested" ? text(check, "band") : state;
}

std::string remark(const Json& check) {
  if (const std::string error = text(check, "error"); !error.empty()) return error;
  if (flag(check, "sealed")) return "figures are sealed";
  return text(check, "summary");
}

std::string alarm_text(const Json& check) {
  if (!flag(check, "alarm")) return "";
  const Json& seen = field(check, "acknowledged");
  return seen.is_object() ? "seen" : "alarm";
}

std::string coverage_text(const Json& coverage) {
  if (!coverage.is_object()) return "";
  return fmt::format("{} of {} certified, {} for their label",
                     grouped(integer(coverage, "certified")),
                     grouped(integer(coverage, "examples")), grouped(integer(coverage, "right")));
}

std::vector<Fact> facts_of(const Json& check) {
  std::vector<Fact> facts = {
      {"snapshot", {text(check, "snapshot")}},
      {"champion",
       {fmt::format("{}, judged on the holdout of {}", text(check, "champion"),
                    text(check, "reference_snapshot"))}},
      {"planned", {short_time(text(check, "planned_at"))}},
      {"result", {outcome(check), tone_of_band(text(check, "band"))}}};
  if (const std::string what = remark(check); !what.empty()) facts.push_back({"", {what}});
  if (const std::string batch = coverage_text(field(check, "batch")); !batch.empty()) {
    facts.push_back({"batch", {batch}});
    facts.push_back({"reference", {coverage_text(field(check, "reference"))}});
  }
  if (const auto stability = number(check, "stability")) {
    facts.push_back(
        {"stability",
         {fmt::format("index {:.3f} (below 0.1 stable, above 0.25 major)", *stability)}});
  }
  const Json& seen = field(check, "acknowledged");
  if (seen.is_object()) {
    facts.push_back({"seen",
                     {fmt::format("by {} at {}: {}", text(seen, "actor"),
                                  short_time(text(seen, "at")), text(seen, "reason"))}});
  }
  return facts;
}

}  // namespace

Tone tone_of_band(std::string_view band) {
  if (band == "drift") return Tone::bad;
  if (band == "warning") return Tone::warn;
  return Tone::plain;
}

std::string render_drift_list(const Json& list, const Style& style) {
  std::vector<std::vector<Cell>> rows;
  for (const Json& check : items(list, "checks")) {
    rows.push_back({{fmt::format("{}", integer(check, "id").value_or(0))},
                    {short_time(text(check, "planned_at"))},
                    {text(check, "snapshot")},
                    {text(check, "champion")},
                    {outcome(check), tone_of_band(text(check, "band"))},
                    {alarm_text(check), Tone::bad},
                    {remark(check)}});
  }
  return render_table({{"ID", true},
                       {"PLANNED", false, 2},
                       {"SNAPSHOT"},
                       {"CHAMPION", false, 1},
                       {"RESULT"},
                       {"ALARM"},
                       {"WHAT", false, 3}},
                      rows, style);
}

std::string render_drift(const Json& check, const Style& style) {
  std::string out = render_facts(facts_of(check), style);
  std::vector<std::vector<Cell>> rows;
  for (const Json& test : items(check, "tests")) {
    const auto p_value = number(test, "p_value");
    const auto statistic = number(test, "statistic");
    const double limit = number(test, "limit").value_or(0.0);
    rows.push_back({{text(test, "test")},
                    {text(test, "band"), tone_of_band(text(test, "band"))},
                    {number(test, "effect") ? fmt::format("{:.3f}", *number(test, "effect")) : ""},
                    {p_value ? fmt::format("p {:.3g}", *p_value)
                             : (statistic ? fmt::format("sum {:.3g}", *statistic) : "")},
                    {fmt::format("{:.3g}", limit)}});
  }
  if (rows.empty()) return out;
  return out + "\n" +
         render_table({{"TEST"}, {"BAND"}, {"EFFECT", true}, {"FOUND", true}, {"ALARM AT", true}},
                      rows, style);
}

std::string drift_line(const Json& drift) {
  if (!drift.is_object()) return "";
  std::string out = fmt::format("{}: {}", text(drift, "snapshot"), outcome(drift));
  if (flag(drift, "standing")) out += ", an alarm stands";
  return fmt::format("{}, {}", out, short_time(text(drift, "planned_at")));
}

}  // namespace heirloom::cli
