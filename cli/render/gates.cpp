#include "cli/render/gates.h"

#include <vector>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/table.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

// A missing field must not look like "not applicable", which would hide a failure.
bool is_applicable(const Json& gate) {
  const Json& applicable = field(gate, "applicable");
  return !applicable.is_boolean() || applicable.get<bool>();
}

Cell mark_of(const Json& gate) {
  if (!is_applicable(gate)) return {"n.a.", Tone::dim};
  const bool pass = flag(gate, "pass");
  const std::string mark = pass ? "pass" : "FAIL";
  if (flag(gate, "dry_run")) return {mark + " (dry run)", Tone::dim};
  return {mark, pass ? Tone::good : Tone::bad};
}

// "≥ 90.0%", "≥ 82.1% (champion - 0.05)", or without its baseline "≥ champion - 0.05".
std::string needs_of(const Json& gate, const Style& style) {
  const bool at_most = text(gate, "comparison") == "at_most";
  const std::string sign = at_most ? (style.unicode ? "≤" : "<=") : (style.unicode ? "≥" : ">=");
  const std::string value = metric_value(text(gate, "name"), number(gate, "threshold"));
  const std::string baseline = text(gate, "baseline");
  if (baseline == "absolute") return fmt::format("{} {}", sign, value);
  const std::string margin =
      fmt::format("{} {} {}", baseline, at_most ? '+' : '-', number(gate, "value").value_or(0.0));
  // What the baseline comes to is known only where there is one.
  if (!is_applicable(gate)) return fmt::format("{} {}", sign, margin);
  return fmt::format("{} {} ({})", sign, value, margin);
}

bool has_radius(const std::string& metric) {
  return metric == "certified_accuracy" || metric == "per_class_certified_accuracy";
}

// Where the metric is measured: a radius, or a quantile.
std::string point_of(const Json& gate) {
  if (text(gate, "name") == "pa_quantile") {
    return fmt::format("{}", number(gate, "quantile").value_or(0.0));
  }
  const auto radius = number(gate, "radius");
  return radius && has_radius(text(gate, "name")) ? fmt::format("{:.2f}", *radius) : "";
}

// Only what was judged for good has the row of a threshold.
std::string threshold_of(const Json& gate) {
  const auto id = integer(gate, "threshold_id");
  return id ? "#" + grouped(id) : std::string();
}

}  // namespace

std::string render_gates(const Json& gates, const Style& style) {
  const std::vector<Column> columns = {
      {"GATE"},        {"METRIC"}, {"AT", true},       {"OBSERVED", true},
      {"BOUND", true}, {"NEEDS"},  {"COUNT", true, 1}, {"THRESHOLD", true, 2}};
  std::vector<std::vector<Cell>> rows;
  std::string notes;
  for (const Json& gate : gates) {
    const std::string metric = text(gate, "name");
    const auto count = integer(gate, "count");
    const auto examples = integer(gate, "examples");
    // A certification that ended early says nothing of this gate.
    const bool seen = is_applicable(gate) || examples.value_or(0) > 0;
    rows.push_back(
        {mark_of(gate),
         {metric},
         {point_of(gate)},
         {seen ? metric_value(metric, number(gate, "observed")) : ""},
         {is_applicable(gate) ? metric_value(metric, number(gate, "bound")) : ""},
         {needs_of(gate, style)},
         {seen && count && examples.value_or(0) > 0 ? grouped(count) + "/" + grouped(examples)
                                                    : ""},
         {threshold_of(gate), Tone::dim}});
    if (const std::string note = text(gate, "note"); !note.empty()) {
      const std::string line = printable(fmt::format("{}: {}", text(gate, "text"), note));
      for (const std::string& part : wrap(line, style.width)) notes += part + "\n";
    }
  }
  return render_table(columns, rows, style) + notes;
}

}  // namespace heirloom::cli
