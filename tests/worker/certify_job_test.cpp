#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/certificate/counts.h"
#include "core/certificate/protocol.h"
#include "core/certificate/shards.h"
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
    for (std::uint32_t i = 0; i < kExamples; ++i) certify.examples.push_back(i + 5);
    certify.noise_key = base::sha256("secret");
    certificate::Protocol protocol;
    protocol.n0 = 50;
    protocol.n = 1500;
    protocol.alpha = 0.001;
    protocol.sigma = job_with(jobs::Certify{}).model.sigma;
    protocol.kernel = trained.kernel;
    protocol.forward_batch = trained.forward_batch;
    protocol.holdout_id = jobs::holdout_id(holdout.examples);
    protocol.examples = certificate::example_list_digest(certify.examples);
    certify.protocol = protocol.to_json();
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

// The job under a changed protocol.
jobs::Certify with_protocol(const std::function<void(certificate::Protocol&)>& change) {
  jobs::Certify task = certification();
  auto protocol = certificate::Protocol::from_json(task.protocol).value();
  change(protocol);
  task.protocol = protocol.to_json();
  return task;
}

jobs::Certify gate_task() {
  return with_protocol([](certificate::Protocol& protocol) {
    protocol.mode = certificate::Mode::gate;
    protocol.n0 = 0;
    protocol.radii = {0.0, 0.25};
  });
}

TEST(CertifyJob, ShardsMergeToTheVerySameCounts) {
  std::vector<std::vector<certificate::ExampleCounts>> shards;
  jobs::Certify task = certification();
  task.shards = 3;
  for (const std::uint32_t shard : {2U, 0U, 1U}) {
    task.shard = shard;
    shards.push_back(certificate::counts_from_tsv(counts_of(task, 1), "shard").value());
  }
  const auto merged = certificate::merge_shards(task.examples, 3, shards);
  ASSERT_TRUE(merged.has_value()) << merged.error().text();
  EXPECT_EQ(certificate::counts_to_tsv(*merged), undisturbed());
}

TEST(CertifyJob, InGateModeStopsEarlyAndIsTheSameOnAnyThreads) {
  const std::string one = counts_of(gate_task(), 1);
  EXPECT_EQ(counts_of(gate_task(), 2), one);
  const auto rows = certificate::counts_from_tsv(one, "counts.tsv").value();
  ASSERT_EQ(rows.size(), kExamples);
  EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const certificate::ExampleCounts& row) {
    return row.stops.at(0).draws < 100;
  }));
}

TEST(CertifyJob, EndsEarlyOnceAFloorIsOutOfReach) {
  jobs::Certify task = certification();
  task.floors = {{0.0, 1}, {10.0, kExamples - 4}};  // no radius is 10: five failures are enough
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(task));
  ASSERT_EQ(run_worker(folder.path()), 0);
  const std::string text = base::read_file(folder / "out/counts.tsv", 1 << 24).value();
  EXPECT_EQ(certificate::counts_from_tsv(text, "counts.tsv").value().size(), 5U);
  EXPECT_EQ(text, undisturbed().substr(0, text.size()));
  EXPECT_EQ(outcome_in<jobs::Certified>(folder.path()).samples, 5U * 1550U);
  // Asked again, it knows at once.
  write_job(folder.path(), job_with(task, 2));
  ASSERT_EQ(run_worker(folder.path()), 0);
  EXPECT_EQ(base::read_file(folder / "out/counts.tsv", 1 << 24).value(), text);
}

TEST(CertifyJob, RefusesWhatCannotBeCertifiedBeforeAnySampling) {
  using Change = std::function<void(certificate::Protocol&)>;
  const std::vector<std::pair<Change, const char*>> changes = {
      {[](auto& protocol) { protocol.alpha = 0.5; }, "alpha 0.5"},
      {[](auto& protocol) { protocol.n = 0; }, "n 0"},
      {[](auto& protocol) { protocol.sigma = 0.3; }, "the protocol's sigma is 0.3"},
      {[](auto& protocol) { protocol.kernel = "libtorch 9.9"; }, "libtorch 9.9"},
      {[](auto& protocol) { protocol.examples = base::sha256("x"); }, "other examples"},
      {[](auto& protocol) {
         protocol.mode = certificate::Mode::gate;
         protocol.radii = {0.0, 3.0};
       },
       "radius 3 is not below"},
  };
  for (const auto& [change, words] : changes) {
    const auto [code, text] = refusal(with_protocol(change));
    EXPECT_EQ(code, 64);
    EXPECT_THAT(text, HasSubstr(words));
  }
  jobs::Certify task = certification();
  task.shards = 50;
  task.shard = 45;
  EXPECT_THAT(refusal(task).second, HasSubstr("shard 46 of 50 has none of 40 examples"));
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
  EXPECT_EQ(refusal(with_protocol([](auto& protocol) {
              protocol.holdout_id = base::sha256("other");
            })).first,
            65);
}

}  // namespace
}  // namespace heirloom::worker
