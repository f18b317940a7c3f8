#include <gmock/gmock.h>

#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using registry::State;
using ::testing::HasSubstr;

using Recovery = PipelineHarness;

TEST_F(Recovery, ADaemonThatDiedGoesOnWithTheSameJobAsANewAttempt) {
  bring_to_training();
  const std::int64_t job = runner->only_job();
  const std::int64_t epoch = registry->epoch();
  start();
  ASSERT_EQ(runner->only_job(), job);
  const jobs::Job told = runner->job(job);
  EXPECT_EQ(told.attempt, 2);
  EXPECT_EQ(told.epoch, epoch + 1);
  EXPECT_EQ(registry->generations.attempts_of_job(job).at(0).ending, registry::kLostWithDaemon);
  play_training("weights of g1");
  start();
  play_certification(200);
  EXPECT_EQ(generation(1).state, State::promoted);
  EXPECT_EQ(count("SELECT count(*) FROM verdicts"), 1);
  expect_intact_chain();
}

TEST_F(Recovery, LosingTheDaemonOftenNeverCountsAgainstTheJob) {
  bring_to_training();
  for (int i = 0; i < settings.max_attempts + 3; ++i) start();
  EXPECT_EQ(generation(1).state, State::training);
  EXPECT_EQ(runner->running(), 1U);
}

TEST_F(Recovery, ChampionsArePublishedAgainAtStart) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(200);
  std::filesystem::remove_all(folder.path() / "models" / "digits");
  start();
  EXPECT_EQ(
      base::read_file(folder.path() / "models" / "digits" / "champion" / "model.pt", 100).value(),
      "weights of g1");
}

TEST_F(Recovery, AResultOfAnOlderEpochIsRefused) {
  bring_to_training();
  const std::int64_t job = runner->only_job();
  const jobs::Job old = runner->job(job);
  start();
  // An old worker's answer lies in the folder; the new worker dies without one.
  jobs::JobResult stale;
  stale.job_id = old.id;
  stale.attempt = old.attempt;
  stale.epoch = old.epoch;
  stale.outcome = jobs::Outcome(jobs::Trained{});
  fakes::write_file(folder.path() / "jobs" / std::to_string(job) / jobs::kResultFile,
                    jobs::to_json(stale));
  runner->end(job, {false, 0});
  EXPECT_EQ(generation(1).state, State::training);
  EXPECT_TRUE(woken.has_value()) << "a retry was due";
}

TEST_F(Recovery, AKilledWorkerIsTriedAgainWithADelayAndThenFails) {
  bring_to_training();
  const std::int64_t job = runner->only_job();
  for (int attempt = 1; attempt < settings.max_attempts; ++attempt) {
    woken.reset();
    runner->end(job, {true, 9});
    EXPECT_EQ(runner->running(), 0U) << "no pause before the next attempt";
    ASSERT_TRUE(woken.has_value());
    clock.advance(*woken);
    pipeline->step();
    ASSERT_EQ(runner->only_job(), job);
    EXPECT_EQ(runner->job(job).attempt, attempt + 1);
  }
  runner->end(job, {true, 9});
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_THAT(*generation(1).error, HasSubstr("signal 9"));
  expect_intact_chain();
}

TEST_F(Recovery, APermanentFailureIsNotTriedAgain) {
  bring_to_training();
  runner->refuse(runner->only_job(), {base::ErrorKind::numerical, "loss is not finite", ""});
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_THAT(*generation(1).error, HasSubstr("loss is not finite"));
}

TEST_F(Recovery, AFailedGenerationCanBeQueuedAgainWithAReason) {
  bring_to_training();
  runner->refuse(runner->only_job(), {base::ErrorKind::bad_data, "the file changed", ""});
  ASSERT_EQ(generation(1).state, State::failed);
  ASSERT_TRUE(decide(*registry, "digits", 1, Decision::retry, "file restored", "uid:3"));
  pipeline->step();
  EXPECT_EQ(generation(1).state, State::training);
  play_training("weights of g1");
  play_certification(200);
  EXPECT_EQ(generation(1).state, State::promoted);
  EXPECT_EQ(count("SELECT count(*) FROM commitments"), 1);
  expect_intact_chain();
}

TEST_F(Recovery, AnOutputThatIsNotWhatItsResultSaysNeverEntersTheRegistry) {
  bring_to_training();
  const std::int64_t job = runner->only_job();
  jobs::Trained trained;
  trained.model = runner->write_output(job, std::string(jobs::kModelOutput), "half");
  trained.model.sha256 = base::sha256("whole");
  trained.kernel = "test kernel";
  trained.forward_batch = 64;
  runner->succeed(job, trained);
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_EQ(generation(1).model_sha256, std::nullopt);
}

TEST_F(Recovery, ASilentWorkerIsKilledAfterTheHeartbeatTimeout) {
  bring_to_training();
  clock.advance(settings.heartbeat_timeout - std::chrono::seconds(1));
  pipeline->poll();
  EXPECT_EQ(runner->running(), 1U);
  clock.advance(std::chrono::seconds(2));
  pipeline->poll();
  EXPECT_EQ(runner->running(), 0U);
}

TEST_F(Recovery, StoppingAsksWorkersToLeaveACheckpointAndGivesNoVerdict) {
  bring_to_training();
  const std::int64_t job = runner->only_job();
  pipeline->stop();
  EXPECT_TRUE(runner->terminated[job]);
  runner->end(job, {false, 75});
  EXPECT_EQ(generation(1).state, State::training);
  start();
  EXPECT_EQ(runner->only_job(), job);
}

TEST_F(Recovery, ASecondDaemonOnTheSameFolderIsToldWhoHoldsIt) {
  const auto second = StateFolder::open(folder.path());
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(::getpid())));
}

}  // namespace
}  // namespace heirloom::daemon
