#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/certificate/counts.h"
#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kExamples = 40;

// A LeNet trained for a moment, in a folder that lives as long as the program.
const jobs::Certify& certification() {
  static const fakes::TempFolder folder;
  static const jobs::Certify task = [] {
    write_job(folder.path(), job_with(train_task("lenet", 3)));
    if (run_worker(folder.path()) != 0) throw std::runtime_error("training failed");
    const auto trained = outcome_in<jobs::Trained>(folder.path());
    const auto holdout = data::resolve({jobs::DataFormat::glyphs, {"2:50"}}, kShape, 10).value();
    jobs::Certify certify;
    certify.model = {(folder / "out/model.pt").native(), trained.model.sha256, trained.model.bytes};
    certify.classifier_id = trained.classifier_id;
    certify.holdout = holdout.part;
    certify.holdout_id = jobs::holdout_id(holdout.examples);
    for (std::uint32_t i = 0; i < kExamples; ++i) certify.examples.push_back(i + 5);
    certify.noise_key = base::sha256("secret");
    certify.n0 = 50;
    certify.n = 1500;
    certify.kernel = trained.kernel;
    certify.forward_batch = trained.forward_batch;
    return certify;
  }();
  return task;
}

std::string counts_of(const jobs::Certify& task, int threads) {
  const fakes::TempFolder folder;
  jobs::Job job = job_with(task);
  job.threads = threads;
  write_job(folder.path(), job);
  EXPECT_EQ(run_worker(folder.path()), 0);
  return base::read_file(folder / "out/counts.tsv", 1 << 24).value();
}

const std::string& undisturbed() {
  static const std::string counts = counts_of(certification(), 2);
  return counts;
}

TEST(CertifyJob, WritesOneRowAnExampleInOrder) {
  const auto rows = certificate::counts_from_tsv(undisturbed(), "counts.tsv").value();
  ASSERT_EQ(rows.size(), kExamples);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].index, certification().examples[i]);
    std::uint64_t select = 0;
    std::uint64_t estimate = 0;
    for (const std::uint32_t count : rows[i].select) select += count;
    for (const std::uint32_t count : rows[i].estimate) estimate += count;
    EXPECT_EQ(select, 50U);
    EXPECT_EQ(estimate, 1500U);
  }
}

TEST(CertifyJob, GivesTheSameCountsOnOneThread) {
  EXPECT_EQ(counts_of(certification(), 1), undisturbed());
}

TEST(CertifyJob, KilledAndResumedItGivesTheSameCounts) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(certification()));
  const pid_t child = start_worker(folder.path());
  EXPECT_TRUE(eventually([&] {
    const auto text = base::read_file(folder / "checkpoints/counts.progress", 1 << 24);
    return text && std::count(text->begin(), text->end(), '\n') >= 3;
  }));
  ::kill(child, SIGKILL);
  ASSERT_EQ(wait_for(child), -SIGKILL);
  ASSERT_FALSE(std::filesystem::exists(folder / "out/counts.tsv"));

  write_job(folder.path(), job_with(certification(), 2));
  ASSERT_EQ(run_worker(folder.path()), 0);
  EXPECT_EQ(base::read_file(folder / "out/counts.tsv", 1 << 24).value(), undisturbed());
  const jobs::JobResult result = result_in(folder.path());
  EXPECT_GE(result.started_from, 3);
  EXPECT_EQ(std::get<jobs::Certified>(*result.outcome).samples, kExamples * 1550U);
  EXPECT_EQ(std::get<jobs::Certified>(*result.outcome).counts.sha256, base::sha256(undisturbed()));
}

// The exit code and the words of a job that must fail.
std::pair<int, std::string> refusal(const jobs::Certify& task) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(task));
  const int code = run_worker(folder.path());
  return {code, result_in(folder.path()).outcome.error().message};
}

TEST(CertifyJob, RefusesAnotherKernel) {
  jobs::Certify task = certification();
  task.kernel = "libtorch 9.9";
  const auto [code, words] = refusal(task);
  EXPECT_EQ(code, 64);
  EXPECT_THAT(words, HasSubstr("libtorch 9.9"));
}

TEST(CertifyJob, RefusesAModelWhoseBytesOrClassifierDiffer) {
  jobs::Certify task = certification();
  task.model.sha256 = base::sha256("other");
  EXPECT_EQ(refusal(task).first, 65);
  task = certification();
  task.classifier_id = base::sha256("other");
  EXPECT_EQ(refusal(task).first, 64);
}

TEST(CertifyJob, RefusesAnotherHoldout) {
  jobs::Certify task = certification();
  task.holdout_id = base::sha256("other");
  EXPECT_EQ(refusal(task).first, 65);
}

}  // namespace
}  // namespace heirloom::worker
