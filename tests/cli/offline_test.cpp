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

// Correct at 0.5 and 1.0, wrong at 2.0, abstained.
const std::string kLog =
    "idx\tlabel\tpredict\tradius\tcorrect\ttime\n"
    "0\t3\t3\t0.5\t1\t0:00:20.352130\n"
    "20\t1\t1\t1.0\t1\t0:00:20.352130\n"
    "40\t2\t7\t2.0\t0\t0:00:20.352130\n"
    "60\t2\t-1\t0.0\t0\t0:00:20.352130\n";

TEST(CertificateSummary, CountsOnlyCorrectExamplesAndReachesTheLargestRadius) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run_heirloom({"certificate", "summary", folder.write("log.tsv", kLog), "-o", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(Json::parse(outcome.out),
            Json::parse(R"({"n": 4, "acr": 0.375, "abstain_rate": 0.25, "certified_accuracy":
                {"0.00": 0.5, "0.25": 0.5, "0.50": 0.5, "0.75": 0.25, "1.00": 0.25}})"));
}

TEST(CertificateSummary, IsATableForPeople) {
  const TemporaryFolder folder;
  const Outcome outcome = run_heirloom({"certificate", "summary", folder.write("log.tsv", kLog)});
  EXPECT_THAT(outcome.out, HasSubstr("acr       0.375\n"));
  EXPECT_THAT(outcome.out, HasSubstr("  1.00      25.0%"));
}

TEST(CertificateSummary, ADamagedLogFailsByFileAndLine) {
  const TemporaryFolder folder;
  const std::string file = folder.write("log.tsv", kLog + "80\t2\n");
  const Outcome outcome = run_heirloom({"certificate", "summary", file});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr(file + ":6"));
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST(CertificateSummary, ALogWithoutExamplesFails) {
  const TemporaryFolder folder;
  const std::string header = kLog.substr(0, kLog.find('\n') + 1);
  EXPECT_EQ(run_heirloom({"certificate", "summary", folder.write("log.tsv", header)}).code, 1);
}

}  // namespace
}  // namespace heirloom::cli::test
