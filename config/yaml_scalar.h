// What a plain scalar means, strictly: no octal, no `yes`, no infinity, nothing left over.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace heirloom::config {

// Decimal digits with an optional minus; no leading zeros.
std::optional<std::int64_t> whole_number(std::string_view text);
// A finite decimal number.
std::optional<double> decimal_number(std::string_view text);
// true or false.
std::optional<bool> truth_value(std::string_view text);
// A whole number and its unit: 200ms, 2s, 5min, 1h, 7d.
std::optional<std::chrono::milliseconds> duration_value(std::string_view text);

// yes, off, null and the like, which other readers of YAML take for something else than a text.
bool is_ambiguous_word(std::string_view text);

}  // namespace heirloom::config
