// New snapshots are tested for drift, and what has drifted is trained on.
#include <gmock/gmock.h>

#include "daemon/drift/drift_checks.h"
#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using jobs::DriftTest;
using registry::State;
using testing::HasSubstr;

const std::string kWatched =
    std::string(kPolicy) +
    "drift: {every: 1h, tests: [bbsd_ks, label_chi2, certified_coverage], cool_down: 6h, "
    "batch: 20, false_alarms_per_year: 10}\n";

class DriftWatching : public PipelineHarness {
 protected:
  // g1 is champion of snapshot s1, whose holdout of 600 examples can be tested against.
  void bring_to_champion(const std::string& policy = kWatched) {
    apply_policy_text(policy);
    ask_version("v1");
    play_version();
    ask_snapshot("s1");
    play_large_snapshot("one", "train");
    play_training("weights of g1");
    play_certification(195);
    ASSERT_EQ(champion(), "g1");
  }

  void play_large_snapshot(const std::string& holdout, const std::string& train) {
    play_snapshot(holdout, train, 600);
  }

  void add_snapshot(const std::string& name, const std::string& holdout = "") {
    ask_snapshot(name, !holdout.empty());
    play_large_snapshot(holdout, "train of " + name);
  }

  jobs::Drift drift_job() { return std::get<jobs::Drift>(runner->job(runner->only_job()).task); }
  bool drift_runs() {
    return runner->only_job() >= 0 &&
           std::holds_alternative<jobs::Drift>(runner->job(runner->only_job()).task);
  }

  // The worker finds outputs that are `distance` off, at a p-value that is as small as it gets.
  void play_drift(double distance) {
    const std::int64_t job = runner->only_job();
    const jobs::Drift task = drift_job();
    jobs::Drifted found;
    found.fresh = 400;
    found.labels = 20;
    found.reference = {600, 570, 560};
    found.batch = {20, 19, 19};
    found.tests = {{DriftTest::bbsd_ks, distance, distance >= 0.1 ? 1e-9 : 0.7, distance, 3, 0}};
    found.outputs = runner->write_output(job, std::string(jobs::kFreshOutputs), "outputs");
    if (!task.reference_outputs) {
      found.reference_outputs =
          runner->write_output(job, std::string(jobs::kReferenceOutputs), "reference outputs");
    }
    found.samples = 620 * 264;
    runner->succeed(job, found);
  }

  std::optional<registry::TestedDrift> newest() {
    return registry->drifts.newest(registry->models.find("digits")->id);
  }
  void pass(std::chrono::seconds time) {
    clock.advance(time);
    pipeline->step();
  }
};

TEST_F(DriftWatching, TestsANewSnapshotAgainstTheChampionsHoldout) {
  bring_to_champion();
  add_snapshot("s2");
  ASSERT_TRUE(drift_runs());
  const jobs::Drift task = drift_job();
  EXPECT_EQ(task.classifier_id, base::sha256("classifier of weights of g1"));
  EXPECT_EQ(task.reference_examples.size(), 600U);
  EXPECT_EQ(task.batch, 20U);
  EXPECT_EQ(task.radius, 0.25);      // the smallest of the gates
  EXPECT_EQ(task.known.size(), 2U);  // s1, both parts
  EXPECT_EQ(task.fresh.digest, base::sha256("train of s2"));
  EXPECT_FALSE(task.reference_outputs.has_value());
  EXPECT_EQ(task.tests.size(), 3U);
  EXPECT_EQ(task.labels, 33U);  // a thirtieth of the 1,000 of s1
  const auto protocol = certificate::Protocol::from_json(task.protocol).value();
  EXPECT_EQ(protocol.kernel, "test kernel");
  EXPECT_EQ(protocol.examples, certificate::example_list_digest(task.reference_examples));
  const auto holdout = registry->catalog.holdouts(1).front();
  EXPECT_NE(task.noise_key, registry->catalog.noise_key(holdout.id).value());

  play_drift(0.05);
  EXPECT_EQ(newest()->report.band, "none");
  EXPECT_FALSE(newest()->report.alarm);
  EXPECT_EQ(runner->only_job(), -1);  // nothing more to do
  EXPECT_EQ(count("SELECT count(*) FROM generations"), 1);
  expect_intact_chain();
}

