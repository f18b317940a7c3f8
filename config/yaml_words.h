// The words of which messages are made; private to config/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/schema.h"
#include "config/yaml_document.h"

namespace heirloom::config {

// What a message shows of a text of the user's: all of it if it is short, else its beginning.
std::string shortened(std::string_view text);
// What a value is instead of what it should be: `is a list`, `is "10" in quotes`, `has no value`.
std::string what_is(const YamlNode& node);
// "did you mean `epochs`?", or nothing when no candidate is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);
// "at least 1 and at most 20"
std::string range_text(const KeyRule& rule);
// "a whole number"
std::string type_text(const KeyRule& rule);
// As a person would write it: 1500ms, 90s, 5min.
std::string duration_text(double milliseconds);

}  // namespace heirloom::config
