#include "core/certificate/tsv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/certificate/summary.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {
namespace {

using testing::HasSubstr;

const std::string kHeader = "idx\tlabel\tpredict\tradius\tcorrect\ttime\n";

TEST(PaperLog, IsReadInBothFormsOfTime) {
  for (const char* time : {"0:00:20.352130", "12:01:07", "1 day, 2:03:04.5", "0.3", "17"}) {
    const auto read = examples_from_tsv(kHeader + "20\t3\t3\t0.955\t1\t" + time + "\n", "log");
    ASSERT_TRUE(read.has_value()) << time << ": " << read.error().text();
    EXPECT_EQ(read->front(), (CertifiedExample{20, 3, 3, 0, 0.0, 0.955}));
  }
}

TEST(PaperLog, MeansAnAbstentionByMinusOne) {
  const auto read = examples_from_tsv(kHeader + "0\t3\t-1\t0.0\t0\t0:00:01\n", "log");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->front().predicted, kAbstain);
  EXPECT_FALSE(read->front().correct());
}

TEST(PaperLog, MayEndItsLinesLikeWindowsAndLackTheLastNewline) {
  std::string text = kHeader + "0\t3\t3\t0.5\t1\t0.1\n7\t1\t2\t0.5\t0\t0.1";
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const auto read = examples_from_tsv(windows, "log");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->size(), 2u);
}

struct BadRow {
  const char* row;
  const char* message;
};

TEST(PaperLog, RefusesBadRowsByFileAndLine) {
  for (const BadRow& bad :
       {BadRow{"1\t3\t3\t0.5\t1", "5 columns"}, BadRow{"1\t3\t3\t0.5\t0\t0.1", "correct"},
        BadRow{"1\t3\t2\t0.5\t1\t0.1", "correct"}, BadRow{"1\t3\t3\tnan\t1\t0.1", "radius"},
        BadRow{"1\t3\t3\tinf\t1\t0.1", "radius"}, BadRow{"1\t3\t3\t-0.1\t1\t0.1", "radius"},
        BadRow{"1\t3\t3\t0.5x\t1\t0.1", "radius"}, BadRow{"1\t-1\t-1\t0\t1\t0.1", "label"},
        BadRow{"1\t3\t-2\t0\t0\t0.1", "predict"}, BadRow{"1\t3\t3\t0.5\t1\tsoon", "time"},
        BadRow{"1\t3\t3\t0.5\t1\t-3", "time"}, BadRow{"0\t3\t3\t0.5\t1\t0.1", "must ascend"},
        BadRow{"", "1 columns"}, BadRow{"1.5\t3\t3\t0.5\t1\t0.1", "idx"}}) {
    const std::string text = kHeader + "0\t3\t3\t0.5\t1\t0.1\n" + bad.row + "\n";
    const auto read = examples_from_tsv(text, "some.tsv");
    ASSERT_FALSE(read.has_value()) << bad.row;
    EXPECT_THAT(read.error().message, HasSubstr("some.tsv:3: ")) << bad.row;
    EXPECT_THAT(read.error().message, HasSubstr(bad.message)) << bad.row;
  }
}

TEST(PaperLog, RefusesWhatIsNoLogOrEmpty) {
  EXPECT_FALSE(examples_from_tsv("", "log").has_value());
  EXPECT_FALSE(examples_from_tsv("idx,label,predict\n", "log").has_value());
  EXPECT_THAT(examples_from_tsv(kHeader, "log").error().message, HasSubstr("no examples"));
}

Certificate sample_certificate() {
  Certificate certificate;
  certificate.protocol.n0 = 100;
  certificate.protocol.n = 1000;
  certificate.protocol.alpha = 0.001;
  certificate.protocol.sigma = 0.5;
  certificate.examples = {{3, 1, 1, 990, 0.97712345678901234, 0.998877},
                          {4, 0, kAbstain, 510, 0.45, 0.0}};
  return certificate;
}

TEST(OurLog, SurvivesARoundTripAtFullPrecision) {
  const Certificate certificate = sample_certificate();
  const auto read = examples_from_tsv(to_tsv(certificate), "ours");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(*read, certificate.examples);
}

TEST(OurLog, BeginsWithThePapersColumns) {
  const std::string text = to_tsv(sample_certificate());
  EXPECT_THAT(text, HasSubstr("idx\tlabel\tpredict\tradius\tcorrect\ttime\tn_a\tn0\tn\talpha\t"
                              "sigma\tp_lower\n3\t1\t1\t0.998877\t1\t0\t990\t100\t1000\t0.001\t"
                              "0.5\t0.97712345678901"));
  EXPECT_THAT(text, HasSubstr("\n4\t0\t-1\t0\t0\t0\t510\t"));
}

TEST(OurLog, RefusesCountsAndBoundsThatCannotBe) {
  const std::string text = to_tsv(sample_certificate());
  const auto broken = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return !examples_from_tsv(changed, "ours").has_value();
  };
  EXPECT_TRUE(broken("\t990\t", "\t1001\t"));
  EXPECT_TRUE(broken("0.977", "1.977"));
  EXPECT_TRUE(broken("\t0.5\t0.97", "\tnan\t0.97"));
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> result;
  std::stringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) result.push_back(cell);
  return result;
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ReferenceLogs, GiveTheExpectedFigures) {
  const std::filesystem::path folder = HEIRLOOM_REFERENCE_LOGS;
  if (!std::filesystem::exists(folder / "expected.csv")) {
    GTEST_SKIP() << "no published logs in " << folder;
  }
  std::stringstream expected(slurp(folder / "expected.csv"));
  std::string line;
  std::getline(expected, line);
  const std::vector<std::string> columns = cells(line);
  int logs = 0;
  for (; std::getline(expected, line); ++logs) {
    const std::vector<std::string> row = cells(line);
    const auto examples = examples_from_tsv(slurp(folder / row[0]), row[0]);
    ASSERT_TRUE(examples.has_value()) << examples.error().text();
    const Summary summary = summarize(*examples);
    EXPECT_EQ(summary.examples, std::stoul(row[1]));
    EXPECT_NEAR(summary.acr, std::stod(row[2]), 1e-6) << row[0];
    EXPECT_NEAR(summary.abstain_rate, std::stod(row[3]), 1e-6) << row[0];
    for (std::size_t column = 4; column < columns.size(); ++column) {
      const double radius = std::stod(columns[column].substr(3));  // "ca_0.25"
      EXPECT_NEAR(certified_accuracy(*examples, radius), std::stod(row[column]), 1e-6)
          << row[0] << " at " << radius;
    }
  }
  EXPECT_EQ(logs, 10);
}

}  // namespace
}  // namespace heirloom::certificate