TEST_F(DriftWatching, TrainsTheChampionsVersionOnWhatHasDrifted) {
  bring_to_champion();
  add_snapshot("s2", "two");
  play_drift(0.3);
  EXPECT_EQ(newest()->report.band, "drift");
  EXPECT_TRUE(newest()->report.alarm);
  ASSERT_EQ(generation(2).state, State::training);
  EXPECT_EQ(generation(2).cause, "drift: snapshot s2");
  EXPECT_EQ(generation(2).kind, "transfer");
  EXPECT_EQ(generation(2).teacher_id, generation(1).id);
  EXPECT_EQ(generation(2).version_id, generation(1).version_id);
  EXPECT_EQ(registry->catalog.snapshot_name(generation(2).snapshot_id), "s2");
  play_training("weights of g2");
  play_certification(196);  // its own
  play_certification(195);  // the champion's, on the new holdout
  EXPECT_EQ(champion(), "g2");
  pass(std::chrono::hours(24));
  EXPECT_EQ(count("SELECT count(*) FROM generations"), 2);  // its data are the champion's now
  EXPECT_FALSE(
      registry->drifts.standing_alarm(generation(2).model_id, generation(2).id).has_value());
}

TEST_F(DriftWatching, JudgesUnlabelledDriftOnTheOldHoldoutAndHoldsIt) {
  bring_to_champion();
  add_snapshot("s2");
  play_drift(0.3);
  play_training("weights of g2");
  play_certification(197);
  EXPECT_EQ(generation(2).state, State::held);
  EXPECT_EQ(champion(), "g1");
}

TEST_F(DriftWatching, QueuesNothingTwiceUntilDataPolicyOrChampionChange) {
  bring_to_champion();
  add_snapshot("s2", "two");
  play_drift(0.3);
  play_training("weights of g2");
  play_certification(20);
  if (runner->only_job() >= 0) play_certification(195);
  ASSERT_EQ(generation(2).state, State::rejected);
  pass(std::chrono::hours(24));
  start();
  EXPECT_EQ(count("SELECT count(*) FROM generations"), 2);

  apply_policy_text(kWatched + "# once more\n");
  pipeline->step();
  ASSERT_EQ(count("SELECT count(*) FROM generations"), 3);
  EXPECT_EQ(generation(3).cause, "drift: snapshot s2");
}

TEST_F(DriftWatching, WaitsBetweenTestsAndTakesTheNewestSnapshot) {
  bring_to_champion();
  add_snapshot("s2");
  play_drift(0.05);
  add_snapshot("s3");
  EXPECT_FALSE(drift_runs());
  EXPECT_EQ(woken, std::chrono::hours(1));
  clock.advance(std::chrono::minutes(30));
  add_snapshot("s4");
  EXPECT_FALSE(drift_runs());
  pass(std::chrono::minutes(30));
  ASSERT_TRUE(drift_runs());
  EXPECT_EQ(drift_job().fresh.digest, base::sha256("train of s4"));
  EXPECT_EQ(drift_job().known.size(), 4U);                 // s1 with its holdout, s2, s3
  ASSERT_TRUE(drift_job().reference_outputs.has_value());  // sampled once for a champion
  EXPECT_THAT(registry->drifts.newest_check(1)->plan, HasSubstr(R"("passed_over":["s3"])"));
  play_drift(0.05);
  pass(std::chrono::hours(24));
  EXPECT_FALSE(drift_runs());
}

