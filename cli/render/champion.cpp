#include "cli/render/champion.h"

#include <vector>

#include "cli/render/format.h"
#include "cli/render/table.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

// "verdict", "approval by uid:1000", "rollback by uid:1000"
std::string act_text(const Json& champion) {
  const std::string act = text(champion, "act");
  if (act.empty() || act == "verdict") return act;
  return act + " by " + text(champion, "actor");
}

}  // namespace

std::string render_champion(const Json& champion, const Style& style) {
  std::vector<Fact> facts = {{"generation", {text(champion, "generation"), Tone::good}}};
  if (const std::string at = text(champion, "at"); !at.empty()) {
    facts.push_back({"at", {short_time(at) + " UTC"}});
  }
  facts.push_back({"since", {short_time(text(champion, "since")) + " UTC"}});
  if (const std::string until = text(champion, "until"); !until.empty()) {
    facts.push_back({"until", {short_time(until) + " UTC"}});
  }
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) facts.push_back({name, {printable(value)}});
  };
  add("by", act_text(champion));
  add("reason", text(champion, "reason"));
  if (flag(champion, "barred")) facts.push_back({"barred", {"since then", Tone::bad}});
  add("model", text(champion, "model_sha256"));
  add("path", text(champion, "path"));
  return render_facts(facts, style);
}

std::string render_champion_history(const Json& champions, const Style& style) {
  std::vector<std::vector<Cell>> rows;
  for (const Json& row : champions) {
    const std::string until = text(row, "until");
    const bool barred = flag(row, "barred");
    rows.push_back({{text(row, "generation"), until.empty() ? Tone::good : Tone::plain},
                    {short_time(text(row, "since"))},
                    {until.empty() ? "now" : short_time(until)},
                    {act_text(row)},
                    {barred ? "barred" : "", Tone::bad},
                    {printable(text(row, "reason"))}});
  }
  return render_table({{"GENERATION"},
                       {"SINCE (UTC)"},
                       {"UNTIL (UTC)"},
                       {"BY", false, 2},
                       {"", false, 1},
                       {"REASON", false, 3}},
                      rows, style);
}

}  // namespace heirloom::cli
