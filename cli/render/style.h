// How something is drawn: room, colour, and whether lines and bars may be Unicode.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace heirloom::cli {

inline constexpr std::size_t kUnlimitedWidth = std::numeric_limits<std::size_t>::max();

struct Style {
  std::size_t width = kUnlimitedWidth;  // columns of a line
  bool colour = false;
  bool unicode = true;
};

enum class Tone { plain, strong, dim, good, bad, warn };

// `text` in the colour of `tone`, or as it is when the style has no colour.
std::string paint(std::string_view text, Tone tone, const Style& style);

// Of a state or a verdict: promoted is good, rejected and failed are bad, held asks for a person.
Tone tone_of_state(std::string_view state);

}  // namespace heirloom::cli
