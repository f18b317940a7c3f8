#include "core/arch/parameters.h"

#include <charconv>

#include <fmt/format.h>

#include "core/base/names.h"

namespace heirloom::arch {
namespace {

using base::ErrorKind;
using base::Result;

Result<std::int64_t> parse_integer(const jobs::ArchSpec& spec, const IntegerParameter& parameter,
                                   const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value < parameter.minimum ||
      value > parameter.maximum) {
    return base::fail(
        ErrorKind::usage,
        fmt::format("{} of {} is \"{}\", not an integer from {} to {}", parameter.name, spec.name,
                    text, parameter.minimum, parameter.maximum));
  }
  return value;
}

}  // namespace

std::string list_words(std::span<const std::string> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

Result<std::vector<std::int64_t>> parse_parameters(const jobs::ArchSpec& spec,
                                                   std::span<const IntegerParameter> known) {
  std::vector<std::int64_t> values;
  std::vector<std::string> names;
  for (const IntegerParameter& parameter : known) {
    values.push_back(parameter.default_value);
    names.push_back(parameter.name);
  }
  for (const auto& [name, text] : spec.parameters) {
    std::size_t at = 0;
    while (at < known.size() && known[at].name != name) ++at;
    if (at == known.size()) {
      const auto nearest = base::nearest_word(name, names);
      return base::fail(ErrorKind::usage,
                        fmt::format("{} has no parameter \"{}\"", spec.name, name),
                        nearest         ? fmt::format("did you mean {}?", *nearest)
                        : names.empty() ? fmt::format("{} takes no parameters", spec.name)
                                        : fmt::format("it has {}", list_words(names)));
    }
    HEIRLOOM_ASSIGN(values[at], parse_integer(spec, known[at], text));
  }
  return values;
}

}  // namespace heirloom::arch
