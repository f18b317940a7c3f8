#include "cli/render/changes.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

const Json& model_named(const Json& status, const std::string& name) {
  static const Json null;
  for (const Json& model : items(status, "models")) {
    if (text(model, "name") == name) return model;
  }
  return null;
}

bool contains(const Json& list, const Json& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

const Json* registration_with(const Json& model, std::int64_t id) {
  for (const Json& registration : items(model, "registrations")) {
    if (integer(registration, "id") == id) return &registration;
  }
  return nullptr;
}

std::int64_t tenth_of(const Json& running) {
  const double total = number(running, "total").value_or(0);
  if (total <= 0) return 0;
  return static_cast<std::int64_t>(number(running, "position").value_or(0) / total * 10);
}

bool same_step(const Json& a, const Json& b) {
  for (const char* key : {"generation", "state", "stage", "attempt"}) {
    if (field(a, key) != field(b, key)) return false;
  }
  return true;
}

std::string running_change(const Json& before, const Json& now) {
  if (!now.is_object()) return "";
  const bool same = before.is_object() && same_step(before, now);
  if (same && tenth_of(before) == tenth_of(now)) return "";
  std::string line = text(now, "generation") + " " + text(now, "state");
  const std::int64_t attempt = integer(now, "attempt").value_or(1);
  if (attempt > 1) line += fmt::format(", attempt {}", attempt);
  if (tenth_of(now) > 0) line += fmt::format(", {}%", tenth_of(now) * 10);
  if (const auto eta = number(now, "eta_seconds"); eta && tenth_of(now) > 0) {
    line += ", ETA " + duration(eta);
  }
  return line;
}

void add_model_changes(std::vector<std::string>& lines, const Json& before, const Json& now) {
  const std::string name = text(now, "name");
  const auto say = [&](const std::string& what) {
    if (!what.empty()) lines.push_back(printable(name + ": " + what));
  };
  for (const Json& registration : items(now, "registrations")) {
    const auto id = integer(registration, "id");
    if (id && registration_with(before, *id) == nullptr) {
      say(fmt::format("{} {} {}", text(registration, "state"), text(registration, "kind"),
                      text(registration, "name")));
    }
  }
  for (const Json& version : items(now, "waiting_for_data")) {
    if (version.is_string() && !contains(items(before, "waiting_for_data"), version)) {
      say(version.get<std::string>() + " waits for data");
    }
  }
  for (const Json& generation : items(now, "queue")) {
    if (generation.is_string() && !contains(items(before, "queue"), generation)) {
      say(generation.get<std::string>() + " queued");
    }
  }
  const Json& verdict = field(now, "last_verdict");
  if (verdict.is_object() && verdict != field(before, "last_verdict")) {
    say(fmt::format("{} {}: {}", text(verdict, "generation"), text(verdict, "verdict"),
                    text(verdict, "reason")));
  }
  const std::string champion = text(field(now, "champion"), "generation");
  if (!champion.empty() && champion != text(field(before, "champion"), "generation")) {
    say("champion is " + champion);
  }
  say(running_change(field(before, "running"), field(now, "running")));
}

}  // namespace

bool is_busy(const Json& status) {
  for (const Json& model : items(status, "models")) {
    if (field(model, "running").is_object() || !items(model, "queue").empty()) return true;
    for (const Json& registration : items(model, "registrations")) {
      if (text(registration, "state") == "inspecting") return true;
    }
  }
  return false;
}

std::vector<std::string> status_changes(const Json& before, const Json& now) {
  std::vector<std::string> lines;
  for (const Json& model : items(now, "models")) {
    add_model_changes(lines, model_named(before, text(model, "name")), model);
  }
  return lines;
}

std::vector<std::int64_t> ended_registrations(const Json& before, const Json& now) {
  std::vector<std::int64_t> ended;
  for (const Json& model : items(before, "models")) {
    const Json& later = model_named(now, text(model, "name"));
    for (const Json& registration : items(model, "registrations")) {
      const auto id = integer(registration, "id");
      if (id && registration_with(later, *id) == nullptr) ended.push_back(*id);
    }
  }
  return ended;
}

}  // namespace heirloom::cli
