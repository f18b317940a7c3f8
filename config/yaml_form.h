// The form of a YAML file, line by line, before the parser sees it; private to config/.
//
// yaml-cpp takes more than it should (a quote that never ends, `%` lines, `! x` and `!<?> x`), and
// where it refuses, it often points to where it gave up, lines after the mistake. So what is not
// allowed at all is found here, and so are brackets, quotes, commas and colons that do not fit,
// where they stand. What the file means is the parser's to say.
#pragma once

#include <optional>

#include "config/yaml_source.h"

namespace heirloom::config {

std::optional<Refusal> check_form(const YamlSource& source);

}  // namespace heirloom::config
