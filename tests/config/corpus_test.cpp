#include "tests/config/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "config/inbox_yaml.h"
#include "config/policy_yaml.h"
#include "config/settings.h"

namespace heirloom::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kExpect = "# expect: ";

// The error of reading `text` as a file of this folder, or nothing.
std::string error_of(const std::string& folder, const std::string& text, const std::string& name) {
  const auto words = [](const auto& result) {
    return result.has_value() ? std::string() : result.error().text();
  };
  if (folder == "policy") return words(policy_from_yaml(text, name));
  if (folder == "settings") return words(settings_from_yaml(text, name));
  return words(inbox_from_yaml(text, name));
}

class Corpus : public testing::TestWithParam<std::string> {};

TEST_P(Corpus, OfBadFilesIsRefusedAsEachExpects) {
  for (const auto& path : corpus(GetParam(), ".bad.yaml")) {
    const std::string text = slurp(path);
    const std::string name = path.filename().string();
    ASSERT_THAT(text, StartsWith(std::string(kExpect))) << name;
    const std::string expected = text.substr(kExpect.size(), text.find('\n') - kExpect.size());
    const std::string error = error_of(GetParam(), text, name);
    EXPECT_THAT(error, StartsWith(name + ":"));
    EXPECT_THAT(error, HasSubstr(expected)) << name;
  }
}

TEST_P(Corpus, OfGoodFilesIsRead) {
  for (const auto& path : corpus(GetParam(), ".good.yaml")) {
    EXPECT_EQ(error_of(GetParam(), slurp(path), path.filename().string()), "") << path;
  }
}

TEST_P(Corpus, HoldsNothingThatNoTestReads) {
  const std::size_t read =
      corpus(GetParam(), ".bad.yaml").size() + corpus(GetParam(), ".good.yaml").size();
  EXPECT_EQ(corpus(GetParam(), "").size(), read);
  EXPECT_GE(corpus(GetParam(), ".good.yaml").size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Yaml, Corpus, testing::Values("policy", "settings", "inbox"));

TEST(Corpus, IsLarge) {
  EXPECT_GE(corpus("policy", ".bad.yaml").size(), 120u);
}

}  // namespace
}  // namespace heirloom::config
