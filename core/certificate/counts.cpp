#include "core/certificate/counts.h"

#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/certificate/fields.h"

namespace heirloom::certificate {
namespace {

constexpr std::string_view kHeader = "idx\tlabel\tselect\testimate";

base::Result<std::vector<std::uint32_t>> counts_from_field(std::string_view name,
                                                           std::string_view text) {
  std::vector<std::uint32_t> counts;
  for (const std::string_view item : split(text, ',')) {
    HEIRLOOM_ASSIGN(const std::uint32_t count, number_from<std::uint32_t>(name, item));
    counts.push_back(count);
  }
  return counts;
}

}  // namespace

std::string counts_header() {
  return fmt::format("{}\n", kHeader);
}

std::string counts_row(const ExampleCounts& example) {
  return fmt::format("{}\t{}\t{}\t{}\n", example.index, example.label,
                     fmt::join(example.select, ","), fmt::join(example.estimate, ","));
}

std::string counts_to_tsv(const std::vector<ExampleCounts>& examples) {
  std::string text = counts_header();
  for (const ExampleCounts& example : examples) text += counts_row(example);
  return text;
}

base::Result<ExampleCounts> counts_from_row(std::string_view row) {
  const std::vector<std::string_view> fields = split(row, '\t');
  if (fields.size() != 4) {
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("has {} columns instead of 4", fields.size()));
  }
  ExampleCounts example;
  HEIRLOOM_ASSIGN(example.index, number_from<std::uint32_t>("idx", fields[0]));
  HEIRLOOM_ASSIGN(example.label, number_from<std::int32_t>("label", fields[1]));
  if (example.label < 0) return base::fail(base::ErrorKind::bad_data, "label is negative");
  HEIRLOOM_ASSIGN(example.select, counts_from_field("select", fields[2]));
  HEIRLOOM_ASSIGN(example.estimate, counts_from_field("estimate", fields[3]));
  if (example.select.size() != example.estimate.size()) {
    return base::fail(base::ErrorKind::bad_data, "select and estimate differ in classes");
  }
  return example;
}

base::Result<std::vector<ExampleCounts>> counts_from_tsv(std::string_view text,
                                                         std::string_view origin) {
  std::vector<ExampleCounts> examples;
  LineReader lines(text);
  if (const auto header = lines.next(); !header || *header != kHeader) {
    return base::fail(
        base::ErrorKind::bad_data,
        fmt::format("{}:1: not a file of counts (idx, label, select, estimate)", origin));
  }
  // A row is evidence only when it was written whole, to its newline.
  if (text.back() != '\n') {
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("{}: ends in the middle of a row", origin));
  }
  while (const auto line = lines.next()) {
    auto example = counts_from_row(*line);
    if (!example.has_value()) {
      return base::fail(base::ErrorKind::bad_data,
                        fmt::format("{}:{}: {}", origin, lines.number(), example.error().message));
    }
    examples.push_back(*std::move(example));
  }
  return examples;
}

}  // namespace heirloom::certificate
