// `drift:` and `schedule:` of a policy.
#pragma once

#include <vector>

#include "config/yaml_reader.h"
#include "policies/policy.h"

namespace heirloom::config {

// `gates` and `sigma` give the radius where none is written.
policies::DriftSettings read_drift(YamlReader reader, const std::vector<policies::Threshold>& gates,
                                   double sigma);
policies::Schedule read_schedule(YamlReader reader);

}  // namespace heirloom::config
