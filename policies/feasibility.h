// What a gate asks for in examples, before anything runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "policies/policy.h"

namespace heirloom::policies {

// A gate in its setting: everything that decides what it asks for.
struct Question {
  Threshold threshold;
  double level = 0.0;
  double alpha = 0.0;    // per example
  double ceiling = 0.0;  // of the certified radius
  std::int64_t classes = 0;
};

// Whether a model that certifies each of `examples` at the ceiling passes; for a relative gate,
// against a baseline that does the same.
bool perfect_model_passes(const Question& question, std::uint64_t examples);

// The fewest examples with which it does. None when ten million are too few.
std::optional<std::uint64_t> examples_needed(const Question& question);

// What the gate's metric must be for it to pass nine times in ten: the share of the population that
// is certified (of every class alike, for a per-class gate), at most for abstentions. Of a relative
// gate: the share of the examples on which this generation and an equally good baseline may
// disagree. None where no share does, and for gates that are not on a share.
std::optional<double> share_that_passes(const Question& question, std::uint64_t examples);

// "from 731 of 1000": what passes at the question's level. For people.
std::string passing_text(const Question& question, std::uint64_t examples);

}  // namespace heirloom::policies
