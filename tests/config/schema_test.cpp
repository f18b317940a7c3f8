#include "config/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <functional>
#include <set>

#include "config/policy_yaml.h"
#include "config/yaml_document.h"
#include "config/yaml_reader.h"
#include "tests/config/corpus.h"

namespace heirloom::config {
namespace {

using testing::HasSubstr;

// "certify.n", "promote.acr.at_least", ... of everything under `rule`.
void collect(const KeyRule& rule, const std::string& path, std::set<std::string>& paths) {
  for (const KeyRule& key : rule.keys) {
    if (!key.available) continue;
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
// that is read but not in the schema. So a file with every key that is read without an error shows
// that the schema and the reader know the same keys.
TEST(PolicySchema, ListsExactlyTheKeysThatAreRead) {
  const std::string text =
      slurp(std::filesystem::path(HEIRLOOM_CONFIG_DATA) / "policy" / "every_key.good.yaml");
  std::set<std::string> in_schema;
  collect(policy_rules(), "", in_schema);
  std::set<std::string> in_file;
  collect(parse_yaml(text, "f").value(), "", in_file);
  EXPECT_EQ(in_file, in_schema);
  EXPECT_TRUE(policy_from_yaml(text, "f").has_value());
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
  EXPECT_THAT(policy_rules().find("approval")->later_words, testing::ElementsAre("manual"));
  EXPECT_FALSE(policy_rules().find("drift")->available);
  EXPECT_EQ(policy_rules().find("nothing"), nullptr);
}

TEST(Schema, ThatIsDamagedIsABugOfTheBuild) {
  EXPECT_THROW(rules_from_schema("{"), std::runtime_error);
  EXPECT_THROW(rules_from_schema(R"({"properties": {}})"), std::runtime_error);
}

}  // namespace
}  // namespace heirloom::config
