// A pipeline on a real registry and real folders; only the clock and the workers are played.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/certificate/stopping.h"
#include "daemon/commands.h"
#include "daemon/pipeline/pipeline.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_runner.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::daemon {

inline constexpr const char* kPolicy = R"(
model: digits
input: {shape: [1, 28, 28], classes: 10}
sigma: 0.5
bootstrap: {method: gaussian, epochs: 2}
transfer: {epochs: 2}
certify: {examples: 200, n0: 10, n: 200, alpha: 0.001, mode: exact}
promote:
  - {clean_accuracy: {at_least: 0.5}}
  - {certified_accuracy: {radius: 0.25, at_least: 0.5}}
  - {certified_accuracy: {radius: 0.25, at_least: champion - 0.1}}
confidence: 0.95
holdout: {candidates: 20, promotions: 3, risk: 0.05}
)";

class PipelineHarness : public ::testing::Test {
 protected:
  PipelineHarness() { start(); }

  // A new daemon on the same state; the old one ended without a word.
  void start() {
    pipeline.reset();
    registry.reset();
    state.reset();
    runner = std::make_unique<fakes::FakeRunner>();
    state.emplace(StateFolder::open(folder.path()).value());
    registry = registry::Registry::open(folder.path(), clock).value();
    pipeline =
        std::make_unique<Pipeline>(*registry, *runner, *state, settings, signers, clock,
                                   [this](std::chrono::milliseconds delay) { woken = delay; });
    pipeline->recover();
    pipeline->step();
  }

  void apply_policy_text(const std::string& text = kPolicy) {
    const auto applied = apply_policy(*registry, text, "digits.yaml", "uid:0");
    ASSERT_TRUE(applied.has_value()) << applied.error().text();
  }

  std::int64_t ask_version(const std::string& name) {
    const auto taken =
        register_version(*registry, signers, {"digits", name, {"lenet", {}}}, {}, "uid:0");
    pipeline->step();
    return taken.value().id;
  }

  std::int64_t ask_snapshot(const std::string& name, bool has_holdout = true) {
    config::InboxSnapshot request;
    request.model = "digits";
    request.name = name;
    request.train = {jobs::DataFormat::glyphs, {"1:400"}};
    request.has_holdout = has_holdout;
    request.holdout = {jobs::DataFormat::glyphs, {"2:300"}};
    const auto taken = register_snapshot(*registry, request, "uid:0");
    pipeline->step();
    return taken.value().id;
  }

  void play_version() { runner->succeed(runner->only_job(), jobs::VersionInspected{431080}); }

  // 32 bytes a digest, of `count` things that differ by name.
  static std::string digests_of(const std::string& name, int count) {
    std::string bytes;
    for (int i = 0; i < count; ++i) {
      const base::Digest digest = base::sha256(name + std::to_string(i));
      bytes.append(digest.bytes.begin(), digest.bytes.end());
    }
    return bytes;
  }

  // What a worker finds in a snapshot whose train part is named `train` and whose holdout of
  // `examples` examples `holdout` (none when empty): parts of one name are the same images.
  void play_snapshot(const std::string& holdout = "one", const std::string& train = "train",
                     int examples = 300) {
    const std::int64_t job = runner->only_job();
    jobs::SnapshotInspected found;
    found.train = {jobs::DataFormat::glyphs, {}, 1, 400, std::vector<std::uint64_t>(10, 40),
                   base::sha256(train)};
    found.train_images =
        runner->write_output(job, std::string(jobs::kTrainImagesOutput), digests_of(train, 1));
    if (!holdout.empty()) {
      found.has_holdout = true;
      found.holdout = {jobs::DataFormat::glyphs,
                       {},
                       2,
                       static_cast<std::uint64_t>(examples),
                       std::vector<std::uint64_t>(10, static_cast<std::uint64_t>(examples / 10)),
                       base::sha256(holdout)};
      found.holdout_images = runner->write_output(job, std::string(jobs::kHoldoutImagesOutput),
                                                  digests_of(holdout, 1));
      std::vector<base::Digest> digests;
      for (int i = 0; i < examples; ++i)
        digests.push_back(base::sha256(holdout + std::to_string(i)));
      found.holdout_id = jobs::holdout_id(digests);
      found.example_digests = runner->write_output(job, std::string(jobs::kExampleDigestsOutput),
                                                   digests_of(holdout, examples));
    }
    runner->succeed(job, found);
  }

