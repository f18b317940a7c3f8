// The two-step bootstrap through the whole pipeline.
#include <gmock/gmock.h>

#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using registry::State;
using ::testing::HasSubstr;

std::string two_step_policy(const std::string& architecture = "architecture: linear") {
  std::string policy(kPolicy);
  const std::string was = "method: gaussian, ";
  return policy.replace(policy.find(was), was.size(), was + architecture + ", ");
}

class TwoStepBootstrap : public PipelineHarness {
 protected:
  // A version of another architecture than the policy's teacher, up to the teacher's inspection.
  void ask_for_it() {
    apply_policy_text(two_step_policy());
    ask_snapshot("s1");
    play_snapshot();
    ask_version("v1");
    play_version();
  }
  std::string version_of(int number) {
    return registry->catalog.version(generation(number).version_id)->name;
  }
};

TEST_F(TwoStepBootstrap, TrainsTheTeacherFirstAndTransfersFromIt) {
  ask_for_it();
  const auto asked = std::get<jobs::InspectVersion>(runner->job(runner->only_job()).task);
  EXPECT_EQ(asked.arch.name, "linear");
  play_version();
  EXPECT_EQ(version_of(1), "bootstrap-linear");
  EXPECT_EQ(version_of(2), "v1");
  EXPECT_EQ(generation(1).kind, "bootstrap");
  EXPECT_THAT(generation(1).cause, HasSubstr("teacher of the bootstrap of v1"));
  EXPECT_EQ(generation(2).state, State::queued);
  play_training("teacher");
  play_certification(200);
  EXPECT_EQ(champion(), "g1");
  EXPECT_EQ(generation(2).kind, "transfer");
  EXPECT_EQ(generation(2).teacher_id, generation(1).id);
  play_training("student");
  play_certification(200);
  EXPECT_EQ(champion(), "g2");
  expect_intact_chain();
}

TEST_F(TwoStepBootstrap, ARejectedTeacherFailsTheStudentWithItsReason) {
  ask_for_it();
  play_version();
  play_training("teacher");
  play_certification(20);
  EXPECT_EQ(generation(1).state, State::rejected);
  EXPECT_EQ(generation(2).state, State::failed);
  EXPECT_THAT(generation(2).error.value_or(""), HasSubstr("g1 (bootstrap-linear) was rejected: "));
  EXPECT_THAT(generation(2).error.value_or(""), HasSubstr("clean_accuracy"));
}

TEST_F(TwoStepBootstrap, AFailedTrainingOfTheTeacherFailsTheStudentToo) {
  ask_for_it();
  play_version();
  runner->refuse(runner->only_job(), {base::ErrorKind::numerical, "training diverged", ""});
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_THAT(generation(2).error.value_or(""), HasSubstr("training diverged"));
}

TEST_F(TwoStepBootstrap, ATeacherThatCannotBeBuiltFailsTheStudentInWords) {
  ask_for_it();
  runner->refuse(runner->only_job(), {base::ErrorKind::usage, "unknown architecture", ""});
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_EQ(version_of(1), "v1");
  EXPECT_THAT(generation(1).error.value_or(""), HasSubstr("refused: unknown architecture"));
  // It is not asked for over and over.
  pipeline->step();
  EXPECT_EQ(count("SELECT count(*) FROM registrations"), 3);
}

TEST_F(TwoStepBootstrap, AVersionOfThatArchitectureIsItsOwnBootstrap) {
  apply_policy_text(two_step_policy("architecture: lenet"));
  ask_snapshot("s1");
  play_snapshot();
  ask_version("v1");
  play_version();
  EXPECT_EQ(version_of(1), "v1");
  EXPECT_EQ(generation(1).kind, "bootstrap");
  EXPECT_EQ(count("SELECT count(*) FROM versions"), 1);
}

TEST_F(TwoStepBootstrap, ParametersMakeItAnotherArchitecture) {
  apply_policy_text(two_step_policy("architecture: resnet, set: {depth: 8}"));
  ask_snapshot("s1");
  play_snapshot();
  ask_version("v1");
  play_version();
  const auto asked = std::get<jobs::InspectVersion>(runner->job(runner->only_job()).task);
  EXPECT_EQ(asked.arch, (jobs::ArchSpec{"resnet", {{"depth", "8"}}}));
  play_version();
  EXPECT_THAT(version_of(1), ::testing::MatchesRegex("bootstrap-resnet-[0-9a-f]{8}"));
}

TEST_F(TwoStepBootstrap, WithAChampionThereIsNothingToBootstrap) {
  ask_for_it();
  play_version();
  play_training("teacher");
  play_certification(200);
  play_training("student");
  play_certification(200);
  ask_version("v2");
  play_version();
  EXPECT_EQ(version_of(3), "v2");
  EXPECT_EQ(generation(3).teacher_id, generation(2).id);
  EXPECT_EQ(count("SELECT count(*) FROM versions"), 3);
}

TEST_F(TwoStepBootstrap, AnotherPolicyGivesTheTeacherAnotherChance) {
  ask_for_it();
  play_version();
  play_training("teacher");
  play_certification(20);
  apply_policy_text(two_step_policy() + "# once more\n");
  ask_version("v2");
  play_version();
  EXPECT_EQ(version_of(3), "bootstrap-linear");
  EXPECT_EQ(version_of(4), "v2");
  EXPECT_EQ(generation(3).state, State::training);
}

TEST_F(TwoStepBootstrap, NobodyElseGivesAVersionTheNameOfATeacher) {
  apply_policy_text(two_step_policy());
  const auto taken = register_version(*registry, signers,
                                      {"digits", "bootstrap-linear", {"lenet", {}}}, {}, "uid:0");
  ASSERT_FALSE(taken.has_value());
  EXPECT_THAT(taken.error().message, HasSubstr("begin with bootstrap-"));
}

TEST_F(TwoStepBootstrap, ADaemonKilledBetweenTheTwoStepsGoesOn) {
  ask_for_it();
  start();
  play_version();
  EXPECT_EQ(version_of(1), "bootstrap-linear");
  start();
  EXPECT_EQ(generation(1).state, State::training);
  EXPECT_EQ(count("SELECT count(*) FROM generations"), 2);
}

}  // namespace
}  // namespace heirloom::daemon
