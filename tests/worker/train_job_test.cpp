#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

using testing::HasSubstr;

// Long enough to be interrupted after its first checkpoint, a second after the start.
jobs::Train long_training() {
  return train_task("lenet", 40);
}

// The outcome of the same training without a disturbance.
const jobs::Trained& undisturbed() {
  static const jobs::Trained trained = [] {
    const fakes::TempFolder folder;
    write_job(folder.path(), job_with(long_training()));
    if (run_worker(folder.path()) != 0) throw std::runtime_error("training failed");
    return outcome_in<jobs::Trained>(folder.path());
  }();
  return trained;
}

// Starts the training, ends it by `signal` once there is a checkpoint, and returns how it ended.
int interrupted(const std::filesystem::path& folder, int signal) {
  write_job(folder, job_with(long_training()));
  const pid_t child = start_worker(folder);
  const auto checkpoints = folder / "checkpoints";
  EXPECT_TRUE(eventually([&] {
    std::error_code error;
    for (std::filesystem::directory_iterator it(checkpoints, error), end; !error && it != end;
         it.increment(error)) {
      if (it->path().extension() == ".checkpoint") return true;
    }
    return false;
  }));
  ::kill(child, signal);
  return wait_for(child);
}

void expect_resumed_to_the_same_model(const std::filesystem::path& folder) {
  write_job(folder, job_with(long_training(), 2));
  ASSERT_EQ(run_worker(folder), 0);
  const auto trained = outcome_in<jobs::Trained>(folder);
  EXPECT_EQ(trained.model.sha256, undisturbed().model.sha256);
  EXPECT_EQ(trained.classifier_id, undisturbed().classifier_id);
  EXPECT_EQ(trained.steps, 320);
  EXPECT_EQ(trained.final_loss, undisturbed().final_loss);
  EXPECT_GT(result_in(folder).started_from, 0);
  const std::vector<jobs::Event> events = events_in(folder);
  const auto second_start = std::find_if(events.begin(), events.end(), [](const auto& event) {
    return event.attempt == 2 && event.kind == jobs::Event::Kind::started;
  });
  ASSERT_NE(second_start, events.end());
  EXPECT_EQ(second_start->position, result_in(folder).started_from);
  EXPECT_EQ(events.back().kind, jobs::Event::Kind::finished);
}

TEST(TrainJob, WritesTheModelThatItsResultNames) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(train_task("linear", 2)));
  ASSERT_EQ(run_worker(folder.path()), 0);
  const auto trained = outcome_in<jobs::Trained>(folder.path());
  const std::string bytes = base::read_file(folder / "out/model.pt", 1 << 24).value();
  EXPECT_EQ(trained.model.sha256, base::sha256(bytes));
  EXPECT_EQ(trained.model.bytes, bytes.size());
  ASSERT_TRUE(trained.weights.has_value());
  EXPECT_EQ(trained.weights->sha256,
            base::sha256(base::read_file(folder / "out/weights.safetensors", 1 << 24).value()));
  EXPECT_EQ(trained.steps, 16);
  EXPECT_GT(trained.forward_batch, 0);
  EXPECT_THAT(trained.kernel, HasSubstr("libtorch"));
  EXPECT_GT(trained.final_loss, 0.0);
}

TEST(TrainJob, KilledAndResumedItEndsInTheSameModel) {
  const fakes::TempFolder folder;
  EXPECT_EQ(interrupted(folder.path(), SIGKILL), -SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(folder / "result.json"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out/model.pt"));
  expect_resumed_to_the_same_model(folder.path());
}

TEST(TrainJob, OnSigtermItKeepsACheckpointAndExits75) {
  const fakes::TempFolder folder;
  EXPECT_EQ(interrupted(folder.path(), SIGTERM), 75);
  const jobs::JobResult result = result_in(folder.path());
  ASSERT_FALSE(result.outcome.has_value());
  EXPECT_EQ(result.outcome.error().kind, base::ErrorKind::unavailable);
  expect_resumed_to_the_same_model(folder.path());
}

TEST(TrainJob, RefusesATeacherWhoseBytesChanged) {
  const fakes::TempFolder folder;
  jobs::Train train = train_task("linear", 1);
  fakes::write_file(folder / "teacher.pt", "other bytes");
  train.method = jobs::TransferMethod{
      .teacher = {(folder / "teacher.pt").native(), base::sha256("the bytes"), 9}};
  write_job(folder.path(), job_with(train));
  EXPECT_EQ(run_worker(folder.path()), 65);
  EXPECT_THAT(result_in(folder.path()).outcome.error().message, HasSubstr("teacher.pt"));
}

TEST(TrainJob, ReportsHowNearATransferCameToItsTeacher) {
  const fakes::TempFolder first;
  write_job(first.path(), job_with(train_task("linear", 2)));
  ASSERT_EQ(run_worker(first.path()), 0);
  const jobs::OutputFile teacher = outcome_in<jobs::Trained>(first.path()).model;
  EXPECT_FALSE(outcome_in<jobs::Trained>(first.path()).transfer.has_value());

  const fakes::TempFolder second;
  jobs::Train train = train_task("linear", 2);
  train.method = jobs::TransferMethod{
      .teacher = {(first / "out/model.pt").native(), teacher.sha256, teacher.bytes}};
  write_job(second.path(), job_with(train));
  ASSERT_EQ(run_worker(second.path()), 0);
  const auto report = outcome_in<jobs::Trained>(second.path()).transfer;
  ASSERT_TRUE(report.has_value());
  EXPECT_GT(report->distance, 0.0);
  const std::vector<jobs::Event> events = events_in(second.path());
  EXPECT_TRUE(std::any_of(events.begin(), events.end(),
                          [](const auto& event) { return event.distance.has_value(); }));
}

TEST(TrainJob, ExitsWith70WhenItDiverges) {
  const fakes::TempFolder folder;
  jobs::Train train = train_task("lenet", 4);
  train.settings.learning_rate = 100.0;
  train.settings.weight_decay = 1.0;
  train.settings.schedule = jobs::Schedule::constant;
  write_job(folder.path(), job_with(train));
  EXPECT_EQ(run_worker(folder.path()), 70);
  EXPECT_FALSE(std::filesystem::exists(folder / "out/model.pt"));
}

}  // namespace
}  // namespace heirloom::worker
