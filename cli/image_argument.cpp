#include "cli/image_argument.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace heirloom::cli {
namespace {

std::optional<std::uint32_t> whole_number(std::string_view word) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

base::Result<ImageArgument> parse_image_argument(const std::string& argument) {
  const std::size_t mark = argument.rfind('#');
  std::error_code ignored;
  if (mark == std::string::npos || std::filesystem::exists(argument, ignored)) {
    return ImageArgument{argument};
  }
  const std::string_view range = std::string_view(argument).substr(mark + 1);
  const std::size_t dash = range.find('-');
  const auto first = whole_number(range.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : whole_number(range.substr(dash + 1));
  if (!first || !last || *last < *first) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("{}: \"{}\" is no image number and no range", argument, range),
                      "FILE#3 is the fourth image of an IDX file, FILE#0-9 are the first ten");
  }
  return ImageArgument{argument.substr(0, mark), *first, std::uint64_t{*last} - *first + 1};
}

}  // namespace heirloom::cli
