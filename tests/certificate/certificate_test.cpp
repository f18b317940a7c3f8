#include "core/certificate/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/stats/binomial.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {
namespace {

using testing::HasSubstr;

Protocol sample_protocol(const std::vector<std::uint32_t>& examples = {2, 5}) {
  Protocol protocol;
  protocol.n0 = 100;
  protocol.n = 1000;
  protocol.alpha = 0.001;
  protocol.sigma = 0.5;
  protocol.kernel = "float32";
  protocol.forward_batch = 64;
  protocol.holdout_id = base::sha256("holdout");
  protocol.examples = example_list_digest(examples);
  return protocol;
}

ExampleCounts counts(std::uint32_t index, std::vector<std::uint32_t> select,
                     std::vector<std::uint32_t> estimate, std::int32_t label = 1) {
  return {index, label, std::move(select), std::move(estimate)};
}

TEST(CertifyExample, IsCohensAlgorithm) {
  const auto example = certify_example(sample_protocol(), 3, counts(2, {10, 90, 0}, {60, 930, 10}));
  ASSERT_TRUE(example.has_value()) << example.error().text();
  EXPECT_EQ(example->index, 2u);
  EXPECT_EQ(example->label, 1);
  EXPECT_EQ(example->predicted, 1);
  EXPECT_EQ(example->n_a, 930u);
  EXPECT_EQ(example->p_lower, stats::clopper_pearson_lower(930, 1000, 0.001));
  EXPECT_EQ(example->radius, stats::certified_radius(0.5, example->p_lower));
  EXPECT_TRUE(example->certified_at(example->radius));
  EXPECT_FALSE(example->certified_at(example->radius + 1e-6));
}

TEST(CertifyExample, SelectsByTheSelectionDrawsAlone) {
  // The estimation draws prefer class 2: choosing by them would spend the same draws twice.
  const auto example = certify_example(sample_protocol(), 3, counts(2, {0, 60, 40}, {0, 300, 700}));
  ASSERT_TRUE(example.has_value());
  EXPECT_EQ(example->n_a, 300u);
  EXPECT_EQ(example->predicted, kAbstain);
}

TEST(CertifyExample, TakesTheLowestOfEqualClasses) {
  const auto example = certify_example(sample_protocol(), 3, counts(2, {0, 50, 50}, {0, 990, 10}));
  ASSERT_TRUE(example.has_value());
  EXPECT_EQ(example->predicted, 1);
}

TEST(CertifyExample, AbstainsBelowAMajorityAndThenCertifiesNothing) {
  const auto example = certify_example(sample_protocol(), 2, counts(2, {10, 90}, {480, 520}));
  ASSERT_TRUE(example.has_value());
  EXPECT_EQ(example->predicted, kAbstain);
  EXPECT_EQ(example->radius, 0.0);
  EXPECT_FALSE(example->correct());
  EXPECT_FALSE(example->certified_at(0.0));
}

TEST(CertifyExample, CountsTiedDrawsAsFailures) {
  const auto all = certify_example(sample_protocol(), 2, counts(2, {0, 100}, {0, 1000}));
  const auto tied = certify_example(sample_protocol(), 2, counts(2, {0, 100}, {0, 990}));
  ASSERT_TRUE(all.has_value() && tied.has_value());
  EXPECT_EQ(tied->p_lower, stats::clopper_pearson_lower(990, 1000, 0.001));
  EXPECT_LT(tied->radius, all->radius);
}

TEST(CertifyExample, NeverPassesTheCeiling) {
  const auto all = certify_example(sample_protocol(), 2, counts(2, {0, 100}, {0, 1000}));
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->radius, stats::exact_radius_ceiling(0.5, 1000, 0.001));
}

TEST(CertifyExample, CertifiesNothingForTheWrongClass) {
  const auto example =
      certify_example(sample_protocol(), 2, counts(2, {100, 0}, {1000, 0}, /*label=*/1));
  ASSERT_TRUE(example.has_value());
  EXPECT_EQ(example->predicted, 0);
  EXPECT_GT(example->radius, 0.0);
  EXPECT_FALSE(example->certified_at(0.0));
  EXPECT_FALSE(example->certified_at(std::nan("")));
}

TEST(CertifyExample, RefusesCountsThatDoNotFitTheProtocol) {
  const Protocol protocol = sample_protocol();
  EXPECT_THAT(certify_example(protocol, 2, counts(2, {50, 51}, {0, 1000})).error().message,
              HasSubstr("select counts 101 draws"));
  EXPECT_THAT(certify_example(protocol, 2, counts(2, {50, 50}, {1, 1000})).error().message,
              HasSubstr("estimate counts 1001 draws"));
  EXPECT_THAT(certify_example(protocol, 3, counts(2, {50, 50}, {0, 1, 2})).error().message,
              HasSubstr("2 classes instead of 3"));
  EXPECT_THAT(certify_example(protocol, 2, counts(2, {50, 50}, {0, 0}, 2)).error().message,
              HasSubstr("label 2"));
  EXPECT_THAT(certify_example(protocol, 2, counts(2, {50, 50}, {0, 0}, -1)).error().message,
              HasSubstr("label -1"));
}

