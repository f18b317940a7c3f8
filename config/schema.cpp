#include "config/schema.h"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "config/schema_texts.h"

namespace heirloom::config {
namespace {

using Json = nlohmann::json;

std::string type_of(const Json& schema) {
  const Json& type = schema.at("type");
  if (type.is_string()) return type.get<std::string>();
  std::string types;
  for (const Json& one : type) types += (types.empty() ? "" : " or ") + one.get<std::string>();
  return types;
}

std::optional<double> number_of(const Json& schema, const char* name) {
  const auto found = schema.find(name);
  if (found == schema.end()) return std::nullopt;
  return found->get<double>();
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<std::string> words_of(const Json& schema, const char* name) {
  std::vector<std::string> words;
  if (const auto found = schema.find(name); found != schema.end()) {
    for (const Json& word : *found) words.push_back(text_of(word));
  }
  return words;
}

KeyRule rule_from(const std::string& name, const Json& schema) {
  KeyRule rule;
  rule.name = name;
  rule.type = type_of(schema);
  rule.immutable = schema.value("x-immutable", false);
  rule.free_keys = schema.value("x-free-keys", false);
  const Json& content = rule.type == "array" ? schema.at("items") : schema;
  rule.minimum = number_of(content, "minimum");
  rule.maximum = number_of(content, "maximum");
  rule.above = number_of(content, "exclusiveMinimum");
  rule.below = number_of(content, "exclusiveMaximum");
  rule.words = words_of(content, "enum");
  if (schema.contains("default")) rule.default_text = text_of(schema.at("default"));
  if (const auto found = schema.find("x-defaults"); found != schema.end()) {
    for (const auto& [choice, value] : found->items()) {
      rule.defaults.emplace_back(choice, text_of(value));
    }
  }
  rule.unit = schema.value("x-unit", "");
  rule.description = schema.value("description", "");
  const std::vector<std::string> required = words_of(content, "required");
  if (const auto properties = content.find("properties"); properties != content.end()) {
    for (const auto& [key, value] : properties->items()) {
      rule.keys.push_back(rule_from(key, value));
      rule.keys.back().required =
          std::find(required.begin(), required.end(), key) != required.end();
    }
  }
  return rule;
}

}  // namespace

const KeyRule* KeyRule::find(std::string_view key) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const KeyRule& rule) { return rule.name == key; });
  return found == keys.end() ? nullptr : &*found;
}

bool KeyRule::belongs_to(std::string_view choice) const {
  return defaults.empty() || std::any_of(defaults.begin(), defaults.end(),
                                         [&](const auto& entry) { return entry.first == choice; });
}

std::optional<std::string> KeyRule::default_for(std::string_view choice) const {
  for (const auto& [owner, value] : defaults) {
    if (owner == choice) return value;
  }
  return default_text;
}

KeyRule rules_from_schema(std::string_view schema) {
  try {
    return rule_from("", Json::parse(schema));
  } catch (const Json::exception& error) {
    throw std::runtime_error(std::string("a schema of this build is damaged: ") + error.what());
  }
}

const KeyRule& policy_rules() {
  static const KeyRule kRules = rules_from_schema(kPolicySchema);
  return kRules;
}

const KeyRule& settings_rules() {
  static const KeyRule kRules = rules_from_schema(kSettingsSchema);
  return kRules;
}

const KeyRule& inbox_version_rules() {
  static const KeyRule kRules = rules_from_schema(kInboxVersionSchema);
  return kRules;
}

const KeyRule& inbox_snapshot_rules() {
  static const KeyRule kRules = rules_from_schema(kInboxSnapshotSchema);
  return kRules;
}

std::string_view policy_schema_text() {
  return kPolicySchema;
}

}  // namespace heirloom::config
