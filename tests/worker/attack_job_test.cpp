// The falsifier on a LeNet that was trained for a moment and then certified.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/certificate/certificate.h"
#include "core/certificate/falsification.h"
#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

using certificate::AttackRow;
using testing::HasSubstr;

constexpr double kAlpha = 0.001;

struct Certified {
  jobs::Attack attack;                                   // without targets
  std::vector<certificate::CertifiedExample> certified;  // smallest radius first
};

// Trained and certified in folders that live as long as the program.
const Certified& certified() {
  static const fakes::TempFolder training;
  static const fakes::TempFolder certifying;
  static const Certified out = [] {
    write_job(training.path(), job_with(train_task("lenet", 15)));
    if (run_worker(training.path()) != 0) throw std::runtime_error("training failed");
    const auto trained = outcome_in<jobs::Trained>(training.path());
    const auto holdout = data::resolve({jobs::DataFormat::glyphs, {"2:120"}}, kShape, 10).value();
    jobs::Certify certify;
    certify.model = {(training / "out/model.pt").native(), trained.model.sha256,
                     trained.model.bytes};
    certify.classifier_id = trained.classifier_id;
    certify.holdout = holdout.part;
    for (std::uint32_t i = 0; i < 120; ++i) certify.examples.push_back(i);
    certify.noise_key = base::sha256("secret");
    certificate::Protocol protocol;
    protocol.n0 = 50;
    protocol.n = 1000;
    protocol.alpha = kAlpha;
    protocol.sigma = job_with(jobs::Certify{}).model.sigma;
    protocol.kernel = trained.kernel;
    protocol.forward_batch = trained.forward_batch;
    protocol.holdout_id = jobs::holdout_id(holdout.examples);
    protocol.examples = certificate::example_list_digest(certify.examples);
    certify.protocol = protocol.to_json();
    jobs::Job job = job_with(certify);
    job.threads = 2;
    write_job(certifying.path(), job);
    if (run_worker(certifying.path()) != 0) throw std::runtime_error("certification failed");
    const std::string text = base::read_file(certifying / "out/counts.tsv", 1 << 24).value();
    const auto counts = certificate::counts_from_tsv(text, "counts.tsv").value();
    Certified found{{certify.model,
                     certify.classifier_id,
                     certify.holdout,
                     certify.protocol,
                     {},
                     certify.noise_key},
                    {}};
    const auto all =
        certificate::certify(protocol, trained.model.sha256, 10, certify.examples, counts).value();
    for (const auto& example : all.examples) {
      if (example.correct() && example.radius > 0.0) found.certified.push_back(example);
    }
    std::sort(found.certified.begin(), found.certified.end(),
              [](const auto& x, const auto& y) { return x.radius < y.radius; });
    return found;
  }();
  return out;
}

// An attack on the `count` examples of smallest radius, within `factor` times that radius.
jobs::Attack attack_on(std::size_t count, double factor) {
  jobs::Attack task = certified().attack;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& example = certified().certified.at(i);
    task.targets.push_back({example.index, example.predicted, example.radius * factor});
  }
  std::sort(task.targets.begin(), task.targets.end(),
            [](const auto& x, const auto& y) { return x.index < y.index; });
  return task;
}

certificate::AttackPlan plan_of(const jobs::Attack& task) {
  certificate::AttackPlan plan;
  plan.drawn = task.targets.size();
  for (const auto& target : task.targets) {
    plan.targets.push_back({target.index, target.claimed, target.epsilon});
  }
  return plan;
}

std::string rows_of(const jobs::Attack& task, int threads) {
  const fakes::TempFolder folder;
  jobs::Job job = job_with(task);
  job.threads = threads;
  write_job(folder.path(), job);
  EXPECT_EQ(run_worker(folder.path()), 0);
  return base::read_file(folder / "out/attack.tsv", 1 << 24).value();
}

std::size_t breaks_in(const jobs::Attack& task) {
  const auto rows = certificate::attack_from_tsv(rows_of(task, 2), "attack.tsv").value();
  const auto outcome = certificate::conclude_attack(plan_of(task), rows, kAlpha);
  EXPECT_TRUE(outcome.has_value()) << (outcome ? "" : outcome.error().text());
  return outcome->broken.size();
}

// The whole effort is spent where nothing breaks, which takes seconds an example.
TEST(AttackJob, BreaksNoCertificateWithinItsRadius) {
  EXPECT_EQ(breaks_in(attack_on(4, 1.0 - 1e-3)), 0U);
}

// A falsifier that can find nothing proves nothing.
TEST(AttackJob, HasThePowerToBreakClaimsOfOneAndAHalfTimesTheRadius) {
  EXPECT_GE(breaks_in(attack_on(20, 1.5)), 1U);
}

TEST(AttackJob, KilledAndResumedItGivesTheSameRows) {
  const jobs::Attack task = attack_on(2, 1.0 - 1e-3);
  const std::string undisturbed = rows_of(task, 2);
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(task));
  const pid_t child = start_worker(folder.path());
  EXPECT_TRUE(
      eventually([&] { return std::filesystem::exists(folder / "checkpoints/attack.progress"); }));
  ::kill(child, SIGKILL);
  ASSERT_EQ(wait_for(child), -SIGKILL);
  ASSERT_FALSE(std::filesystem::exists(folder / "out/attack.tsv"));
  write_job(folder.path(), job_with(task, 2));
  ASSERT_EQ(run_worker(folder.path()), 0);
  EXPECT_EQ(base::read_file(folder / "out/attack.tsv", 1 << 24).value(), undisturbed);
  EXPECT_GE(result_in(folder.path()).started_from, 1);
}

TEST(AttackJob, TakesNothingFromAnotherAttacksProgress) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(attack_on(1, 0.5)));
  ASSERT_EQ(run_worker(folder.path()), 0);
  jobs::Attack other = attack_on(1, 0.5);
  other.noise_key = base::sha256("another");
  write_job(folder.path(), job_with(other, 2));
  ASSERT_EQ(run_worker(folder.path()), 0);
  EXPECT_EQ(result_in(folder.path()).started_from, 0);
}

TEST(AttackJob, RefusesAnotherModelHoldoutOrKernel) {
  const auto refused = [](const std::function<void(jobs::Attack&)>& change) {
    const fakes::TempFolder folder;
    jobs::Attack task = attack_on(1, 1.0);
    change(task);
    write_job(folder.path(), job_with(task));
    const int code = run_worker(folder.path());
    return std::make_pair(code, result_in(folder.path()).outcome.error().message);
  };
  const auto under = [](const std::function<void(certificate::Protocol&)>& change) {
    return [change](jobs::Attack& task) {
      auto protocol = certificate::Protocol::from_json(task.protocol).value();
      change(protocol);
      task.protocol = protocol.to_json();
    };
  };
  EXPECT_EQ(refused([](auto& task) { task.model.sha256 = base::sha256("x"); }).first, 65);
  EXPECT_EQ(refused([](auto& task) { task.classifier_id = base::sha256("x"); }).first, 64);
  EXPECT_EQ(refused(under([](auto& p) { p.holdout_id = base::sha256("x"); })).first, 65);
  EXPECT_THAT(refused(under([](auto& p) { p.kernel = "libtorch 9.9"; })).second,
              HasSubstr("libtorch 9.9"));
}

}  // namespace
}  // namespace heirloom::worker
