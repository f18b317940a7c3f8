// Every value of the files that have every key, made wrong in turn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "config/inbox_yaml.h"
#include "config/policy_yaml.h"
#include "config/settings.h"
#include "config/yaml_document.h"
#include "tests/config/corpus.h"

namespace heirloom::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// As JSON, but for plain scalars. `marked` is written as `wrong` instead.
std::string written(const YamlNode& node, const YamlNode* marked, const std::string& wrong) {
  if (&node == marked) return wrong;
  std::string text;
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "~";
    case YamlNode::Kind::scalar:
      return node.quoted ? "\"" + node.text + "\"" : node.text;
    case YamlNode::Kind::list:
      for (const YamlNode& item : node.items) {
        text += (text.empty() ? "" : ", ") + written(item, marked, wrong);
      }
      return "[" + text + "]";
    case YamlNode::Kind::map:
      for (const auto& [key, value] : node.members) {
        text += (text.empty() ? "" : ", ") + key.text + ": " + written(value, marked, wrong);
      }
      return "{" + text + "}";
  }
  return text;
}

using Visit = std::function<void(const std::string& key, const YamlNode& value)>;

void visit_values(const YamlNode& node, const Visit& visit) {
  for (const YamlNode& item : node.items) visit_values(item, visit);
  for (const auto& [key, value] : node.members) {
    visit(key.text, value);
    visit_values(value, visit);
  }
}

// The message names the key, or the word that is wrong there.
void expect_refused(const std::string& text, const std::string& key, const std::string& wrong,
                    const base::Error* error) {
  ASSERT_NE(error, nullptr) << "accepted: " << text;
  EXPECT_THAT(error->message, StartsWith("f:1:"));
  EXPECT_THAT(error->message, testing::AnyOf(HasSubstr(key), HasSubstr(wrong))) << text;
}

template <typename Read>
void expect_no_wrong_value_is_taken(const std::string& folder, const Read& read) {
  int values = 0;
  for (const auto& path : corpus(folder, ".good.yaml")) {
    const YamlNode root = parse_yaml(slurp(path), "f").value();
    ASSERT_TRUE(read(written(root, nullptr, ""), "f").has_value()) << path;
    visit_values(root, [&](const std::string& key, const YamlNode& value) {
      // A path or a parameter may be nearly anything else.
      for (const std::string wrong : {"~", "[[]]", "[]", "{no_such_key: {}}", "\"\"", "off"}) {
        const bool is_truth_value = value.text == "true" || value.text == "false";
        if (wrong == "off" && is_truth_value) continue;
        const std::string text = written(root, &value, wrong);
        const auto result = read(text, "f");
        expect_refused(text, key, wrong, result.has_value() ? nullptr : &result.error());
        ++values;
      }
    });
  }
  EXPECT_GT(values, 0);
}

TEST(WrongValues, OfAPolicyAreNeverTaken) {
  expect_no_wrong_value_is_taken("policy", policy_from_yaml);
}

TEST(WrongValues, OfSettingsAreNeverTaken) {
  expect_no_wrong_value_is_taken("settings", settings_from_yaml);
}

TEST(WrongValues, OfAnInboxFileAreNeverTaken) {
  expect_no_wrong_value_is_taken("inbox", inbox_from_yaml);
}

TEST(WrongValues, OfEveryNumberOfAPolicyAreNeverTaken) {
  int values = 0;
  for (const auto& path : corpus("policy", ".good.yaml")) {
    const YamlNode root = parse_yaml(slurp(path), "f").value();
    visit_values(root, [&](const std::string& key, const YamlNode& value) {
      const bool is_number = value.kind == YamlNode::Kind::scalar &&
                             value.text.find_first_not_of("0123456789.e-") == std::string::npos;
      if (!is_number || value.quoted) return;
      for (const std::string wrong : {".nan", "-.inf", "1e999", "-1", "0x1", "1_0", "+1", "many",
                                      "99999999999999999999", "\"1\""}) {
        const std::string text = written(root, &value, wrong);
        const auto result = policy_from_yaml(text, "f");
        expect_refused(text, key, wrong, result.has_value() ? nullptr : &result.error());
        ++values;
      }
    });
  }
  EXPECT_GT(values, 500);
}

}  // namespace
}  // namespace heirloom::config
