// Evidence of gate mode and of certifications that ended early.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/certificate/curtailment.h"
#include "core/stats/certified_accuracy.h"
#include "tests/policies/evidence.h"

namespace heirloom::policies {
namespace {

using certificate::Mode;
using testing::HasSubstr;

certificate::Certificate in_gate_mode(certificate::Certificate certificate,
                                      std::vector<double> radii = {0.0, 0.5}) {
  certificate.protocol.mode = Mode::gate;
  certificate.protocol.n0 = 0;
  certificate.protocol.radii = std::move(radii);
  return certificate;
}

std::string refusal(const JudgeInput& input) {
  const auto judged = judge(input);
  return judged.has_value() ? std::string(to_string(judged->verdict)) : judged.error().message;
}

TEST(ProtocolTerms, OfGateModeAskForTheRadiiOfEveryGateAndForNoMore) {
  CertifySettings certify;
  certify.mode = Mode::gate;
  Threshold dry = certified_at(1.0, 0.5);
  dry.dry_run = true;
  const auto terms = protocol_terms(
      certify,
      {certified_at(0.5, 0.9), gate_on(Metric::clean_accuracy, 0.9), dry, certified_at(0.5, 0.5)},
      0.5);
  EXPECT_EQ(terms.mode, Mode::gate);
  EXPECT_EQ(terms.radii, (std::vector<double>{0.0, 0.5, 1.0}));
  EXPECT_EQ(terms.n0, 0U);
  EXPECT_EQ(protocol_terms(certify, {gate_on(Metric::abstain_rate, 0.1)}, 0.5).n0, 100U);
}

TEST(ProtocolTerms, AreExactWhereAGateNeedsRadiiThemselves) {
  CertifySettings certify;
  certify.mode = Mode::gate;
  const auto terms =
      protocol_terms(certify, {certified_at(0.5, 0.9), gate_on(Metric::acr, 0.3)}, 0.5);
  EXPECT_EQ(terms.mode, Mode::exact);
  EXPECT_EQ(protocol_terms(certify, {pa_quantile(0.05, 0.9)}, 0.5).mode, Mode::exact);
  EXPECT_EQ(protocol_terms(certify, {gate_on(Metric::training_cost, 60)}, 0.5).mode, Mode::gate);
  EXPECT_EQ(terms.n0, 100U);
  EXPECT_TRUE(terms.radii.empty());
}

TEST(JudgeGateMode, PassesAndFailsByTheSameTestAsExactMode) {
  const auto exact = planted(190, 200, 0.5);
  const auto gate = in_gate_mode(exact);
  for (const double at_least : {0.5, 0.9, 0.93, 0.97}) {
    EXPECT_EQ(refusal(input_of(gate, {certified_at(0.5, at_least)})),
              refusal(input_of(exact, {certified_at(0.5, at_least)})))
        << at_least;
  }
}

TEST(JudgeGateMode, GivesNoVerdictOnWhatWasNotDecided) {
  const auto certificate = in_gate_mode(planted(200, 200, 0.5));
  EXPECT_THAT(refusal(input_of(certificate, {certified_at(0.25, 0.5)})), HasSubstr("its radius"));
  EXPECT_THAT(refusal(input_of(certificate, {gate_on(Metric::acr, 0.1)})), HasSubstr("radii"));
  EXPECT_THAT(refusal(input_of(certificate, {gate_on(Metric::abstain_rate, 0.5)})),
              HasSubstr("abstentions"));
  EXPECT_EQ(refusal(input_of(certificate, {gate_on(Metric::clean_accuracy, 0.5)})), "promoted");
}

// The first `examples` of a certificate, as of a run that ended there.
certificate::Certificate cut(certificate::Certificate certificate, std::size_t examples) {
  for (const auto& example : certificate.examples) certificate.listed.push_back(example.index);
  certificate.examples.resize(examples);
  return certificate;
}

TEST(Floors, AreTheSmallestPassingCountsOfTheGatesThatBindByThemselves) {
  Threshold dry = certified_at(1.0, 0.9);
  dry.dry_run = true;
  const auto out = floors({certified_at(0.5, 0.9), dry, gate_on(Metric::abstain_rate, 0.1),
                           gate_on(Metric::certified_accuracy, 0.1, Baseline::champion),
                           gate_on(Metric::clean_accuracy, 0.95)},
                          1000, 0.01, 0.001);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].radius, 0.5);
  EXPECT_EQ(out[0].needed,
            static_cast<std::uint64_t>(stats::smallest_passing_count(1000, 0.9, 0.01, 0.001)));
  EXPECT_EQ(out[1].radius, 0.0);
}

TEST(JudgeCurtailed, RejectsWhatNoOutcomeOfTheRestCouldSave) {
  // 100 of the first 150 certified, 50 left: 150 of 200 at the most.
  const auto certificate = cut(planted(100, 200), 150);
  const auto judged = judge(input_of(certificate, {certified_at(0.5, 0.8)}));
  ASSERT_TRUE(judged.has_value()) << judged.error().text();
  EXPECT_EQ(judged->verdict, Verdict::rejected);
  const Gate& gate = judged->gates[0];
  EXPECT_FALSE(gate.pass);
  EXPECT_TRUE(gate.ended_early);
  EXPECT_EQ(gate.count, 150);
  EXPECT_EQ(gate.examples, 200);
  EXPECT_THAT(gate.note, HasSubstr("between 100 and 150 of 200"));
  EXPECT_THAT(judged->reason, HasSubstr("between 100 and 150 of 200"));
}

TEST(JudgeCurtailed, SaysNothingOfAGateThatTheRestCouldDecide) {
  const auto certificate = cut(planted(100, 200), 150);
  const auto champion = planted(150, 200);
  JudgeInput input = input_of(
      certificate, {certified_at(0.5, 0.8), certified_at(0.25, 0.6), gate_on(Metric::acr, 0.01),
                    gate_on(Metric::certified_accuracy, 0.1, Baseline::champion)});
  input.champion = &champion;
  const auto judged = judge(input);
  ASSERT_TRUE(judged.has_value()) << judged.error().text();
  EXPECT_EQ(judged->verdict, Verdict::rejected);
  for (std::size_t i = 1; i < judged->gates.size(); ++i) {
    EXPECT_FALSE(judged->gates[i].applicable);
    EXPECT_FALSE(judged->gates[i].pass);
    EXPECT_THAT(judged->gates[i].note, HasSubstr("not evaluated"));
  }
}

// The kinder mistake: to judge the part as if it were the whole.
TEST(JudgeCurtailed, NeverPromotesOrHolds) {
  const auto perfect_so_far = cut(planted(150, 200), 150);
  EXPECT_THAT(refusal(input_of(perfect_so_far, {certified_at(0.5, 0.5)})),
              HasSubstr("ended after 150 of 200 examples"));
}

TEST(JudgeCurtailed, RefusesABaselineThatIsNotWholeAndAPartThatIsNoBeginning) {
  const auto candidate = planted(180, 200);
  const auto part = cut(planted(180, 200), 150);
  JudgeInput input =
      input_of(candidate, {gate_on(Metric::certified_accuracy, 0.1, Baseline::champion)});
  input.champion = &part;
  EXPECT_THAT(refusal(input), HasSubstr("not complete"));
  auto holes = cut(planted(100, 200), 150);
  holes.examples.erase(holes.examples.begin());
  EXPECT_THAT(refusal(input_of(holes, {certified_at(0.5, 0.8)})), HasSubstr("other examples"));
}

}  // namespace
}  // namespace heirloom::policies