  void play_training(const std::string& weights) {
    const std::int64_t job = runner->only_job();
    jobs::Trained trained;
    trained.model = runner->write_output(job, std::string(jobs::kModelOutput), weights);
    trained.classifier_id = base::sha256("classifier of " + weights);
    trained.weights =
        runner->write_output(job, std::string(jobs::kWeightsOutput), "unfolded " + weights);
    trained.steps = 8;
    trained.kernel = "test kernel";
    trained.forward_batch = 64;
    runner->succeed(job, trained);
  }

  // Every example up to `right` of the list is certified, the others go to a wrong class; all its
  // draws agree. Only the first `examples` are certified at all.
  void play_certification(std::size_t right, std::size_t examples = SIZE_MAX) {
    const std::int64_t job = runner->only_job();
    const auto task = std::get<jobs::Certify>(runner->job(job).task);
    const auto protocol = certificate::Protocol::from_json(task.protocol).value();
    const auto rule = certificate::StoppingRule::create(protocol, 10).value();
    std::vector<certificate::ExampleCounts> counts;
    for (const std::uint32_t index : task.examples) {
      if (counts.size() == examples) break;
      certificate::ExampleCounts example;
      example.index = index;
      example.label = static_cast<std::int32_t>(index % 10);
      const std::size_t chosen = counts.size() < right ? index % 10 : (index + 1) % 10;
      if (protocol.n0 > 0) {
        example.select.assign(10, 0);
        example.select[chosen] = static_cast<std::uint32_t>(protocol.n0);
      }
      example.estimate.assign(10, 0);
      for (std::size_t look = 0; example.estimate[chosen] < protocol.n; ++look) {
        example.estimate[chosen] = rule.looks()[look];
        if (rule.settle(look, example)) break;
      }
      counts.push_back(example);
    }
    jobs::Certified certified;
    certified.counts = runner->write_output(job, std::string(jobs::kCountsOutput),
                                            certificate::counts_to_tsv(counts));
    certified.samples = 200 * 210;
    runner->succeed(job, certified);
  }

  // From nothing to a queued first generation that is being trained.
  void bring_to_training(const std::string& policy = kPolicy) {
    apply_policy_text(policy);
    ask_version("v1");
    play_version();
    ask_snapshot("s1");
    play_snapshot();
    ASSERT_EQ(generation(1).state, registry::State::training);
  }

  registry::GenerationRow generation(int number) {
    return registry->generations.find(registry->models.find("digits")->id, number).value();
  }

  std::optional<std::string> champion() {
    const auto row = registry->evidence.champion(registry->models.find("digits")->id);
    if (!row) return std::nullopt;
    return registry->generations.get(row->generation_id)->label();
  }

  std::int64_t count(const std::string& sql) {
    registry::Query row = registry->db.query(sql.c_str());
    row.step();
    return row.integer(0);
  }

  void expect_intact_chain() {
    const auto report = registry->audit.verify();
    EXPECT_FALSE(report.problem.has_value()) << report.problem->message;
  }

  fakes::TempFolder folder;
  fakes::FakeClock clock;
  config::Settings settings;
  Signers signers;
  std::optional<StateFolder> state;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<fakes::FakeRunner> runner;
  std::unique_ptr<Pipeline> pipeline;
  std::optional<std::chrono::milliseconds> woken;
};

}  // namespace heirloom::daemon
