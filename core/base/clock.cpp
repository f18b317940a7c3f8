#include "core/base/clock.h"

#include <optional>

#include <fmt/chrono.h>

namespace heirloom::base {

std::chrono::system_clock::time_point SystemClock::wall() const {
  return std::chrono::system_clock::now();
}

std::chrono::steady_clock::time_point SystemClock::steady() const {
  return std::chrono::steady_clock::now();
}

std::string to_iso8601(std::chrono::system_clock::time_point time) {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(millis);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                     (millis - seconds).count());
}

namespace {

// Takes `digits` decimal digits from the front of `text`; nothing when they are not there.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int value = 0;
  if (text.size() < digits) return std::nullopt;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

// Milliseconds since midnight: hh:mm[:ss[.f...]][Z], all of `text`.
std::optional<std::chrono::milliseconds> take_time(std::string_view text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  std::chrono::milliseconds out = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (take(text, ':')) {
    const auto second = take_number(text, 2);
    if (!second || *second > 59) return std::nullopt;
    out += std::chrono::seconds(*second);
    if (take(text, '.')) {
      int scale = 100;
      std::size_t digits = 0;
      while (const auto digit = take_number(text, 1)) {
        out += std::chrono::milliseconds(*digit * scale);
        scale /= 10;
        ++digits;
      }
      if (digits == 0) return std::nullopt;
    }
  }
  take(text, 'Z');
  if (!text.empty()) return std::nullopt;
  return out;
}

}  // namespace

Result<std::chrono::system_clock::time_point> time_of(std::string_view text) {
  const auto bad = [whole = std::string(text)] {
    return fail(ErrorKind::usage, fmt::format("\"{}\" is no date or time", whole),
                "like 2026-11-24 or 2026-11-24T09:30, in UTC");
  };
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return bad();
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return bad();
  const auto day = take_number(text, 2);
  if (!day) return bad();
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return bad();
  std::chrono::milliseconds within{0};
  if (!text.empty()) {
    if (!take(text, 'T') && !take(text, ' ')) return bad();
    const auto time = take_time(text);
    if (!time) return bad();
    within = *time;
  }
  return std::chrono::sys_days(date) + within;
}

Result<std::string> parse_instant(std::string_view text) {
  HEIRLOOM_ASSIGN(const auto time, time_of(text));
  return to_iso8601(time);
}

}  // namespace heirloom::base
