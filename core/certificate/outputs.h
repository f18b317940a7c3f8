// What a smoothed classifier makes of single examples, for comparing two sets of them
// (docs/drift.md).
//
// As a file: a header line and one tab-separated row an example,
//   idx  label  outputs               class  hits
//   17   3      0.0125,0.9875,0,...   1      198
// `outputs` are the softmax outputs, a mean over the n0 draws that select the class; they have nine
// digits, which give the same float32 back. `hits` of n fresh draws were of that class.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace heirloom::certificate {

struct OutputRow {
  std::uint32_t index = 0;
  std::int32_t label = 0;
  std::vector<float> outputs;  // [classes]
  std::int32_t selected = -1;  // -1: no draw had a class
  std::uint32_t hits = 0;

  friend bool operator==(const OutputRow&, const OutputRow&) = default;
};

std::string outputs_to_tsv(std::span<const OutputRow> rows);
// An error names `origin` and the line.
base::Result<std::vector<OutputRow>> outputs_from_tsv(std::string_view text,
                                                      std::string_view origin);

}  // namespace heirloom::certificate
