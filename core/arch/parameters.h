// The parameters of an architecture as users write them ("depth" -> "8"), parsed strictly.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

struct IntegerParameter {
  std::string name;
  std::int64_t default_value = 0;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
};

// The value of each of `known`, in that order. Errors (usage): a name that is not known, with the
// nearest that is; a value that is not a plain decimal integer in range.
base::Result<std::vector<std::int64_t>> parse_parameters(const jobs::ArchSpec& spec,
                                                         std::span<const IntegerParameter> known);

// "a, b or c", for messages.
std::string list_words(std::span<const std::string> words);

}  // namespace heirloom::arch
