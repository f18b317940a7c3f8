// Commands that work on files alone: there is no daemon in these tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/json.h"
#include "tests/cli/run_heirloom.h"
#include "tests/cli/temporary_folder.h"

namespace heirloom::cli::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kPolicy = R"(model: digits
input: {shape: [1, 28, 28], classes: 10}
sigma: 0.50
bootstrap: {method: smoothmix, epochs: 20}
transfer: {epochs: 20}
certify: {examples: 5000, n0: 100, n: 100000, alpha: 0.001}
promote:
  - {certified_accuracy: {radius: 0.50, at_least: 0.90}}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(PolicyCheck, AGoodPolicyPasses) {
  const TemporaryFolder folder;
  const std::string file = folder.write("digits.yaml", kPolicy);
  const Outcome outcome = run_heirloom({"policy", "check", file});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(file + ": ok\n"));
}

TEST(PolicyCheck, AnUnknownKeyFailsWithItsPlaceAndASuggestion) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("digits.yaml", replaced(kPolicy, "transfer: {epochs", "transfer: {epoch"));
  const Outcome outcome = run_heirloom({"policy", "check", file});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr(file + ":5:"));
  EXPECT_THAT(outcome.out, HasSubstr("epochs"));
}

TEST(PolicyCheck, ARadiusAboveTheCeilingFails) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("digits.yaml", replaced(kPolicy, "radius: 0.50", "radius: 2.50"));
  const Outcome outcome = run_heirloom({"policy", "check", file, "-o", "json"});
  EXPECT_EQ(outcome.code, 1);
  const Json answer = Json::parse(outcome.out);
  EXPECT_EQ(answer["ok"], false);
  EXPECT_EQ(answer["model"], "digits");
  EXPECT_THAT(answer["findings"].dump(), HasSubstr("error: "));
}

TEST(PolicyCheck, AsJsonABrokenFileIsAFindingToo) {
  const TemporaryFolder folder;
  const std::string file = folder.write("digits.yaml", "model: [");
  const Outcome outcome = run_heirloom({"policy", "check", file, "-o", "json"});
  EXPECT_EQ(outcome.code, 1);
  const Json answer = Json::parse(outcome.out);
  EXPECT_EQ(answer["ok"], false);
  EXPECT_EQ(answer["findings"].size(), 1U);
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(PolicyCheck, AMissingFileIsAMistakeOfTheCommand) {
  const Outcome outcome = run_heirloom({"policy", "check", "/nonexistent/p.yaml"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/p.yaml"));
}

TEST(Architectures, AsJsonTheListHasEveryParameterWithItsRange) {
  const Outcome outcome = run_heirloom({"architectures", "-o", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Json list = Json::parse(outcome.out);
  std::map<std::string, Json> by_name;
  for (const Json& architecture : list) by_name[architecture["name"]] = architecture["parameters"];
  EXPECT_EQ(by_name.at("linear"), Json::array());
  const Json& depth = by_name.at("resnet").at(0);
  EXPECT_EQ(depth["name"], "depth");
  EXPECT_EQ(depth["type"], "integer");
  EXPECT_EQ(depth["default"], 20);
  EXPECT_EQ(depth["minimum"], 8);
  EXPECT_EQ(depth["step"], 6);
  const Json& size = by_name.at("regnet").at(0);
  EXPECT_EQ(size["default"], "200mf");
  EXPECT_EQ(size["words"], Json::parse(R"(["200mf", "400mf", "600mf", "800mf"])"));
}

TEST(Architectures, ForPeopleTheyAreATable) {
  const Outcome outcome = run_heirloom({"architectures"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("wideresnet"));
  EXPECT_THAT(outcome.out, HasSubstr("10, 16, 22, ..., 1000"));
  EXPECT_THAT(outcome.out, HasSubstr("basic or bottleneck"));
}

}  // namespace
}  // namespace heirloom::cli::test
