#include "cli/render/metrics.h"

#include <algorithm>
#include <set>

namespace heirloom::cli {
namespace {

const Json& accuracies(const Json& generation) {
  return field(field(generation, "metrics"), "certified_accuracy");
}

}  // namespace

std::vector<std::string> telling_radii(const Json& generations) {
  std::set<std::string> known;
  for (const Json& generation : generations) {
    const Json& shares = accuracies(generation);
    if (!shares.is_object()) continue;
    for (const auto& [radius, share] : shares.items()) known.insert(radius);
  }
  known.erase("0.00");  // that is clean accuracy
  std::vector<std::string> radii;
  for (const char* usual : {"0.50", "1.00"}) {
    if (known.count(usual) > 0) radii.emplace_back(usual);
  }
  if (radii.empty() && !known.empty()) radii.push_back(*known.begin());
  return radii;
}

std::optional<double> metric(const Json& generation, std::string_view name) {
  return number(field(generation, "metrics"), name);
}

std::optional<double> certified_at(const Json& generation, std::string_view radius_key) {
  return number(accuracies(generation), radius_key);
}

std::string version_with_arch(const Json& generation) {
  const std::string version = text(generation, "version");
  const std::string arch = text(generation, "arch");
  return arch.empty() || arch == version ? version : version + " (" + arch + ")";
}

}  // namespace heirloom::cli
