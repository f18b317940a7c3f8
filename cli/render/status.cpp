#include "cli/render/status.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/render/bar.h"
#include "cli/render/drift.h"
#include "cli/render/format.h"
#include "cli/render/table.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

// Names of facts are indented by two and followed by two blanks; "inspecting" is the longest.
constexpr std::size_t kValueAt = 14;

std::string joined(const Json& words) {
  std::string out;
  for (const Json& word : words) {
    if (!word.is_string()) continue;
    if (!out.empty()) out += ", ";
    out += word.get<std::string>();
  }
  return out;
}

struct Units {
  std::string_view position;
  std::string_view rate;
};

Units units_of(std::string_view stage) {
  if (stage == "train") return {" steps", " images/s"};
  if (stage == "certify" || stage == "attack" || stage == "drift")
    return {" examples", " samples/s"};
  return {"", "/s"};
}

// Bar and figures in one line; the figures that say least are left out when it is narrow.
std::string progress_line(const Json& running, const Style& style) {
  constexpr std::size_t kSmallestBar = 12;
  constexpr std::size_t kLargestBar = 32;
  const Units units = units_of(text(running, "stage"));
  const double total = number(running, "total").value_or(0);
  const double share = total > 0 ? number(running, "position").value_or(0) / total : 0.0;

  std::vector<std::string> figures = {fmt::format("{:3.0f}%", share * 100)};
  if (const auto eta = number(running, "eta_seconds")) figures.push_back("ETA " + duration(eta));
  figures.push_back(fmt::format("{}/{}{}", grouped(integer(running, "position")),
                                grouped(integer(running, "total")), units.position));
  if (const auto rate = number(running, "rate")) {
    figures.push_back(grouped(static_cast<std::int64_t>(*rate)) + std::string(units.rate));
  }
  if (const auto loss = number(running, "loss")) figures.push_back("loss " + decimal(loss));

  const std::size_t width = std::min<std::size_t>(style.width, 100);
  const std::size_t room = width > kValueAt ? width - kValueAt : 0;
  std::string after;
  for (const std::string& figure : figures) {
    if (kSmallestBar + after.size() + 2 + figure.size() > room) break;
    after += "  " + figure;
  }
  const std::size_t bar = room > after.size() ? room - after.size() : kSmallestBar;
  return progress_bar(share, std::min(bar, kLargestBar), style) + after;
}

Fact champion_fact(const Json& model) {
  const Json& champion = field(model, "champion");
  if (!champion.is_object()) return {"  champion", {"none yet", Tone::dim}};
  return {
      "  champion",
      {fmt::format("{} since {} ({})", text(champion, "generation"),
                   short_time(text(champion, "since")), short_hash(text(champion, "model_sha256"))),
       Tone::good}};
}

void add_running(std::vector<Fact>& facts, const Json& model, const Style& style) {
  const Json& running = field(model, "running");
  if (!running.is_object()) {
    facts.push_back({"  running", {"nothing", Tone::dim}});
    return;
  }
  std::string what = text(running, "generation") + " " + text(running, "state");
  const std::int64_t attempt = integer(running, "attempt").value_or(1);
  if (attempt > 1) what += fmt::format(" (attempt {})", attempt);
  facts.push_back({"  running", {what}});
  if (integer(running, "total").value_or(0) > 0) {
    facts.push_back({"", {progress_line(running, style)}});
  }
}

void add_waiting(std::vector<Fact>& facts, const Json& model) {
  const std::string queue = joined(items(model, "queue"));
  facts.push_back({"  queue", queue.empty() ? Cell{"empty", Tone::dim} : Cell{queue}});
  if (const std::string waiting = joined(items(model, "waiting_for_data")); !waiting.empty()) {
    facts.push_back({"  waiting", {waiting + ": no data yet (heirloom data add)", Tone::warn}});
  }
  for (const Json& registration : items(model, "registrations")) {
    facts.push_back(
        {text(registration, "state") == "inspecting" ? "  inspecting" : "  registered",
         {fmt::format("{} {} (registration {})", text(registration, "kind"),
                      text(registration, "name"), integer(registration, "id").value_or(0))}});
  }
}

void add_verdict(std::vector<Fact>& facts, const Json& model) {
  const Json& last = field(model, "last_verdict");
  if (!last.is_object()) {
    facts.push_back({"  verdict", {"none yet", Tone::dim}});
    return;
  }
  const std::string verdict = text(last, "verdict");
  facts.push_back(
      {"  verdict",
       {fmt::format("{} {}, {}", text(last, "generation"), verdict, short_time(text(last, "at"))),
        tone_of_state(verdict)}});
  if (const std::string reason = text(last, "reason"); !reason.empty()) {
    facts.push_back({"", {reason}});
  }
}

