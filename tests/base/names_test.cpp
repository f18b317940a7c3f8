#include "core/base/names.h"

#include <array>

#include <gtest/gtest.h>

namespace heirloom::base {
namespace {

TEST(Names, AcceptWhatIsSafeAsAFileName) {
  for (const char* good : {"a", "0", "digits-v1.2_x"}) {
    EXPECT_TRUE(check_name("model name", good).has_value()) << good;
  }
  EXPECT_TRUE(check_name("model name", std::string(64, 'a')).has_value());
}

TEST(Names, RefuseWhatIsNot) {
  for (const char* bad : {"", ".", "-a", "A", "a/b", "a b", "\xc3\xa4"}) {
    const auto checked = check_name("model name", bad);
    ASSERT_FALSE(checked.has_value()) << bad;
    EXPECT_NE(checked.error().message.find("model name"), std::string::npos);
  }
  EXPECT_FALSE(check_name("model name", std::string(65, 'a')).has_value());
}

TEST(Names, AreNotCutWithinACharacterWhenRefused) {
  const std::string euro = "\xe2\x82\xac";
  std::string name;
  for (int i = 0; i < 30; ++i) name += euro;
  const std::string shown = name.substr(0, 63);
  EXPECT_NE(check_name("name", name).error().message.find("\"" + shown + "\""), std::string::npos);
}

TEST(Names, ReadGenerations) {
  EXPECT_EQ(parse_generation("g17"), 17);
  for (const char* bad : {"", "g", "g0", "g-1", "7", "g7x", "G7", "g99999999999"}) {
    EXPECT_FALSE(parse_generation(bad).has_value()) << bad;
  }
}

TEST(Names, SuggestTheNearestWord) {
  const std::array<std::string, 3> words{"lenet", "resnet", "linear"};
  EXPECT_EQ(nearest_word("resnt", words), "resnet");
  EXPECT_EQ(nearest_word("lneet", words), "lenet");
  EXPECT_EQ(nearest_word("transformer", words), std::nullopt);
  EXPECT_EQ(nearest_word("xy", words), std::nullopt);
}

}  // namespace
}  // namespace heirloom::base