TEST_F(DriftWatching, GivesCreditForAMonthAtMost) {
  std::string once_a_year = kWatched;
  once_a_year.replace(once_a_year.find("year: 10"), 8, "year: 1");
  bring_to_champion(once_a_year);
  add_snapshot("s2");
  const double hourly = drift_job().tests[0].level;
  play_drift(0.05);
  pass(std::chrono::hours(24 * 365));
  add_snapshot("s3");
  EXPECT_NEAR(drift_job().tests[0].level / hourly, 30.0 * 24.0, 1e-6);
}

TEST_F(DriftWatching, LatchesUntilSomebodyHasSeenIt) {
  bring_to_champion();
  add_snapshot("s2");
  play_drift(0.3);
  const std::int64_t model = generation(1).model_id;
  ASSERT_TRUE(registry->drifts.standing_alarm(model, generation(1).id).has_value());
  // g2 is being trained meanwhile; the next snapshot drifts as well, after the cool-down only.
  settings.max_jobs = 2;
  const auto training = runner->only_job();
  clock.advance(std::chrono::hours(2));
  ask_snapshot("s3", false);
  runner->end(training, {true, 9});  // the worker dies, and waits for its next attempt
  play_large_snapshot("", "train of s3");
  EXPECT_FALSE(drift_runs());
  pass(std::chrono::hours(4));
  const auto check = registry->drifts.newest_check(model);
  ASSERT_EQ(registry->catalog.snapshot_name(check->snapshot_id), "s3");
  const auto acknowledged =
      acknowledge_drift(*registry, "digits", "known: the new camera", "uid:7");
  ASSERT_TRUE(acknowledged.has_value()) << acknowledged.error().text();
  EXPECT_FALSE(registry->drifts.standing_alarm(model, generation(1).id).has_value());
  const auto again = acknowledge_drift(*registry, "digits", "again", "uid:7");
  EXPECT_EQ(again.error().kind, base::ErrorKind::not_found);
  expect_intact_chain();
}

TEST_F(DriftWatching, ReplacesADriftThatStillWaitsInTheQueue) {
  bring_to_champion();
  ask_version("v2");
  play_version();  // g2 is being trained and holds up the queue
  ASSERT_EQ(generation(2).state, State::training);
  settings.max_jobs = 2;
  ask_snapshot("s2", false);
  const auto play_second = [&](auto play) {
    for (std::int64_t job = 1; job < 40; ++job) {
      if (!runner->runs(job)) continue;
      const auto task = runner->job(job).task;
      if (std::holds_alternative<jobs::Train>(task)) continue;
      play(job, task);
      return;
    }
    FAIL() << "no second job";
  };
  const auto snapshot = [&](const std::string& name) {
    play_second([&](std::int64_t job, const jobs::Task&) {
      jobs::SnapshotInspected found;
      found.train = {
          jobs::DataFormat::glyphs,        {}, 1, 400, std::vector<std::uint64_t>(10, 40),
          base::sha256("train of " + name)};
      found.train_images =
          runner->write_output(job, std::string(jobs::kTrainImagesOutput), digests_of(name, 1));
      runner->succeed(job, found);
    });
  };
  const auto drift = [&] {
    play_second([&](std::int64_t job, const jobs::Task&) {
      jobs::Drifted found;
      found.fresh = 400;
      found.reference = {600, 570, 560};
      found.batch = {20, 19, 19};
      found.tests = {{jobs::DriftTest::bbsd_ks, 0.3, 1e-9, 0.3, 3, 0}};
      found.outputs = runner->write_output(job, std::string(jobs::kFreshOutputs), "outputs");
      runner->succeed(job, found);
    });
  };
  snapshot("s2");
  drift();
  ASSERT_EQ(generation(3).state, State::queued);
  pass(std::chrono::hours(6));
  ask_snapshot("s3", false);
  snapshot("s3");
  drift();
  ASSERT_EQ(generation(4).state, State::queued);
  EXPECT_EQ(generation(4).cause, "drift: snapshot s3");
  EXPECT_EQ(generation(3).state, State::failed);
  EXPECT_THAT(*generation(3).error, HasSubstr("g4 took its place in the queue"));
  EXPECT_EQ(generation(2).state, State::training);  // a registration is never superseded
}

