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
  EXPECT_EQ(root->members[0].key.text, "b");
  EXPECT_EQ(root->members[0].value.text, "1");
  EXPECT_FALSE(root->members[0].value.quoted);
  const YamlNode& list = root->members[1].value;
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[0].place.line, 3);
  EXPECT_EQ(list.items[0].place.column, 5);
  const auto& [key, value] = list.items[1].members[0];
  EXPECT_EQ(key.place.line, 4);
  EXPECT_EQ(key.place.column, 6);
  EXPECT_TRUE(value.quoted);
}

TEST(YamlDocument, CountsColumnsInCharacters) {
  const auto root = parse_yaml("\"größe\": {日: [a, \"é\", b]}", "f");
  ASSERT_TRUE(root.has_value()) << root.error().text();
  const YamlNode& map = root->members[0].value;
  EXPECT_EQ(map.place.column, 10);
  EXPECT_EQ(map.members[0].key.place.column, 11);
  EXPECT_EQ(map.members[0].value.items[2].place.column, 23);
}

// yaml-cpp marks them at whatever comes next.
TEST(YamlDocument, PlacesAValueThatIsLeftOutAtItsKeyOrDash) {
  const auto root = parse_yaml("a:\n\nnulls:\n  -\n\n  - ~\nb: {c, d: null}\n", "f");
  ASSERT_TRUE(root.has_value()) << root.error().text();
  const auto expect_null = [](const YamlNode& node, int line, int column) {
    EXPECT_EQ(node.kind, YamlNode::Kind::null);
    EXPECT_EQ(node.place.line, line);
    EXPECT_EQ(node.place.column, column);
  };
  expect_null(root->members[0].value, 1, 1);
  expect_null(root->members[1].value.items[0], 4, 3);
  expect_null(root->members[1].value.items[1], 6, 5);
  expect_null(root->members[2].value.members[0].value, 7, 5);
  expect_null(root->members[2].value.members[1].value, 7, 11);
}

// What is stricter than YAML must not be too strict.
TEST(YamlDocument, TakesTheFormsThatAreInUse) {
  for (const char* text : {"a: 1",
                           "---\na: 1\n",
                           "--- # a comment\na: 1\n",
                           "a: {}\nb: []\n",
                           "a:\n- 1\n- 2\n",
                           "a:\n  - - 1\n    - 2\n  -\n    b: 1\n    c: 2\n",
                           "a: [1, 2, ]\n",
                           "a: {b: 1,\n  c: 2\n}\n",
                           "a: [\n  1,  # one\n  2\n]\nb: 1\n",
                           "{\"a\":1,\n\"b\":[{\"c\":\"d\"}]}\n",
                           "a:\n  [1,\n  2]\n",
                           "a: 'it''s'\nb: \"\\\"\"\n",
                           "a:\t1\t# tabs\n\t\n",
                           "a: x&y*z!|>%@`\n",
                           "a: b#c\n",
                           "a: #b\n  c\n",
                           "a: -1\nb: -x\nc: ?x\nd: :x\n",
                           "a: http://x/y:z\nb: C:\\x\n",
                           "a: b]c}d,e[f{\n",
                           "a : 1\n\"b\" : 2\n",
                           "a:\r\n  b: 1\r\n",
                           "a: x - y\n",
                           "a: \"# : - {\"\n",
                           "a: [b:c, -d, \"e, f\"]\n"}) {
    const auto root = parse_yaml(text, "f");
    EXPECT_TRUE(root.has_value()) << text << root.error().text();
  }
}

TEST(YamlDocument, RefusesAFileThatIsTooLarge) {
  const std::string comment(kMaxYamlBytes, '#');
  EXPECT_THAT(parse_yaml(comment + "\na: 1\n", "f").error().message,
              HasSubstr("f:1:1: the file has 262150 bytes, more than 262144"));
  EXPECT_TRUE(parse_yaml(comment.substr(16) + "\na: 1\n", "f").has_value());
}

// Shapes that made yaml-cpp use gigabytes, minutes or the whole stack (notes on CVE-2017-5950,
// -2018-20573, -2018-20574, -2019-6285, and on LoadAll).
TEST(YamlDocument, SurvivesHostileShapesQuickly) {
  const auto start = std::chrono::steady_clock::now();
  std::string keys;
  for (int i = 0; i < 20000; ++i) keys += "k" + std::to_string(i) + ": 1\n";
  std::string values = "a: [" + std::string(200000, ' ');
  for (int i = 0; i < 20000; ++i) values += "1,";
  for (const std::string& text :
       {std::string(200000, '['), std::string(200000, '{'), std::string(100000, '-') + " a",
        std::string("[:"), std::string("{:"), std::string("&a [*a]"),
        std::string("a: &x [1]\nb: [*x, *x]\n"), std::string("--- a\n--- b\n--- c\n"),
        std::string("\xff\xfe\x00\x01", 4), std::string("a: \"unfinished"), std::string("? ? ? ?"),
        std::string("%YAML 9.9\n---\na\n..."), std::string(50000, '\n') + "]", keys,
        "a: \"" + std::string(200000, '\\'), "a: " + std::string(200000, '\''),
        "{" + std::string(200000, ':'), "a: [" + std::string(200000, ','), values}) {
    const auto root = parse_yaml(text, "f");
    ASSERT_FALSE(root.has_value()) << text.substr(0, 20);
    EXPECT_THAT(root.error().message, HasSubstr("f:"));
    EXPECT_LT(root.error().text().size(), 300u);
  }
  EXPECT_FALSE(parse_yaml(keys, "f").has_value());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace heirloom::config
