// The attack on certificates within a generation's life, on played workers.
#include <gmock/gmock.h>

#include "core/certificate/falsification.h"
#include "daemon/views/views.h"
#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using registry::State;
using ::testing::HasSubstr;

class Falsifying : public PipelineHarness {
 protected:
  // From nothing to a first generation whose certification is done, `right` of 200 certified.
  void bring_to_attack(std::size_t right = 200, int examples = 20) {
    apply_policy_text(policy(examples));
    ask_version("v1");
    play_version();
    ask_snapshot("s1");
    play_snapshot();
    play_training("weights of g1");
    play_certification(right);
  }

  static std::string policy(int examples) {
    return std::string(kPolicy) + "falsify: {examples: " + std::to_string(examples) + "}\n";
  }

  std::string running_kind() {
    const std::int64_t job = runner->only_job();
    return job < 0 ? "" : std::string(jobs::task_kind(runner->job(job).task));
  }

  jobs::Attack told() { return std::get<jobs::Attack>(runner->job(runner->only_job()).task); }

  // The first `breaks` of the targets lose all their votes to another class.
  std::vector<certificate::AttackRow> rows(std::size_t breaks) {
    std::vector<certificate::AttackRow> out;
    for (const jobs::AttackTarget& target : told().targets) {
      certificate::AttackRow row{{target.index, target.claimed, target.epsilon},
                                 target.epsilon,
                                 certificate::kConfirmDraws,
                                 std::vector<std::uint32_t>(10, 0)};
      const int voted = out.size() < breaks ? (target.claimed + 1) % 10 : target.claimed;
      row.votes[static_cast<std::size_t>(voted)] = row.draws;
      out.push_back(row);
    }
    return out;
  }

  void answer(const std::vector<certificate::AttackRow>& rows) {
    const std::int64_t job = runner->only_job();
    jobs::Attacked attacked;
    attacked.rows = runner->write_output(job, std::string(jobs::kAttackOutput),
                                         certificate::attack_to_tsv(rows));
    attacked.samples = 12345;
    runner->succeed(job, attacked);
  }
  void play_attack(std::size_t breaks) { answer(rows(breaks)); }

  std::string reason(int number) {
    return registry->evidence.verdict_of(generation(number).id)->reason;
  }
  Json falsification(int number) {
    return generation_view(*registry, generation(number), true).at("falsification");
  }
};

TEST_F(Falsifying, AnAttackThatBreaksNothingLetsTheGenerationBePromoted) {
  bring_to_attack();
  EXPECT_EQ(generation(1).state, State::certifying);
  EXPECT_EQ(champion(), std::nullopt) << "promoted before the attack";
  ASSERT_EQ(running_kind(), "attack");
  EXPECT_EQ(told().targets.size(), 20U);
  play_attack(0);
  EXPECT_EQ(generation(1).state, State::promoted);
  EXPECT_EQ(falsification(1), Json::parse(R"({"attacked": 20, "broken": 0, "examples": []})"));
  expect_intact_chain();
}

TEST_F(Falsifying, AConfirmedBreakHoldsTheGenerationAndNamesTheExample) {
  bring_to_attack();
  const std::uint32_t first = told().targets[0].index;
  play_attack(1);
  EXPECT_EQ(generation(1).state, State::held);
  EXPECT_EQ(champion(), std::nullopt);
  EXPECT_EQ(reason(1), "held: an attack broke 1 of 20 certificates (example " +
                           std::to_string(first) + "), a person must decide");
  EXPECT_EQ(falsification(1).at("examples"), Json::array({first}));
  expect_intact_chain();
}

TEST_F(Falsifying, MoreBreaksThanAlphaExplainsRejectIt) {
  bring_to_attack();
  play_attack(2);
  EXPECT_EQ(generation(1).state, State::rejected);
  EXPECT_THAT(reason(1), HasSubstr("rejected: an attack broke 2 of 20 certificates (examples"));
  EXPECT_THAT(reason(1), HasSubstr("more than alpha 0.001 explains"));
  expect_intact_chain();
}

TEST_F(Falsifying, ACandidateThatItsGatesRejectIsNotAttacked) {
  bring_to_attack(60);
  EXPECT_EQ(generation(1).state, State::rejected);
  EXPECT_EQ(count("SELECT count(*) FROM jobs WHERE kind = 'attack'"), 0);
  EXPECT_TRUE(falsification(1).is_null());
}

