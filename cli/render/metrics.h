// The figures of a generation as columns that tables share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/json.h"

namespace heirloom::cli {

// The radii (as keys, "0.50") that a table with room for two shows: 0.50 and 1.00 where the
// generations have them, else their smallest above zero. `generations` is an array of objects
// with `metrics`.
std::vector<std::string> telling_radii(const Json& generations);

std::optional<double> metric(const Json& generation, std::string_view name);
std::optional<double> certified_at(const Json& generation, std::string_view radius_key);

// "resnet8 (resnet)", or the version alone when nothing is known about its architecture.
std::string version_with_arch(const Json& generation);

}  // namespace heirloom::cli
