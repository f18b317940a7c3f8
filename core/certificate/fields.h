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

// The rows under `header`, each read by `row_from`; every line ends in a newline. Errors (bad_data)
// name `origin` and the line; `no_header` says what a file with another first line is not.
template <typename Row>
base::Result<std::vector<Row>> rows_from(std::string_view text, std::string_view origin,
                                         std::string_view header, std::string_view no_header,
                                         base::Result<Row> (*row_from)(std::string_view)) {
  const auto refuse = [&](const std::string& what) {
    return base::fail(base::ErrorKind::bad_data, std::string(origin) + ":" + what);
  };
  LineReader lines(text);
  const auto first = lines.next();
  if (!first || *first != header) return refuse("1: " + std::string(no_header));
  if (text.back() != '\n') return refuse(" ends in the middle of a row");
  std::vector<Row> rows;
  while (const auto line = lines.next()) {
    base::Result<Row> row = row_from(*line);
    if (!row) return refuse(std::to_string(lines.number()) + ": " + row.error().message);
    rows.push_back(*std::move(row));
  }
  return rows;
}

}  // namespace heirloom::certificate
