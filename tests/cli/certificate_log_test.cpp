// heirloom certificate summary, export and import: files alone, without a daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/json.h"
#include "tests/cli/run_heirloom.h"
#include "tests/cli/temporary_folder.h"

namespace heirloom::cli::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Correct at 0.5 and 1.0, wrong at 2.0, abstained.
const std::string kLog =
    "idx\tlabel\tpredict\tradius\tcorrect\ttime\n"
    "0\t3\t3\t0.5\t1\t0:00:20.352130\n"
    "20\t1\t1\t1.0\t1\t0:00:20.352130\n"
    "40\t2\t7\t2.0\t0\t0:00:20.352130\n"
    "60\t2\t-1\t0.0\t0\t0:00:20.352130\n";

// Bounds below those that the counts prove: a log may claim less.
const std::string kSuperset =
    "idx\tlabel\tpredict\tradius\tcorrect\ttime\tn_a\tn0\tn\talpha\tsigma\tp_"
    "lower\tmode\tprotocol\tdraws\n"
    "0\t3\t3\t0.5\t1\t0\t900\t100\t1000\t0.001\t0.5\t0.86\texact\t-\t0\n"
    "1\t2\t-1\t0\t0\t0\t0\t100\t1000\t0.001\t0.5\t0\texact\t-\t0\n";

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(CertificateSummary, CountsOnlyCorrectExamplesAndReachesTheLargestRadius) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run_heirloom({"certificate", "summary", folder.write("log.tsv", kLog), "-o", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Json summary = Json::parse(outcome.out);
  EXPECT_EQ(summary["n"], 4);
  EXPECT_EQ(summary["acr"], 0.375);
  EXPECT_EQ(summary["abstain_rate"], 0.25);
  EXPECT_EQ(summary["certified_accuracy"],
            Json::parse(R"({"0.00": 0.5, "0.25": 0.5, "0.50": 0.5, "0.75": 0.25, "1.00": 0.25})"));
}

TEST(CertificateSummary, HasAnIntervalForEachFigure) {
  const TemporaryFolder folder;
  const std::string file = folder.write("log.tsv", kLog);
  const Json plain = Json::parse(run_heirloom({"certificate", "summary", file, "-o", "json"}).out);
  EXPECT_EQ(plain["intervals"]["acr"], nullptr) << "the largest radius is not known";
  EXPECT_EQ(plain["p_lower_quantiles"], nullptr);
  EXPECT_EQ(plain["proven_accuracy"], nullptr);
  EXPECT_EQ(plain["warnings"].size(), 2U);

  const Json known = Json::parse(run_heirloom({"certificate", "summary", file, "-o", "json",
                                               "--sigma", "1.0", "--confidence", "0.9"})
                                     .out);
  EXPECT_EQ(known["sigma"], 1.0);
  EXPECT_EQ(known["confidence"], 0.9);
  EXPECT_EQ(known["intervals"]["acr"].size(), 2U);
  EXPECT_NEAR(known["p_lower_quantiles"]["0.75"].get<double>(), 0.841345, 1e-6);  // Phi(1)
  EXPECT_EQ(known["p_lower_quantiles"]["0.25"], 0.0);
  EXPECT_TRUE(known["proven_accuracy"].contains("0.50"));
  // Two of four: the two-sided interval of 90 % is that of the binomial tails at 5 %.
  EXPECT_NEAR(known["intervals"]["certified_accuracy"]["0.50"][0].get<double>(), 0.09761, 1e-5);
  EXPECT_NEAR(known["intervals"]["certified_accuracy"]["0.50"][1].get<double>(), 0.90239, 1e-5);
  EXPECT_LT(plain["intervals"]["certified_accuracy"]["0.50"][0].get<double>(), 0.09);
  EXPECT_EQ(known["per_class"]["2"]["n"], 2);
  EXPECT_EQ(known["per_class"]["3"]["certified_accuracy"]["0.75"], 0.0);
}

TEST(CertificateSummary, IsATableForPeople) {
  const TemporaryFolder folder;
  const std::string file = folder.write("log.tsv", kLog);
  const Outcome plain = run_heirloom({"certificate", "summary", file});
  EXPECT_THAT(plain.out, HasSubstr("acr        0.375\n"));
  EXPECT_THAT(plain.out, HasSubstr("  1.00      25.0%   0.6%  80.6%  █"));
  EXPECT_THAT(plain.out, HasSubstr("CLASS  EXAMPLES  CERT@0.00  CERT@0.50  CERT@1.00\n"));
  EXPECT_THAT(plain.out, HasSubstr("warning: the radii have three significant digits"));
  const Outcome known = run_heirloom({"certificate", "summary", file, "--sigma", "1"});
  EXPECT_THAT(known.out, AllOf(HasSubstr("acr        0.375 (0.000 to "), HasSubstr("PROVEN"),
                               HasSubstr("5%: none"), HasSubstr("75%: 0.8413")));
}

TEST(CertificateSummary, ShowsTheWeakestOfManyClasses) {
  const TemporaryFolder folder;
  std::string log = kLog.substr(0, kLog.find('\n') + 1);
  for (int i = 0; i < 30; ++i) {
    const std::string label = std::to_string(i);
    log += label + "\t" + label + "\t" + (i == 27 ? "-1\t0\t0" : label + "\t1.2\t1") + "\t0\n";
  }
  const Outcome outcome = run_heirloom({"certificate", "summary", folder.write("log.tsv", log)});
  EXPECT_THAT(outcome.out, HasSubstr("CERT@1.00\n   27         1       0.0%"));
  EXPECT_THAT(outcome.out, HasSubstr("the 20 weakest of 30 classes\n"));
}

TEST(CertificateSummary, IsACurveAsCsv) {
  const TemporaryFolder folder;
  const std::string file = folder.write("log.tsv", kLog);
  const Outcome outcome = run_heirloom({"certificate", "summary", file, "-o", "csv"});
  EXPECT_THAT(outcome.out, StartsWith("radius,certified_accuracy,lower,upper\n0.00,0.5,0.06"));
  EXPECT_EQ(outcome.out, run_heirloom({"certificate", "export", file, "--to", "csv"}).out);
  // The global option, before the command, knows tables and JSON alone.
  EXPECT_EQ(run_heirloom({"-o", "json", "certificate", "summary", file}).out,
            run_heirloom({"certificate", "summary", file, "--output", "json"}).out);
}

TEST(CertificateSummary, ADamagedLogFailsByFileAndLine) {
  const TemporaryFolder folder;
  const std::string file = folder.write("log.tsv", kLog + "80\t2\n");
  for (const char* command : {"summary", "import"}) {
    const Outcome outcome = run_heirloom({"certificate", command, file});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.err, HasSubstr(file + ":6: has 2 columns"));
    EXPECT_THAT(outcome.out, IsEmpty());
  }
}

