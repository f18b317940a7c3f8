#include "cli/render/audit.h"

#include <vector>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/table.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

// "reason=too weak, version=2": short enough to scan; -o json has all of it.
std::string payload_text(const Json& payload, const Style& style) {
  constexpr std::size_t kLongest = 100;
  if (!payload.is_object()) return "";
  std::string out;
  for (const auto& [key, value] : payload.items()) {
    if (!out.empty()) out += ", ";
    out += key + "=";
    out += value.is_string() ? value.get<std::string>()
                             : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return clip(printable(out), kLongest, style);
}

}  // namespace

std::string render_audit_log(const Json& events, const Style& style) {
  std::vector<std::vector<Cell>> rows;
  for (const Json& event : events) {
    rows.push_back({{grouped(integer(event, "seq"))},
                    {short_time(text(event, "at"))},
                    {text(event, "actor")},
                    {text(event, "kind")},
                    {text(event, "model")},
                    {text(event, "generation")},
                    {payload_text(field(event, "payload"), style)},
                    {short_hash(text(event, "hash")), Tone::dim}});
  }
  return render_table({{"SEQ", true},
                       {"AT (UTC)", false, 2},
                       {"ACTOR", false, 1},
                       {"EVENT"},
                       {"MODEL"},
                       {"GENERATION"},
                       {"WHAT", false, 3},
                       {"HASH", false, 4}},
                      rows, style);
}

std::string render_audit_head(const Json& head, const Style& style) {
  const bool is_signed = !field(head, "envelope").is_null();
  return render_facts({{"event", {grouped(integer(head, "seq"))}},
                       {"at", {short_time(text(head, "at")) + " UTC"}},
                       {"hash", {text(head, "hash")}},
                       {"signed", {is_signed ? "yes" : "no"}}},
                      style);
}

std::string render_audit_check(const Json& check, const Style& style) {
  std::string line;
  if (flag(check, "ok")) {
    line =
        fmt::format("intact: {} events cover {} rows; head {}", grouped(integer(check, "events")),
                    grouped(integer(check, "rows")), text(check, "head"));
  } else {
    const Json& bad = field(check, "first_bad");
    line = fmt::format("broken: event {}", grouped(integer(bad, "seq")));
    if (const std::string table = text(bad, "table"); !table.empty()) {
      line += fmt::format(", table {}, row {}", table, grouped(integer(bad, "row")));
    }
    line += ": " + text(bad, "message");
  }
  std::string out;
  const Tone tone = flag(check, "ok") ? Tone::good : Tone::bad;
  for (const std::string& part : wrap(printable(line), style.width)) {
    out += paint(part, tone, style) + "\n";
  }
  return out;
}

}  // namespace heirloom::cli
