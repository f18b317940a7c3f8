#include "config/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <functional>
#include <set>

#include "config/policy_yaml.h"
#include "config/yaml_document.h"
#include "config/yaml_reader.h"
#include "core/jobs/setting_list.h"
#include "tests/config/corpus.h"

namespace heirloom::config {
namespace {

using testing::HasSubstr;

// "certify.n", "promote.acr.at_least", ... of everything under `rule`.
void collect(const KeyRule& rule, const std::string& path, std::set<std::string>& paths) {
  for (const KeyRule& key : rule.keys) {
    paths.insert(path + key.name);
    collect(key, path + key.name + ".", paths);
  }
}

void collect(const YamlNode& node, const std::string& path, std::set<std::string>& paths) {
  for (const auto& [key, value] : node.members) {
    paths.insert(path + key.text);
    collect(value, path + key.text + ".", paths);
    for (const YamlNode& item : value.items) collect(item, path + key.text + ".", paths);
  }
}

// YamlReader::done refuses a key that is written and in the schema but is not read, and rule_of one
// that is read but not in the schema. So files with every key between them that are read without an
// error show that the schema and the reader know the same keys. One is not enough: no method has
// every key.
TEST(PolicySchema, ListsExactlyTheKeysThatAreRead) {
  std::set<std::string> in_schema;
  collect(policy_rules(), "", in_schema);
  std::set<std::string> in_files;
  for (const auto& path : corpus("policy", ".good.yaml")) {
    if (!path.filename().string().starts_with("every_key")) continue;
    const std::string text = slurp(path);
    collect(parse_yaml(text, "f").value(), "", in_files);
    EXPECT_TRUE(policy_from_yaml(text, "f").has_value()) << path;
  }
  // The keys of a free map are the user's own.
  std::erase_if(in_files, [](const std::string& key) { return key.starts_with("bootstrap.set."); });
  EXPECT_EQ(in_files, in_schema);
}

// How the schema writes a value.
template <typename Field>
std::optional<std::string> written(const Field& field) {
  if constexpr (std::is_enum_v<Field>) {
    return std::string(jobs::to_string(field));
  } else if constexpr (std::is_arithmetic_v<Field>) {
    return nlohmann::json(field).dump();
  } else {
    return std::nullopt;  // lists have no default
  }
}

// Holds a setting's rule to its default and range in the structs; `choice` is the method, if the
// rule depends on one.
template <typename Field>
void expect_rule(const KeyRule* rule, const std::string& choice, const Field& field,
                 const jobs::Range& range) {
  ASSERT_NE(rule, nullptr);
  if (!rule->required) {
    const auto found = rule->default_for(choice);
    const auto number = [](const std::string& text) { return nlohmann::json::parse(text); };
    if constexpr (std::is_arithmetic_v<Field>) {
      ASSERT_TRUE(found.has_value()) << rule->name;
      EXPECT_EQ(number(*found), number(*written(field))) << choice << " " << rule->name;
    } else {
      EXPECT_EQ(found, written(field)) << choice << " " << rule->name;
    }
  }
  if constexpr (!std::is_same_v<Field, bool> && !std::is_enum_v<Field>) {
    EXPECT_EQ(range.above ? rule->above : rule->minimum, range.low) << rule->name;
    EXPECT_EQ(range.below ? rule->below : rule->maximum, range.high) << rule->name;
  }
}

TEST(PolicySchema, HasTheMethodsRangesAndDefaultsOfTheStructs) {
  const KeyRule& bootstrap = *policy_rules().find("bootstrap");
  std::set<std::string> listed;
  for (const std::string& name : bootstrap.find("method")->words) {
    auto method = jobs::method_called(name);
    ASSERT_TRUE(method.has_value()) << name;
    const auto check = [&](const char* key, const auto& field, const jobs::Range& range) {
      const KeyRule* rule = bootstrap.find(key);
      expect_rule(rule, name, field, range);
      EXPECT_TRUE(rule != nullptr && !rule->defaults.empty()) << key;
      listed.insert(name + "." + key);
    };
    std::visit([&](auto& settings) { jobs::for_each_setting(settings, check); }, *method);
  }
  for (const KeyRule& rule : bootstrap.keys) {
    for (const auto& [method, value] : rule.defaults) {
      EXPECT_TRUE(listed.contains(method + "." + rule.name)) << method << " " << rule.name;
    }
  }
}

TEST(PolicySchema, HasTheTrainingRangesAndDefaultsOfTheStructs) {
  jobs::TrainSettings settings;
  jobs::TransferMethod transfer;
  const auto check_under = [](const char* section) {
    return [section](const char* key, const auto& field, const jobs::Range& range) {
      expect_rule(policy_rules().find(section)->find(key), "", field, range);
    };
  };
  jobs::for_each_setting(settings, check_under("bootstrap"));
  jobs::for_each_setting(settings, check_under("transfer"));
  jobs::for_each_setting(transfer, check_under("transfer"));
}

TEST(YamlReader, ReportsAKeyOfTheSchemaThatIsNotRead) {
  const KeyRule rules = rules_from_schema(
      R"({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}})");
  const YamlNode root = parse_yaml("a: 1\nb: 2\n", "f").value();
  YamlProblem problem("f");
  YamlReader reader(root, rules, "", problem);
  EXPECT_EQ(reader.integer("a"), 1);
  reader.done();
  ASSERT_TRUE(problem.found());
  EXPECT_THAT(problem.error().message, HasSubstr("f:2:1: `b` is in the schema but is not read"));
}

TEST(YamlReader, ReportsAKeyThatIsReadButNotInTheSchema) {
  const KeyRule rules = rules_from_schema(R"({"type": "object", "properties": {}})");
  const YamlNode root = parse_yaml("{}", "f").value();
  YamlProblem problem("f");
  YamlReader reader(root, rules, "", problem);
  reader.integer("a");
  ASSERT_TRUE(problem.found());
  EXPECT_THAT(problem.error().message, HasSubstr("`a` is read but is not in the schema"));
}

TEST(PolicySchema, DescribesEveryKey) {
  const std::function<void(const KeyRule&)> visit = [&](const KeyRule& rule) {
    for (const KeyRule& key : rule.keys) {
      EXPECT_FALSE(key.description.empty()) << key.name;
      visit(key);
    }
  };
  visit(policy_rules());
  visit(settings_rules());
  visit(inbox_version_rules());
  visit(inbox_snapshot_rules());
}

TEST(PolicySchema, MarksWhatNeverChanges) {
  const KeyRule& rules = policy_rules();
  for (const char* key : {"model", "sigma"}) EXPECT_TRUE(rules.find(key)->immutable) << key;
  for (const char* key : {"shape", "classes"}) {
    EXPECT_TRUE(rules.find("input")->find(key)->immutable) << key;
  }
  EXPECT_FALSE(rules.find("confidence")->immutable);
}

TEST(PolicySchema, IsTheFileOfTheSourceTree) {
  const auto path =
      std::filesystem::path(HEIRLOOM_SHIPPED_POLICIES).parent_path() / "policy.schema.json";
  EXPECT_EQ(policy_schema_text(), slurp(path));
  const auto json = nlohmann::json::parse(policy_schema_text());
  EXPECT_EQ(json.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
}

TEST(Schema, CarriesTypesRangesAndDefaults) {
  const KeyRule& certify = *policy_rules().find("certify");
  const KeyRule& alpha = *certify.find("alpha");
  EXPECT_EQ(alpha.type, "number");
  EXPECT_EQ(alpha.above, 0.0);
  EXPECT_EQ(alpha.below, 0.5);
  EXPECT_EQ(alpha.default_text, "0.001");
  EXPECT_FALSE(alpha.required);
  EXPECT_TRUE(certify.find("n")->required);
  EXPECT_EQ(certify.find("n")->unit, "samples an example");
  EXPECT_EQ(policy_rules().find("drift")->find("tests")->words.size(), 5U);
  EXPECT_EQ(policy_rules().find("nothing"), nullptr);
}

TEST(Schema, ThatIsDamagedIsABugOfTheBuild) {
  EXPECT_THROW(rules_from_schema("{"), std::runtime_error);
  EXPECT_THROW(rules_from_schema(R"({"properties": {}})"), std::runtime_error);
}

}  // namespace
}  // namespace heirloom::config