TEST(CertificateSummary, ALogWithoutExamplesFails) {
  const TemporaryFolder folder;
  const std::string header = kLog.substr(0, kLog.find('\n') + 1);
  EXPECT_EQ(run_heirloom({"certificate", "summary", folder.write("log.tsv", header)}).code, 1);
}

TEST(CertificateSummary, ASigmaThatTheRadiiContradictIsAMistake) {
  const TemporaryFolder folder;
  const std::string file = folder.write("log.tsv", kLog);
  const Outcome outcome = run_heirloom({"certificate", "summary", file, "--sigma", "0.5"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("example idx 40: radius 2 is above 1.91"));
  EXPECT_EQ(
      run_heirloom({"certificate", "summary", file, "--sigma", "0.5", "--draws", "1000000"}).code,
      0);
}

TEST(CertificateExport, WritesEveryFormAndReadsItAgain) {
  const TemporaryFolder folder;
  const std::string superset = folder.write("superset.tsv", kSuperset);
  const Outcome json = run_heirloom({"certificate", "export", superset, "--to", "json"});
  EXPECT_EQ(json.code, 0) << json.err;
  EXPECT_EQ(Json::parse(json.out)["examples"][0]["n_a"], 900);
  const std::string document = folder.write("log.json", json.out);
  EXPECT_EQ(run_heirloom({"certificate", "export", document, "--to", "superset"}).out, kSuperset);
  const Outcome paper = run_heirloom({"certificate", "export", document, "--to", "tsv"});
  EXPECT_EQ(paper.out,
            kLog.substr(0, kLog.find('\n') + 1) + "0\t3\t3\t0.5\t1\t0\n1\t2\t-1\t0\t0\t0\n");
}

TEST(CertificateExport, WritesAFileWholeOrNotAtAll) {
  const TemporaryFolder folder;
  const std::string log = folder.write("log.tsv", kLog);
  const std::string target = (folder.path() / "curve.csv").string();
  const Outcome outcome = run_heirloom(
      {"certificate", "export", log, "--to", "csv", "--step", "0.5", "--output", target});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("wrote " + target));
  const std::string written = slurp(target);
  EXPECT_THAT(written, AllOf(HasSubstr("\n0.50,0.5,"), Not(HasSubstr("\n0.25,"))));

  // What cannot be written leaves the file that was there.
  const Outcome refused =
      run_heirloom({"certificate", "export", log, "--to", "superset", "--output", target});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr(log + ": a log of radii alone has no counts"));
  EXPECT_EQ(slurp(target), written);
  EXPECT_EQ(run_heirloom({"certificate", "export", log, "--to", "csv", "--output",
                          (folder.path() / "missing/curve.csv").string()})
                .code,
            2);
}

TEST(CertificateExport, DoesNotTakeAFormForAFile) {
  const TemporaryFolder folder;
  const Outcome outcome = run_heirloom(
      {"certificate", "export", folder.write("log.tsv", kLog), "--to", "csv", "--output", "json"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--to json"));
}

TEST(CertificateImport, SaysWhatALogIs) {
  const TemporaryFolder folder;
  const std::string file = folder.write("log.tsv", kLog);
  const Outcome table = run_heirloom({"certificate", "import", file});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out,
              AllOf(HasSubstr("4, idx 0 to 60\n"), HasSubstr("2 correct, 1 wrong, 1 abstained\n"),
                    HasSubstr("not said\n"), HasSubstr("valid\n"),
                    HasSubstr("warning: the radii have three significant digits")));
  const Json found = Json::parse(
      run_heirloom({"certificate", "import", folder.write("s.tsv", kSuperset), "-o", "json"}).out);
  EXPECT_EQ(found["form"], "superset");
  EXPECT_EQ(found["n"], 2);
  EXPECT_EQ(found["sampling"]["n"], 1000);
  EXPECT_EQ(found["sampling"]["mode"], "exact");
  EXPECT_EQ(found["warnings"], Json::array());
}

TEST(CertificateImport, RefusesClaimsThatCountsDoNotProve) {
  const TemporaryFolder folder;
  std::string claims = kSuperset;
  claims.replace(claims.find("0.86"), 4, "0.96");
  const std::string file = folder.write("s.tsv", claims);
  const Outcome outcome = run_heirloom({"certificate", "import", file});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr(file + ":2: p_lower 0.96 is more than 900 of 1000 draws"));
}

}  // namespace
}  // namespace heirloom::cli::test
