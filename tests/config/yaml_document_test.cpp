#include "config/yaml_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace heirloom::config {
namespace {

using testing::HasSubstr;

TEST(YamlDocument, KeepsTheOrderAndTheirPlaces) {
  const auto root = parse_yaml("b: 1\na:\n  - x\n  - {c: \"2\"}\n", "f");
  ASSERT_TRUE(root.has_value()) << root.error().text();
  ASSERT_EQ(root->members.size(), 2u);
  EXPECT_EQ(root->members[0].first.text, "b");
  EXPECT_EQ(root->members[0].second.text, "1");
  EXPECT_FALSE(root->members[0].second.quoted);
  const YamlNode& list = root->members[1].second;
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[0].place.line, 3);
  EXPECT_EQ(list.items[0].place.column, 5);
  const auto& [key, value] = list.items[1].members[0];
  EXPECT_EQ(key.place.line, 4);
  EXPECT_EQ(key.place.column, 6);
  EXPECT_TRUE(value.quoted);
}

TEST(YamlDocument, TakesBlockTextsAsQuoted) {
  const auto root = parse_yaml("a: |\n  1\n", "f");
  ASSERT_TRUE(root.has_value());
  EXPECT_TRUE(root->members[0].second.quoted);
  EXPECT_EQ(root->members[0].second.text, "1\n");
}

TEST(YamlDocument, RefusesAFileThatIsTooLarge) {
  const std::string comment(kMaxYamlBytes, '#');
  EXPECT_FALSE(parse_yaml(comment + "\na: 1\n", "f").has_value());
  EXPECT_TRUE(parse_yaml(comment.substr(16) + "\na: 1\n", "f").has_value());
}

// Shapes that made yaml-cpp use gigabytes, minutes or the whole stack (notes on CVE-2017-5950,
// -2018-20573, -2018-20574, -2019-6285, and on LoadAll).
TEST(YamlDocument, SurvivesHostileShapesQuickly) {
  const auto start = std::chrono::steady_clock::now();
  std::string keys;
  for (int i = 0; i < 20000; ++i) keys += "k" + std::to_string(i) + ": 1\n";
  for (const std::string& text :
       {std::string(200000, '['), std::string(200000, '{'), std::string(100000, '-') + " a",
        std::string("[:"), std::string("{:"), std::string("&a [*a]"),
        std::string("a: &x [1]\nb: [*x, *x]\n"), std::string("--- a\n--- b\n--- c\n"),
        std::string("\xff\xfe\x00\x01", 4), std::string("a: \"unfinished"), std::string("? ? ? ?"),
        std::string("%YAML 9.9\n---\na\n..."), std::string(50000, '\n') + "]", keys}) {
    const auto root = parse_yaml(text, "f");
    if (!root.has_value()) {
      EXPECT_THAT(root.error().message, HasSubstr("f:"));
    }
  }
  EXPECT_FALSE(parse_yaml(keys, "f").has_value());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace heirloom::config
