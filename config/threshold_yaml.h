// Reads one line of `promote:`; private to config/.
#pragma once

#include "config/yaml_reader.h"
#include "policies/policy.h"

namespace heirloom::config {

// One map that names one metric, with dry_run beside it. Errors go to the reader's problem.
policies::Threshold read_threshold(YamlReader line);

}  // namespace heirloom::config
