#include "core/certificate/tsv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/certificate/samples.h"

namespace heirloom::certificate {
namespace {

using test::replaced;
using test::sample_certificate;
using testing::HasSubstr;

const std::string kHeader = "idx\tlabel\tpredict\tradius\tcorrect\ttime\n";

TEST(PaperLog, IsReadInBothFormsOfTime) {
  for (const char* time : {"0:00:20.352130", "12:01:07", "1 day, 2:03:04.5", "0.3", "17"}) {
    const auto read = log_from_tsv(kHeader + "20\t3\t3\t0.955\t1\t" + time + "\n", "log");
    ASSERT_TRUE(read.has_value()) << time << ": " << read.error().text();
    EXPECT_EQ(read->form, Form::paper);
    EXPECT_FALSE(read->protocol.has_value());
    CertifiedExample expected;
    expected.index = 20;
    expected.label = 3;
    expected.predicted = 3;
    expected.radius = 0.955;
    EXPECT_EQ(read->examples.front(), expected);
  }
}

TEST(PaperLog, MeansAnAbstentionByMinusOne) {
  const auto read = log_from_tsv(kHeader + "0\t3\t-1\t0.0\t0\t0:00:01\n", "log");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->examples.front().predicted, kAbstain);
  EXPECT_FALSE(read->examples.front().correct());
}

TEST(PaperLog, MayEndItsLinesLikeWindowsAndLackTheLastNewline) {
  std::string text = kHeader + "0\t3\t3\t0.5\t1\t0.1\n7\t1\t2\t0.5\t0\t0.1";
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const auto read = log_from_tsv(windows, "log");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->examples.size(), 2u);
}

struct BadRow {
  const char* row;
  const char* message;
};

TEST(PaperLog, RefusesBadRowsByFileAndLine) {
  for (const BadRow& bad :
       {BadRow{"1\t3\t3\t0.5\t1", "5 columns"}, BadRow{"1\t3\t3\t0.5\t0\t0.1", "correct"},
        BadRow{"1\t3\t2\t0.5\t1\t0.1", "correct"}, BadRow{"1\t3\t3\t0.5\t2\t0.1", "correct"},
        BadRow{"1\t3\t3\tnan\t1\t0.1", "radius"}, BadRow{"1\t3\t3\tinf\t1\t0.1", "radius"},
        BadRow{"1\t3\t3\t-0.1\t1\t0.1", "radius"}, BadRow{"1\t3\t3\t0.5x\t1\t0.1", "radius"},
        BadRow{"1\t3\t3\t1e999\t1\t0.1", "radius"}, BadRow{"1\t-1\t-1\t0\t1\t0.1", "label"},
        BadRow{"1\t3\t-2\t0\t0\t0.1", "predict"}, BadRow{"1\t3\t-1\t0.5\t0\t0.1", "abstention"},
        BadRow{"1\t3\t3\t0.5\t1\tsoon", "time"}, BadRow{"1\t3\t3\t0.5\t1\t-3", "time"},
        BadRow{"1\t3\t3\t0.5\t1\tinf", "time"}, BadRow{"0\t3\t3\t0.5\t1\t0.1", "twice"},
        BadRow{"", "1 columns"}, BadRow{"1.5\t3\t3\t0.5\t1\t0.1", "idx"},
        BadRow{"4294967296\t3\t3\t0.5\t1\t0.1", "idx"}}) {
    const std::string text = kHeader + "0\t3\t3\t0.5\t1\t0.1\n" + bad.row + "\n";
    const auto read = log_from_tsv(text, "some.tsv");
    ASSERT_FALSE(read.has_value()) << bad.row;
    EXPECT_THAT(read.error().message, HasSubstr("some.tsv:3: ")) << bad.row;
    EXPECT_THAT(read.error().message, HasSubstr(bad.message)) << bad.row;
  }
}

TEST(PaperLog, RefusesExamplesThatDoNotAscend) {
  const auto read = log_from_tsv(kHeader + "5\t3\t3\t0.5\t1\t0\n4\t3\t3\t0.5\t1\t0\n", "some.tsv");
  EXPECT_EQ(read.error().message, "some.tsv:3: idx 4 after 5: examples must ascend");
}

TEST(PaperLog, RefusesWhatIsNoLogOrEmpty) {
  EXPECT_FALSE(log_from_tsv("", "log").has_value());
  EXPECT_FALSE(log_from_tsv("idx,label,predict\n", "log").has_value());
  EXPECT_THAT(log_from_tsv(kHeader, "log").error().message, HasSubstr("no examples"));
  EXPECT_THAT(log_from_tsv("radius,certified_accuracy,lower,upper\n", "log").error().message,
              HasSubstr("a curve"));
}

TEST(PaperLog, KnowsRadiiOfThreeDigits) {
  const auto three_digits = [](const std::string& radius) {
    const auto log =
        log_from_tsv(kHeader + "0\t3\t3\t1.91\t1\t0\n1\t3\t3\t" + radius + "\t1\t0\n", "log");
    return log.has_value() && log->three_digits;
  };
  for (const char* radius : {"0.0", "0.955", "0.0774", "2.1", "1.53e-05", "3", "1e+01"}) {
    EXPECT_TRUE(three_digits(radius)) << radius;
  }
  for (const char* radius : {"0.9551", "0.998877", "1.910", "1.534e-05"}) {
    EXPECT_FALSE(three_digits(radius)) << radius;
  }
  // Nothing was rounded in a log without radii.
  EXPECT_FALSE(log_from_tsv(kHeader + "0\t3\t-1\t0.0\t0\t0\n", "log")->three_digits);
}