TEST_F(DriftWatching, SaysWhyNothingCouldBeTested) {
  apply_policy_text(kWatched);
  ask_version("v1");
  play_version();
  ask_snapshot("s1");
  play_snapshot();  // 300 examples: batches of 10
  play_training("weights of g1");
  play_certification(195);
  add_snapshot("s2");
  EXPECT_EQ(runner->only_job(), -1);
  const auto check = registry->drifts.newest_check(generation(1).model_id);
  const auto report = registry->drifts.report_of(check->id);
  ASSERT_TRUE(report.has_value());
  EXPECT_FALSE(report->band.has_value());
  EXPECT_THAT(*report->error, HasSubstr("300 examples is too small"));
  pass(std::chrono::hours(24));
  EXPECT_EQ(count("SELECT count(*) FROM drift_checks"), 1);
  expect_intact_chain();
}

TEST_F(DriftWatching, ReportsATestThatFailedAndGoesOn) {
  bring_to_champion();
  add_snapshot("s2");
  runner->refuse(runner->only_job(), {base::ErrorKind::not_found, "the files are gone", ""});
  const auto check = registry->drifts.newest_check(generation(1).model_id);
  EXPECT_THAT(*registry->drifts.report_of(check->id)->error, HasSubstr("the files are gone"));
  pass(std::chrono::hours(2));
  add_snapshot("s3");
  EXPECT_TRUE(drift_runs());
}

TEST_F(DriftWatching, ARestartInTheMiddleTestsTheSame) {
  bring_to_champion();
  add_snapshot("s2");
  const jobs::Drift before = drift_job();
  start();
  ASSERT_TRUE(drift_runs());
  EXPECT_EQ(jobs::task_to_json(drift_job()), jobs::task_to_json(before));
  play_drift(0.3);
  EXPECT_EQ(count("SELECT count(*) FROM drift_reports"), 1);
  EXPECT_EQ(generation(2).state, State::training);
}

TEST_F(DriftWatching, ATestIsNotHeldUpByAClockThatIsSetBack) {
  bring_to_champion();
  add_snapshot("s2");
  play_drift(0.05);
  clock.jump_wall(-std::chrono::hours(24 * 365));
  add_snapshot("s3");
  EXPECT_FALSE(drift_runs());
  pass(std::chrono::hours(1));
  EXPECT_TRUE(drift_runs());
}

TEST_F(DriftWatching, WithoutItsPolicyNothingIsTested) {
  bring_to_champion(kPolicy);
  add_snapshot("s2");
  EXPECT_EQ(runner->only_job(), -1);
  EXPECT_EQ(count("SELECT count(*) FROM drift_checks"), 0);
}

TEST_F(DriftWatching, TheScheduleTrainsAndCertifiesAgain) {
  bring_to_champion(std::string(kPolicy) + "schedule: {retrain: 30d, recertify: 7d}\n");
  EXPECT_EQ(runner->only_job(), -1);
  pass(std::chrono::hours(24 * 7));
  ASSERT_GE(runner->only_job(), 0);
  EXPECT_TRUE(std::holds_alternative<jobs::Certify>(runner->job(runner->only_job()).task));
  play_certification(195);
  EXPECT_EQ(count("SELECT count(*) FROM events WHERE kind = 'certificate.reproduced'"), 1);
  EXPECT_EQ(runner->only_job(), -1);
  EXPECT_EQ(woken, std::chrono::hours(24 * 7));
  pass(std::chrono::hours(24 * 7));
  play_certification(195);
  pass(std::chrono::hours(24 * 16));
  ASSERT_EQ(generation(2).state, State::training);
  EXPECT_THAT(generation(2).cause, HasSubstr("schedule: "));
  EXPECT_EQ(generation(2).version_id, generation(1).version_id);
  EXPECT_NE(generation(2).seed, generation(1).seed);
}

}  // namespace
}  // namespace heirloom::daemon
