#include "core/certificate/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/certificate/json.h"
#include "core/certificate/tsv.h"
#include "tests/certificate/samples.h"

namespace heirloom::certificate {
namespace {

using test::sample_certificate;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Log paper_log(const std::string& radius = "1.91") {
  return read_log("idx\tlabel\tpredict\tradius\tcorrect\ttime\n0\t3\t3\t" + radius +
                      "\t1\t0\n1\t3\t-1\t0.0\t0\t0\n2\t3\t5\t0.5\t0\t0\n",
                  "log")
      .value();
}

TEST(ReadLog, TellsTheFormsApart) {
  EXPECT_EQ(paper_log().form, Form::paper);
  const Log superset = read_log(to_tsv(sample_certificate()), "log").value();
  EXPECT_EQ(superset.form, Form::superset);
  EXPECT_EQ(read_log("\n " + to_json(superset).value(), "log").value().form, Form::json);
}

// One byte of damage is an error that names the file, or gives a log that still says nothing that
// no certificate can say.
TEST(ReadLog, IsNeverFooledByOneDamagedByte) {
  const Log sample = read_log(to_tsv(sample_certificate()), "log").value();
  for (const std::string& text :
       {to_tsv(sample_certificate()), to_json(sample).value(), to_paper_tsv(sample.examples)}) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const char damage : {'9', '-', '\t', '\n', '"', '{', '\0', '\xff'}) {
        std::string damaged = text;
        damaged[at] = damage;
        const auto read = read_log(damaged, "some.log");
        if (!read.has_value()) {
          ASSERT_THAT(read.error().message, testing::StartsWith("some.log:"));
          continue;
        }
        for (const CertifiedExample& example : read->examples) {
          ASSERT_GE(example.label, 0);
          ASSERT_GE(example.predicted, kAbstain);
          ASSERT_TRUE(example.radius >= 0.0 && std::isfinite(example.radius)) << damaged;
          if (const auto ceiling = largest_possible_radius(*read)) {
            ASSERT_LE(example.radius, *ceiling) << damaged;
          }
        }
      }
    }
  }
}

TEST(AssumeSampling, GivesBoundsToRadii) {
  Log log = paper_log();
  ASSERT_TRUE(assume_sampling(log, {.sigma = 0.5, .n = 100000, .alpha = 0.001}, "log"));
  EXPECT_NEAR(log.examples[0].p_lower, 0.99993, 1e-5);  // Phi(3.82)
  EXPECT_EQ(log.examples[1].p_lower, 0.0) << "an abstention has no bound";
  EXPECT_NEAR(log.examples[2].p_lower, 0.841345, 1e-6);  // Phi(1)
  EXPECT_EQ(log.protocol->sigma, 0.5);
}

// 1.91 is 1.9055 as the papers' scripts print it; the ceiling at this sampling is 1.9055.
TEST(AssumeSampling, AllowsForRoundingAndNoMore) {
  const Sampling papers{.sigma = 0.5, .n = 100000, .alpha = 0.001};
  Log rounded = paper_log("1.91");
  EXPECT_TRUE(assume_sampling(rounded, papers, "log").has_value());
  for (const char* radius : {"1.92", "1.9099"}) {
    Log log = paper_log(radius);
    const auto refused = assume_sampling(log, papers, "some.tsv");
    ASSERT_FALSE(refused.has_value()) << radius;
    EXPECT_EQ(refused.error().kind, base::ErrorKind::usage);
    EXPECT_THAT(refused.error().message, HasSubstr("some.tsv: example idx 0: radius"));
    EXPECT_FALSE(log.protocol.has_value());
    EXPECT_EQ(log.examples[2].p_lower, 0.0);
  }
}

TEST(AssumeSampling, RefusesALogThatKnowsItself) {
  Log log = read_log(to_tsv(sample_certificate()), "log").value();
  const auto refused = assume_sampling(log, {.sigma = 0.25, .n = 1000, .alpha = 0.001}, "log");
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("sigma 0.5, n 1000, alpha 0.001"));
}

TEST(AssumeSampling, RefusesASamplingThatIsNone) {
  Log log = paper_log();
  for (const Sampling& bad : {Sampling{0.0, 1000, 0.001}, Sampling{0.5, 0, 0.001},
                              Sampling{0.5, 1000, 0.5}, Sampling{0.5, 1000, 0.0}}) {
    EXPECT_FALSE(assume_sampling(log, bad, "log").has_value());
  }
}

TEST(LargestPossibleRadius, IsTheCeilingOfTheSampling) {
  Log log = paper_log();
  EXPECT_FALSE(largest_possible_radius(log).has_value());
  ASSERT_TRUE(assume_sampling(log, {.sigma = 0.5, .n = 100000, .alpha = 0.001}, "log"));
  EXPECT_NEAR(*largest_possible_radius(log), 1.91, 1e-9);
  const Log superset = read_log(to_tsv(sample_certificate()), "log").value();
  EXPECT_NEAR(*largest_possible_radius(superset), stats::exact_radius_ceiling(0.5, 1000, 0.001),
              2e-6);
}

TEST(Warnings, SayWhatAReaderCannotSee) {
  EXPECT_THAT(warnings(paper_log()),
              ElementsAre(HasSubstr("three significant digits"), HasSubstr("without sigma")));
  Log assumed = paper_log("1.9012");
  ASSERT_TRUE(assume_sampling(assumed, {.sigma = 0.5, .n = 100000, .alpha = 0.001}, "log"));
  EXPECT_THAT(warnings(assumed), ElementsAre(HasSubstr("was said, not read")));
  Log superset = read_log(to_tsv(sample_certificate()), "log").value();
  EXPECT_THAT(warnings(superset), IsEmpty());
  superset.protocol->mode = Mode::gate;
  EXPECT_THAT(warnings(superset), ElementsAre(HasSubstr("is a lower end")));
  superset.protocol->mode = Mode::exact;
  superset.examples = {test::sample_example(7, 2, 0, 900)};
  EXPECT_THAT(warnings(superset), ElementsAre(HasSubstr("no example is certified")));
}

}  // namespace
}  // namespace heirloom::certificate
