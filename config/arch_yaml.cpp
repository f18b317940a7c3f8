#include "config/arch_yaml.h"

#include <utility>

#include <fmt/format.h>

#include "config/yaml_words.h"
#include "core/jobs/architectures.h"

namespace heirloom::config {

jobs::ArchSpec read_arch(YamlReader& reader, const char* arch_key) {
  jobs::ArchSpec arch{reader.text(arch_key), {}};
  if (const auto known = jobs::arch_values(arch); !known) {
    reader.report(arch_key,
                  fmt::format("`{}` is \"{}\", which is no built-in architecture",
                              reader.path_of(arch_key), shortened(arch.name)),
                  known.error().hint);
  }
  for (const auto& [key, value] : reader.free_map("set")) {
    // One at a time, to tell which of them is wrong.
    const auto known = jobs::arch_values({arch.name, {{key.text, value.text}}});
    if (!known) {
      reader.problem().report(key.place,
                              fmt::format("`{}`: {}", reader.path_of("set"), known.error().message),
                              known.error().hint);
    }
    arch.parameters[key.text] = value.text;
  }
  return arch;
}

}  // namespace heirloom::config
