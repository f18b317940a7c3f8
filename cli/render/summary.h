// What a certificate comes to: `heirloom certificate summary`.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

// `summary`: {"n", "acr", "abstain_rate", "certified_accuracy": {radius: share}, "form", "sigma",
// "confidence", "intervals": {"acr", "abstain_rate", "certified_accuracy": {radius: [lower,
// upper]}}, "proven_accuracy": {radius: share}, "per_class": {label: {"n", "certified_accuracy"}},
// "p_lower_quantiles": {share: bound}, "warnings"}. What is null or missing is left out.
std::string render_summary(const Json& summary, const Style& style);

}  // namespace heirloom::cli
