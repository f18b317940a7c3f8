// Raw Monte-Carlo counts: the worker's evidence, from which every bound is recomputed.
//
// As a file: a header line and one tab-separated row an example,
//   idx  label  select        estimate
//   17   3      0,0,0,100,0   0,1,0,999,0
// Counts are per class; draws whose largest logit was tied belong to no class, so that a row sums
// to at most n0 (select) or n (estimate). "-" where n0 is 0. The modes that stop early have a fifth
// column, `stops`: for each question draws:hits at the look that decided it, as in 96:96,1520:1494
// (core/certificate/stopping.h says which questions); `estimate` then counts up to the last of
// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace heirloom::certificate {

struct Stop {
  std::uint32_t draws = 0;
  std::uint32_t hits = 0;  // draws of the class in question

  friend bool operator==(const Stop&, const Stop&) = default;
};

struct ExampleCounts {
  std::uint32_t index = 0;  // into the holdout
  std::int32_t label = 0;
  std::vector<std::uint32_t> select;    // [classes], of n0 draws; empty when n0 is 0
  std::vector<std::uint32_t> estimate;  // [classes], of n fresh draws, or up to the last stop
  std::vector<Stop> stops = {};         // empty in exact mode

  friend bool operator==(const ExampleCounts&, const ExampleCounts&) = default;
};

std::string counts_row(const ExampleCounts& example);  // with its newline
std::string counts_to_tsv(const std::vector<ExampleCounts>& examples);
// One row without its newline; an error names what is wrong with it.
base::Result<ExampleCounts> counts_from_row(std::string_view row);
// A whole file; an error names `origin` and the line.
base::Result<std::vector<ExampleCounts>> counts_from_tsv(std::string_view text,
                                                         std::string_view origin);

}  // namespace heirloom::certificate
