// Lines, columns and numbers of tab-separated text, read strictly; private to core/certificate.
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace heirloom::certificate {

// All pieces between separators, empty ones included.
std::vector<std::string_view> split(std::string_view text, char separator);

// The whole of `text` as a number; an error names `column`.
template <typename Number>
base::Result<Number> number_from(std::string_view column, std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) {
    return base::fail(base::ErrorKind::bad_data, std::string(column) + " is \"" +
                                                     std::string(text.substr(0, 40)) +
                                                     "\", which is not such a number");
  }
  return value;
}

// Lines without their ends (LF or CRLF). A last line needs no newline.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next();
  std::size_t number() const { return number_; }  // of the line returned last, from 1

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

}  // namespace heirloom::certificate