TEST(CertifyExample, RefusesSumsThatWrapAround) {
  const std::uint32_t most = 0xffffffffu;
  EXPECT_FALSE(certify_example(sample_protocol(), 2, counts(2, {most, 2}, {0, 0})).has_value());
}

TEST(CertifyExample, RefusesAProtocolThatIsNone) {
  const auto refused = [](const std::function<void(Protocol&)>& change) {
    Protocol protocol = sample_protocol();
    change(protocol);
    return !certify_example(protocol, 2, counts(2, {0, 0}, {0, 0})).has_value();
  };
  EXPECT_FALSE(refused([](Protocol&) {}));
  EXPECT_TRUE(refused([](Protocol& p) { p.n = 0; }));
  EXPECT_TRUE(refused([](Protocol& p) { p.n0 = 0; }));
  EXPECT_TRUE(refused([](Protocol& p) { p.alpha = 0.0; }));
  EXPECT_TRUE(refused([](Protocol& p) { p.alpha = std::nan(""); }));
  EXPECT_TRUE(refused([](Protocol& p) { p.sigma = 0.0; }));
  EXPECT_TRUE(refused([](Protocol& p) { p.sigma = std::nan(""); }));
}

std::vector<ExampleCounts> two_rows() {
  return {counts(2, {0, 100}, {0, 1000}), counts(5, {100, 0}, {1000, 0}, 0)};
}

TEST(Certify, KeepsTheExamplesInOrder) {
  const auto certificate = certify(sample_protocol(), base::sha256("model"), 2, {2, 5}, two_rows());
  ASSERT_TRUE(certificate.has_value()) << certificate.error().text();
  EXPECT_EQ(certificate->model_sha256, base::sha256("model"));
  EXPECT_EQ(certificate->protocol.id(), sample_protocol().id());
  ASSERT_EQ(certificate->examples.size(), 2u);
  EXPECT_EQ(certificate->examples[1].index, 5u);
  EXPECT_TRUE(certificate->examples[1].correct());
}

TEST(Certify, RefusesExamplesThatAreMissingDoubledSwappedOrOthers) {
  const auto rows = two_rows();
  const Protocol protocol = sample_protocol();
  const base::Digest model = base::sha256("model");
  EXPECT_FALSE(certify(protocol, model, 2, {2, 5}, {rows[0]}).has_value());
  EXPECT_FALSE(certify(protocol, model, 2, {2, 5}, {rows[0], rows[0]}).has_value());
  EXPECT_FALSE(certify(protocol, model, 2, {2, 5}, {rows[1], rows[0]}).has_value());
  EXPECT_FALSE(certify(protocol, model, 2, {2, 5}, {rows[0], rows[1], rows[1]}).has_value());
  EXPECT_FALSE(certify(protocol, model, 2, {2, 6}, rows).has_value());
  EXPECT_FALSE(certify(sample_protocol({}), model, 2, {}, {}).has_value());
  EXPECT_FALSE(certify(sample_protocol({5, 2}), model, 2, {5, 2}, {rows[1], rows[0]}).has_value());
}

TEST(ProtocolId, DependsOnEverythingThatDecidesTheCounts) {
  const base::Digest id = sample_protocol().id();
  const auto changed = [](const std::function<void(Protocol&)>& change) {
    Protocol protocol = sample_protocol();
    change(protocol);
    return protocol.id();
  };
  EXPECT_NE(changed([](Protocol& p) { p.n0 = 101; }), id);
  EXPECT_NE(changed([](Protocol& p) { p.n = 1001; }), id);
  EXPECT_NE(changed([](Protocol& p) { p.alpha = 0.002; }), id);
  EXPECT_NE(changed([](Protocol& p) { p.sigma = 0.25; }), id);
  EXPECT_NE(changed([](Protocol& p) { p.kernel = "bfloat16"; }), id);
  EXPECT_NE(changed([](Protocol& p) { p.holdout_id = base::sha256("other"); }), id);
  EXPECT_NE(changed([](Protocol& p) { p.examples = example_list_digest({2, 6}); }), id);
  EXPECT_EQ(changed([](Protocol& p) { p.forward_batch = 1; }), id);
}

// Stored certificates name it: a change of the encoding breaks every comparison with them.
TEST(ProtocolId, IsFrozen) {
  EXPECT_EQ(sample_protocol().id().hex(),
            "42bfb005d61487bcab5d32956872a684f39f9645f28f93b0588cc337bf6aac3e");
}

TEST(ProtocolJson, SaysWhatTheProtocolIs) {
  const std::string json = sample_protocol().to_json();
  for (const char* piece :
       {"\"mode\":\"exact\"", "\"n0\":100", "\"n\":1000", "\"alpha\":0.001", "\"sigma\":0.5",
        "\"kernel\":\"float32\"", "\"forward_batch\":64", "\"noise_version\":1"}) {
    EXPECT_THAT(json, HasSubstr(piece));
  }
  EXPECT_THAT(json, HasSubstr(sample_protocol().id().hex()));
}

TEST(Mode, IsReadByItsName) {
  EXPECT_EQ(parse_mode("exact").value(), Mode::exact);
  EXPECT_FALSE(parse_mode("gates").has_value());
}

}  // namespace
}  // namespace heirloom::certificate
