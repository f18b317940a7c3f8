// Reads a built-in architecture and its parameters; private to config/.
#pragma once

#include "config/yaml_reader.h"
#include "core/jobs/model_spec.h"

namespace heirloom::config {

// The architecture named under `arch_key` with the parameters in the map under `set`. One that
// does not exist, or cannot be built so, is reported where it stands.
jobs::ArchSpec read_arch(YamlReader& reader, const char* arch_key);

}  // namespace heirloom::config