void add_holdout(std::vector<Fact>& facts, const Json& model) {
  const Json& holdout = field(model, "holdout");
  if (!holdout.is_object()) {
    facts.push_back({"  holdout", {"none yet", Tone::dim}});
    return;
  }
  const auto used = integer(holdout, "candidates_used");
  const auto allowed = integer(holdout, "candidates");
  const auto promoted = integer(holdout, "promotions_used");
  const auto promotable = integer(holdout, "promotions");
  std::string budget = fmt::format("{} of {} candidates and {} of {} promotions used, {} examples",
                                   grouped(used), grouped(allowed), grouped(promoted),
                                   grouped(promotable), grouped(integer(holdout, "examples")));
  if (const auto level = number(holdout, "next_level")) {
    budget += fmt::format(", next level {:.2g}", *level);
  }
  const bool spent = used >= allowed || promoted >= promotable;
  facts.push_back({"  holdout", {budget, spent ? Tone::warn : Tone::plain}});
}

void add_drift(std::vector<Fact>& facts, const Json& model) {
  const Json& drift = field(model, "drift");
  if (!drift.is_object()) return;
  const bool standing = flag(drift, "standing");
  facts.push_back(
      {"  drift", {drift_line(drift), standing ? Tone::bad : tone_of_band(text(drift, "band"))}});
}

void add_pause(std::vector<Fact>& facts, const Json& pause) {
  if (!pause.is_object()) return;
  facts.push_back({"  paused",
                   {fmt::format("by {} since {}: {}", text(pause, "actor"),
                                short_time(text(pause, "at")), text(pause, "reason")),
                    Tone::warn}});
}

std::string heading(const Json& model, const Style& style) {
  std::string shape;
  for (const Json& extent : items(model, "input")) {
    if (!shape.empty()) shape += "x";
    shape += extent.dump();
  }
  const std::string name = printable(text(model, "name"));
  const std::string rest = fmt::format(
      "  sigma {:.2f}, {}, {} classes, policy {}", number(model, "sigma").value_or(0), shape,
      integer(model, "classes").value_or(0), integer(model, "policy_version").value_or(0));
  const std::size_t taken = display_width(name);
  if (taken >= style.width)
    return paint(clip(name, style.width, style), Tone::strong, style) + "\n";
  return paint(name, Tone::strong, style) +
         paint(clip(printable(rest), style.width - taken, style), Tone::dim, style) + "\n";
}

// Nothing while the registry is what its chain recorded.
std::string audit_warning(const Json& audit, const Style& style) {
  const Json& bad = field(audit, "first_bad");
  if (!bad.is_object()) return "";
  std::string out = "\n";
  for (const std::string& part :
       wrap(printable("the audit chain is broken: " + text(bad, "message")), style.width)) {
    out += paint(part, Tone::bad, style) + "\n";
  }
  return out;
}

// Nothing while every layer is there; `off` was somebody's own choice, and is said too.
std::string sandbox_warning(const Json& sandbox, const Style& style) {
  const std::string missing = text(sandbox, "missing");
  if (missing.empty()) return "";
  const std::string words = fmt::format("workers run without {} (sandbox: {}, docs/sandbox.md)",
                                        missing, text(sandbox, "mode"));
  std::string out = "\n";
  for (const std::string& part : wrap(printable(words), style.width)) {
    out += paint(part, Tone::bad, style) + "\n";
  }
  return out;
}

}  // namespace

std::string render_status(const Json& status, const Style& style) {
  std::string out;
  for (const Json& model : items(status, "models")) {
    if (!out.empty()) out += "\n";
    std::vector<Fact> facts = {champion_fact(model)};
    add_pause(facts, field(model, "paused"));
    add_running(facts, model, style);
    add_waiting(facts, model);
    add_verdict(facts, model);
    add_holdout(facts, model);
    add_drift(facts, model);
    out += heading(model, style) + render_facts(facts, style);
  }
  if (out.empty()) {
    out = clip("no models yet: heirloom policy apply FILE creates one", style.width, style) + "\n";
  }
  std::vector<Fact> facts;
  add_pause(facts, field(status, "paused"));
  if (!facts.empty()) out = "everything\n" + render_facts(facts, style) + "\n" + out;
  out += audit_warning(field(status, "audit"), style);
  out += sandbox_warning(field(status, "sandbox"), style);
  return out;
}

}  // namespace heirloom::cli
