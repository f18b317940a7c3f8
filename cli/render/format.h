// Numbers, times and hashes in the short forms that people read. What is not known is "-".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heirloom::cli {

std::string percent(std::optional<double> share);  // 0.934 -> "93.4%"
std::string decimal(std::optional<double> value);  // 0.61 -> "0.610"
// By the metric's name: ACR is a length and shown as a decimal, the others are shares.
std::string metric_value(std::string_view metric, std::optional<double> value);
std::string grouped(std::optional<std::int64_t> count);  // 600000 -> "600,000"
std::string duration(std::optional<double> seconds);     // "31.2s", "2m 05s", "1h 03m"
// "2026-11-24T09:30:00.000Z" -> "2026-11-24 09:30"; UTC, as the column titles say.
std::string short_time(std::string_view iso8601);
std::string short_hash(std::string_view hex);  // its first 12 digits
std::string or_dash(std::string text);

}  // namespace heirloom::cli