TEST_F(Falsifying, APolicyThatDoesNotAskForItHasNoAttack) {
  bring_to_attack(200, 0);
  EXPECT_EQ(generation(1).state, State::promoted);
  EXPECT_EQ(count("SELECT count(*) FROM jobs WHERE kind = 'attack'"), 0);
}

// The targets follow from the holdout's key: certified ones, ascending, just inside their radius.
TEST_F(Falsifying, AttacksCertifiedExamplesThatTheKeyChooses) {
  bring_to_attack(160);
  const jobs::Attack first = told();
  const auto certificate = registry->evidence.certificate(1).value();
  std::vector<std::uint32_t> indices;
  for (const jobs::AttackTarget& target : first.targets) {
    const auto found = std::find_if(certificate.examples.begin(), certificate.examples.end(),
                                    [&](const auto& e) { return e.index == target.index; });
    ASSERT_NE(found, certificate.examples.end());
    EXPECT_TRUE(found->correct());
    EXPECT_EQ(target.claimed, found->label);
    EXPECT_DOUBLE_EQ(target.epsilon, found->radius * 0.999);
    indices.push_back(target.index);
  }
  EXPECT_TRUE(std::is_sorted(indices.begin(), indices.end()));
  EXPECT_GT(indices.back(), 100U) << "not simply the first";
  EXPECT_EQ(first.classifier_id, *generation(1).classifier_id);
  EXPECT_EQ(first.noise_key, registry->catalog.noise_key(1).value());
  start();  // a new daemon asks for the same
  EXPECT_EQ(told().targets, first.targets);
}

TEST_F(Falsifying, RowsThatWereNotAskedForAreAnErrorAndNoVerdict) {
  bring_to_attack();
  auto few = rows(0);
  few.pop_back();
  answer(few);
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_EQ(count("SELECT count(*) FROM verdicts"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM falsifications"), 0);
}

TEST_F(Falsifying, AnAttackThatFailsFailsTheGeneration) {
  bring_to_attack();
  runner->refuse(runner->only_job(),
                 {base::ErrorKind::bad_data, "model.pt lets no gradient through to its input", ""});
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_THAT(*generation(1).error, HasSubstr("lets no gradient through"));
}

// A second generation with the same weights has the same certificate: what was found stands.
TEST_F(Falsifying, IsLookedUpInsteadOfRepeated) {
  bring_to_attack();
  play_attack(1);
  ASSERT_EQ(generation(1).state, State::held);
  ask_version("again");
  play_version();
  play_training("weights of g1");
  EXPECT_EQ(running_kind(), "") << "nothing is left to do";
  EXPECT_EQ(generation(2).state, State::held);
  EXPECT_EQ(reason(2), reason(1));
  EXPECT_EQ(count("SELECT count(*) FROM falsifications"), 1);
  expect_intact_chain();
}

// The kinder mistake: to ask the same classifier for fewer examples, or for none.
TEST_F(Falsifying, ABreakStandsWhateverALaterPolicyAsksFor) {
  bring_to_attack();
  play_attack(1);
  ASSERT_EQ(generation(1).state, State::held);
  int number = 1;
  for (const int examples : {0, 5}) {
    apply_policy_text(policy(examples));
    ask_version("again-" + std::to_string(examples));
    play_version();
    play_training("weights of g1");
    EXPECT_EQ(generation(++number).state, State::held) << examples;
    EXPECT_EQ(reason(number), reason(1));
  }
  EXPECT_EQ(champion(), std::nullopt);
  expect_intact_chain();
}

TEST_F(Falsifying, ATamperedOutcomeBlocksTheVerdict) {
  bring_to_attack();
  play_attack(1);
  registry->db.execute("DROP TRIGGER falsifications_no_update");
  registry->db.execute("UPDATE falsifications SET broken = 0, examples = '[]'");
  ask_version("again");
  play_version();
  play_training("weights of g1");
  EXPECT_EQ(generation(2).state, State::failed);
  EXPECT_THAT(*generation(2).error, HasSubstr("falsifications"));
  EXPECT_TRUE(registry->audit.verify().problem.has_value());
}

}  // namespace
}  // namespace heirloom::daemon
