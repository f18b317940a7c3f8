#include "tests/config/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>

#include "config/inbox_yaml.h"
#include "config/policy_yaml.h"
#include "config/schema.h"
#include "config/settings.h"
#include "policies/check.h"

namespace heirloom::config {
namespace {

using testing::Contains;
using testing::HasSubstr;

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

std::filesystem::path sidecar_of(std::filesystem::path bad) {
  return bad.replace_extension(".expect");
}

// Nothing when the file has no expectation, or two.
std::optional<std::string> expectation_of(const std::filesystem::path& bad,
                                          const std::string& text) {
  const bool beside = std::filesystem::exists(sidecar_of(bad));
  if (beside == text.starts_with(kExpect)) return std::nullopt;
  std::string expected = beside ? slurp(sidecar_of(bad)) : text.substr(kExpect.size());
  return expected.substr(0, expected.find_first_of("\r\n"));
}

class Corpus : public testing::TestWithParam<std::string> {};

TEST_P(Corpus, OfBadFilesIsRefusedInTheWordsThatEachExpects) {
  for (const auto& path : corpus(GetParam(), ".bad.yaml")) {
    const std::string text = slurp(path);
    const std::string name = path.filename().string();
    const auto expected = expectation_of(path, text);
    ASSERT_TRUE(expected.has_value() && !expected->empty()) << name;
    EXPECT_EQ(error_of(GetParam(), text, name), name + ":" + *expected);
  }
}

TEST_P(Corpus, OfGoodFilesIsRead) {
  for (const auto& path : corpus(GetParam(), ".good.yaml")) {
    EXPECT_EQ(error_of(GetParam(), slurp(path), path.filename().string()), "") << path;
  }
}

TEST_P(Corpus, HoldsNothingThatNoTestReads) {
  const auto count = [](const std::string& ending) { return corpus(GetParam(), ending).size(); };
  const std::size_t unfit = GetParam() == "policy" ? count(".unfit.yaml") : 0;
  EXPECT_EQ(count(""), count(".bad.yaml") + count(".good.yaml") + count(".bad.expect") + unfit);
  for (auto path : corpus(GetParam(), ".bad.expect")) {
    EXPECT_TRUE(std::filesystem::exists(path.replace_extension(".yaml"))) << path;
  }
  EXPECT_GE(count(".good.yaml"), 2u);
}

// A copy of a case shows nothing new.
TEST_P(Corpus, HasNoCaseTwice) {
  std::map<std::string, std::string> names;
  for (const auto& path : corpus(GetParam(), ".bad.yaml")) {
    std::string text = slurp(path);
    if (text.starts_with(kExpect)) text.erase(1, text.find('\n') - 1);
    const auto [first, is_new] = names.emplace(text, path.filename().string());
    EXPECT_TRUE(is_new) << path << " is a copy of " << first->second;
  }
}

INSTANTIATE_TEST_SUITE_P(Yaml, Corpus, testing::Values("policy", "settings", "inbox"));

TEST(Corpus, IsLarge) {
  EXPECT_GE(corpus("policy", ".bad.yaml").size(), 150u);
  EXPECT_GE(corpus("settings", ".bad.yaml").size(), 24u);
  EXPECT_GE(corpus("inbox", ".bad.yaml").size(), 36u);
}

TEST(Corpus, OfUnfitPoliciesIsReadAndFailsTheCheck) {
  EXPECT_GE(corpus("policy", ".unfit.yaml").size(), 6u);
  for (const auto& path : corpus("policy", ".unfit.yaml")) {
    const std::string text = slurp(path);
    ASSERT_TRUE(text.starts_with(kExpect)) << path;
    const auto policy = policy_from_yaml(text, path.filename().string());
    ASSERT_TRUE(policy.has_value()) << policy.error().text();
    std::vector<std::string> errors;
    for (const policies::Finding& finding : policies::check(*policy)) {
      if (finding.severity == policies::Finding::Severity::error) errors.push_back(finding.text);
    }
    EXPECT_THAT(errors, Contains(text.substr(kExpect.size(), text.find('\n') - kExpect.size())));
  }
}

// "promote[3].acr.at_least" as the schema has it: "promote.acr.at_least".
std::string without_indices(std::string text) {
  while (text.find('[') != std::string::npos) {
    const std::size_t begin = text.find('[');
    text.erase(begin, text.find(']', begin) - begin + 1);
  }
  return text;
}

// Whoever adds a key adds a file in which it is wrong.
TEST_P(Corpus, HasABadFileForEveryKey) {
  std::string messages;
  for (const auto& path : corpus(GetParam(), ".bad.yaml")) {
    messages += without_indices(expectation_of(path, slurp(path)).value_or("")) + "\n";
  }
  const std::function<void(const KeyRule&, const std::string&)> visit =
      [&](const KeyRule& rule, const std::string& path) {
        for (const KeyRule& key : rule.keys) {
          EXPECT_THAT(messages, HasSubstr("`" + path + key.name));
          visit(key, path + key.name + ".");
        }
      };
  if (GetParam() == "policy") visit(policy_rules(), "");
  if (GetParam() == "settings") visit(settings_rules(), "");
  if (GetParam() == "inbox") {
    visit(inbox_version_rules(), "");
    visit(inbox_snapshot_rules(), "");
  }
}

}  // namespace
}  // namespace heirloom::config
