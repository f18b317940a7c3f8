#include "core/certificate/outputs.h"

#include <cmath>

#include <fmt/format.h>

#include "core/certificate/fields.h"

namespace heirloom::certificate {
namespace {

using base::ErrorKind;

constexpr std::string_view kHeader = "idx\tlabel\toutputs\tclass\thits";

base::Result<OutputRow> row_from(std::string_view line) {
  const std::vector<std::string_view> fields = split(line, '\t');
  if (fields.size() != 5) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("has {} columns instead of 5", fields.size()));
  }
  OutputRow row;
  HEIRLOOM_ASSIGN(row.index, number_from<std::uint32_t>("idx", fields[0]));
  HEIRLOOM_ASSIGN(row.label, number_from<std::int32_t>("label", fields[1]));
  for (const std::string_view item : split(fields[2], ',')) {
    HEIRLOOM_ASSIGN(const double output, number_from<double>("outputs", item));
    if (!(output >= 0.0 && output <= 1.001)) {
      return base::fail(ErrorKind::bad_data, fmt::format("has the output {}", item));
    }
    row.outputs.push_back(static_cast<float>(output));
  }
  HEIRLOOM_ASSIGN(row.selected, number_from<std::int32_t>("class", fields[3]));
  HEIRLOOM_ASSIGN(row.hits, number_from<std::uint32_t>("hits", fields[4]));
  const auto classes = static_cast<std::int32_t>(row.outputs.size());
  if (row.selected < -1 || row.selected >= classes) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("has class {} of {}", row.selected, classes));
  }
  return row;
}

}  // namespace

std::string outputs_to_tsv(std::span<const OutputRow> rows) {
  std::string text = fmt::format("{}\n", kHeader);
  for (const OutputRow& row : rows) {
    text += fmt::format("{}\t{}\t", row.index, row.label);
    for (std::size_t k = 0; k < row.outputs.size(); ++k) {
      text += fmt::format("{}{:.9g}", k == 0 ? "" : ",", row.outputs[k]);
    }
    text += fmt::format("\t{}\t{}\n", row.selected, row.hits);
  }
  return text;
}

base::Result<std::vector<OutputRow>> outputs_from_tsv(std::string_view text,
                                                      std::string_view origin) {
  return rows_from<OutputRow>(text, origin, kHeader, "no outputs of examples", &row_from);
}

}  // namespace heirloom::certificate
