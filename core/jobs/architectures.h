// The built-in architectures by name and parameter: the one list. core/arch builds the networks,
// `heirloom architectures` prints the list, and a test holds docs/architectures.md to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/jobs/model_spec.h"

namespace heirloom::jobs {

// A whole number out of minimum, minimum + step, ..., maximum; or a word out of `words`, whose
// value is its place among them.
struct ArchParameter {
  std::string_view name;
  std::string_view meaning;
  std::int64_t default_value = 0;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  std::int64_t step = 1;
  std::vector<std::string_view> words{};

  bool is_word() const { return !words.empty(); }
  std::string default_text() const;
  std::string range_text() const;  // "1 to 1024", "8, 14, 20, ..., 1202", "basic or bottleneck"
};

struct Architecture {
  std::string_view name;
  std::string_view summary;
  std::vector<ArchParameter> parameters;
};

const std::vector<Architecture>& architectures();  // sorted by name

// The value of every parameter of one architecture.
class ArchValues {
 public:
  explicit ArchValues(const Architecture& architecture);
  // `parameter` is one of the architecture's; any other is a bug, and throws.
  std::int64_t operator[](std::string_view parameter) const {
    return values_.at(position(parameter));
  }
  void set(std::string_view parameter, std::int64_t value) {
    values_.at(position(parameter)) = value;
  }

 private:
  std::size_t position(std::string_view parameter) const;

  const Architecture* architecture_;
  std::vector<std::int64_t> values_;
};

// What the user wrote, or the defaults. Errors (usage): an architecture or a parameter that is not
// known, with the nearest that is; a value that is no plain decimal integer or word of the range.
base::Result<ArchValues> arch_values(const ArchSpec& spec);

}  // namespace heirloom::jobs
