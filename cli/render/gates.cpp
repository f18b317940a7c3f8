#include "cli/render/gates.h"

#include <vector>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/table.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

// A gate's name is its threshold in words: "certified_accuracy at 0.50 at least champion - 0.02".
struct Words {
  std::string metric;
  std::string radius;  // "" where the metric has none
  bool at_most = false;
  std::string needed;  // "0.90", "champion - 0.02"
};

Words words_of(const std::string& name) {
  Words words;
  std::string left = name;
  for (const std::string_view comparison : {" at least ", " at most "}) {
    const std::size_t at = name.find(comparison);
    if (at == std::string::npos) continue;
    left = name.substr(0, at);
    words.needed = name.substr(at + comparison.size());
    words.at_most = comparison == " at most ";
    break;
  }
  const std::size_t at = left.find(" at ");
  words.metric = left.substr(0, at);
  if (at != std::string::npos) words.radius = left.substr(at + 4);
  return words;
}

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

std::string needs_of(const Json& gate, const Words& words, const Style& style) {
  const std::string sign =
      words.at_most ? (style.unicode ? "≤" : "<=") : (style.unicode ? "≥" : ">=");
  const std::string value = metric_value(words.metric, number(gate, "threshold"));
  const bool relative = !words.needed.empty() && (words.needed[0] < '0' || words.needed[0] > '9');
  if (!relative) return fmt::format("{} {}", sign, value);
  // What the baseline comes to is known only where there is one.
  if (!is_applicable(gate)) return fmt::format("{} {}", sign, words.needed);
  return fmt::format("{} {} ({})", sign, value, words.needed);
}

}  // namespace

std::string render_gates(const Json& gates, const Style& style) {
  const std::vector<Column> columns = {
      {"GATE"},        {"METRIC"}, {"AT", true},       {"OBSERVED", true},
      {"BOUND", true}, {"NEEDS"},  {"COUNT", true, 1}, {"THRESHOLD", true, 2}};
  std::vector<std::vector<Cell>> rows;
  std::string notes;
  for (const Json& gate : gates) {
    const Words words = words_of(text(gate, "name"));
    const auto count = integer(gate, "count");
    const auto examples = integer(gate, "examples");
    rows.push_back({mark_of(gate),
                    {words.metric},
                    {words.radius},
                    {metric_value(words.metric, number(gate, "observed"))},
                    {metric_value(words.metric, number(gate, "bound"))},
                    {needs_of(gate, words, style)},
                    {count && examples ? grouped(count) + "/" + grouped(examples) : ""},
                    {fmt::format("#{}", grouped(integer(gate, "threshold_id"))), Tone::dim}});
    if (const std::string note = text(gate, "note"); !note.empty()) {
      const std::string line = printable(fmt::format("{}: {}", text(gate, "name"), note));
      for (const std::string& part : wrap(line, style.width)) notes += part + "\n";
    }
  }
  return render_table(columns, rows, style) + notes;
}

}  // namespace heirloom::cli
