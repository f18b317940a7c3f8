#include "core/certificate/counts.h"

#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/certificate/fields.h"

namespace heirloom::certificate {
namespace {

constexpr std::string_view kHeader = "idx\tlabel\tselect\testimate";
constexpr std::string_view kStopsHeader = "idx\tlabel\tselect\testimate\tstops";
constexpr std::string_view kNone = "-";

base::Result<std::vector<std::uint32_t>> counts_from_field(std::string_view name,
                                                           std::string_view text) {
  std::vector<std::uint32_t> counts;
  if (text == kNone) return counts;
  for (const std::string_view item : split(text, ',')) {
    HEIRLOOM_ASSIGN(const std::uint32_t count, number_from<std::uint32_t>(name, item));
    counts.push_back(count);
  }
  return counts;
}

std::string field_from_counts(const std::vector<std::uint32_t>& counts) {
  return counts.empty() ? std::string(kNone) : fmt::format("{}", fmt::join(counts, ","));
}

base::Result<std::vector<Stop>> stops_from_field(std::string_view text) {
  std::vector<Stop> stops;
  for (const std::string_view item : split(text, ',')) {
    const std::vector<std::string_view> pair = split(item, ':');
    if (pair.size() != 2) {
      return base::fail(base::ErrorKind::bad_data, "stops are not pairs of draws:hits");
    }
    Stop stop;
    HEIRLOOM_ASSIGN(stop.draws, number_from<std::uint32_t>("draws of stops", pair[0]));
    HEIRLOOM_ASSIGN(stop.hits, number_from<std::uint32_t>("hits of stops", pair[1]));
    stops.push_back(stop);
  }
  return stops;
}

}  // namespace

std::string counts_row(const ExampleCounts& example) {
  std::string row =
      fmt::format("{}\t{}\t{}\t{}", example.index, example.label, field_from_counts(example.select),
                  field_from_counts(example.estimate));
  const char* separator = "\t";
  for (const Stop& stop : example.stops) {
    row += fmt::format("{}{}:{}", separator, stop.draws, stop.hits);
    separator = ",";
  }
  return row + "\n";
}

std::string counts_to_tsv(const std::vector<ExampleCounts>& examples) {
  const bool stops = !examples.empty() && !examples.front().stops.empty();
  std::string text = fmt::format("{}\n", stops ? kStopsHeader : kHeader);
  for (const ExampleCounts& example : examples) text += counts_row(example);
  return text;
}

base::Result<ExampleCounts> counts_from_row(std::string_view row) {
  const std::vector<std::string_view> fields = split(row, '\t');
  if (fields.size() != 4 && fields.size() != 5) {
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("has {} columns instead of 4 or 5", fields.size()));
  }
  ExampleCounts example;
  HEIRLOOM_ASSIGN(example.index, number_from<std::uint32_t>("idx", fields[0]));
  HEIRLOOM_ASSIGN(example.label, number_from<std::int32_t>("label", fields[1]));
  if (example.label < 0) return base::fail(base::ErrorKind::bad_data, "label is negative");
  HEIRLOOM_ASSIGN(example.select, counts_from_field("select", fields[2]));
  HEIRLOOM_ASSIGN(example.estimate, counts_from_field("estimate", fields[3]));
  if (!example.select.empty() && example.select.size() != example.estimate.size()) {
    return base::fail(base::ErrorKind::bad_data, "select and estimate differ in classes");
  }
  if (fields.size() == 5) {
    HEIRLOOM_ASSIGN(example.stops, stops_from_field(fields[4]));
  }
  return example;
}

base::Result<std::vector<ExampleCounts>> counts_from_tsv(std::string_view text,
                                                         std::string_view origin) {
  std::vector<ExampleCounts> examples;
  LineReader lines(text);
  const auto header = lines.next();
  if (!header || (*header != kHeader && *header != kStopsHeader)) {
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
    if (example->stops.empty() != (*header == kHeader)) {
      return base::fail(
          base::ErrorKind::bad_data,
          fmt::format("{}:{}: its columns are not those of the header", origin, lines.number()));
    }
    examples.push_back(*std::move(example));
  }
  return examples;
}

}  // namespace heirloom::certificate