TEST(PaperLog, SurvivesARoundTripButForItsTimes) {
  const std::string text = kHeader + "0\t3\t3\t0.955\t1\t0\n7\t1\t-1\t0\t0\t0\n";
  const auto read = log_from_tsv(text, "log");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(to_paper_tsv(read->examples), text);
}

TEST(OurLog, SurvivesARoundTripAtFullPrecision) {
  const Certificate certificate = sample_certificate();
  const std::string text = to_tsv(certificate);
  const auto read = log_from_tsv(text, "ours");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->form, Form::superset);
  EXPECT_EQ(read->examples, certificate.examples);
  EXPECT_EQ(read->protocol->n0, 100u);
  EXPECT_EQ(read->protocol->n, 1000u);
  EXPECT_EQ(read->protocol->alpha, 0.001);
  EXPECT_EQ(read->protocol->sigma, 0.5);
  EXPECT_EQ(read->protocol_id, certificate.protocol.id());
  EXPECT_FALSE(read->whole_protocol);
  EXPECT_EQ(to_superset_tsv(*read).value(), text);
}

TEST(OurLog, BeginsWithThePapersColumns) {
  const Certificate certificate = sample_certificate();
  const std::string text = to_tsv(certificate);
  EXPECT_THAT(text, testing::StartsWith(
                        "idx\tlabel\tpredict\tradius\tcorrect\ttime\tn_a\tn0\tn\talpha\tsigma\t"
                        "p_lower\tmode\tprotocol\tdraws\n3\t1\t1\t0.9"));
  EXPECT_THAT(text, HasSubstr("\t1\t0\t990\t100\t1000\t0.001\t0.5\t0.97"));
  EXPECT_THAT(text, HasSubstr("\n4\t0\t-1\t0\t0\t0\t510\t"));
  EXPECT_THAT(text, HasSubstr("\texact\t" + certificate.protocol.id().hex() + "\t0\n"));
}

// What was written before the columns mode, protocol and draws.
TEST(OurLog, IsReadInItsEarlierForm) {
  std::string text = to_tsv(sample_certificate());
  const std::string last = "\texact\t" + sample_certificate().protocol.id().hex() + "\t0";
  text = replaced(text, "\tmode\tprotocol\tdraws", "");
  for (int row = 0; row < 4; ++row) text = replaced(text, last, "");
  const auto read = log_from_tsv(text, "ours");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->examples, sample_certificate().examples);
  EXPECT_FALSE(read->protocol_id.has_value());
  EXPECT_THAT(to_superset_tsv(*read).value(), HasSubstr("\texact\t-\t0\n"));
}

std::string refusal(const std::string& from, const std::string& to) {
  const auto read = log_from_tsv(replaced(to_tsv(sample_certificate()), from, to), "ours");
  return read.has_value() ? "was read" : read.error().message;
}

TEST(OurLog, RefusesCountsAndBoundsThatCannotBe) {
  EXPECT_THAT(refusal("\t990\t", "\t1001\t"), HasSubstr("ours:2: n_a is larger than n"));
  EXPECT_THAT(refusal("0.97", "1.97"), HasSubstr("ours:2: p_lower is not within 0..1"));
  EXPECT_THAT(refusal("\t0.5\t0.97", "\tnan\t0.97"), HasSubstr("ours:2: sigma is not positive"));
  EXPECT_THAT(refusal("\t0.001\t", "\t0.7\t"), HasSubstr("ours:2: alpha is not within"));
  EXPECT_THAT(refusal("\t1000\t", "\t0\t"), HasSubstr("ours:2: n is not within"));
  EXPECT_THAT(refusal("\texact\t", "\tguess\t"), HasSubstr("ours:2: \"guess\" is not"));
}

TEST(OurLog, RefusesClaimsThatItsCountsDoNotProve) {
  // A bound that belongs to more draws, and a radius that belongs to a better bound.
  EXPECT_THAT(refusal("\t990\t", "\t989\t"), HasSubstr("more than 989 of 1000 draws prove"));
  EXPECT_THAT(refusal("\t0.001\t", "\t0.0009\t"), HasSubstr("draws prove at alpha 0.0009"));
  const std::string radius = std::to_string(sample_certificate().examples[0].radius);
  const std::string more = std::to_string(sample_certificate().examples[0].radius + 0.001);
  EXPECT_THAT(refusal("\t" + radius.substr(0, 5), "\t" + more.substr(0, 5)),
              HasSubstr("which sigma 0.5 and p_lower"));
  EXPECT_THAT(refusal("\t" + radius.substr(0, 5), "\t1.3"),
              HasSubstr("the most that sigma 0.5, 1000 draws and alpha 0.001 allow"));
}

TEST(OurLog, RefusesAPredictionWithoutAMajority) {
  EXPECT_THAT(refusal("\n4\t0\t-1\t0\t0\t", "\n4\t0\t0\t0\t1\t"),
              HasSubstr("ours:3: a class is predicted, but p_lower"));
}

TEST(OurLog, RefusesRowsOfDifferentSampling) {
  EXPECT_THAT(refusal("\t510\t100\t1000", "\t510\t100\t2000"), HasSubstr("ours:3: n0, n, alpha"));
  EXPECT_THAT(refusal("\t510\t100\t1000\t0.001\t0.5", "\t510\t100\t1000\t0.001\t0.25"),
              HasSubstr("differs from the first row's"));
}

}  // namespace
}  // namespace heirloom::certificate
