// Every built-in architecture is trained for some steps, exported and loaded again.
#include <numeric>
#include <vector>

#include <gmock/gmock.h>

#include "core/arch/artifact.h"
#include "core/arch/weights.h"
#include "tests/arch/networks.h"
#include "tests/train/tasks.h"

namespace heirloom::train {
namespace {

using testing::HasSubstr;

class Architectures : public testing::TestWithParam<jobs::ArchSpec> {};

std::string case_name(const testing::TestParamInfo<jobs::ArchSpec>& info) {
  const auto block = info.param.parameters.find("block");
  return info.param.name + (block == info.param.parameters.end() ? "" : block->second);
}

INSTANTIATE_TEST_SUITE_P(Small, Architectures, testing::ValuesIn(arch::small_architectures()),
                         case_name);

TrainTask small_task(const jobs::ArchSpec& spec) {
  TrainTask task = task_for(spec, jobs::GaussianMethod{}, glyphs(128), /*epochs=*/5, /*batch=*/32);
  // The blocks of regnet add up to large logits at first, which want a gentle start.
  task.spec.settings.learning_rate = spec.name == "regnet" ? 0.005 : 0.05;
  task.threads = 1;  // layers this small are slower on two that have to wait for each other
  return task;
}

TEST_P(Architectures, LearnAndEndInAnArtifact) {
  TrainTask task = small_task(GetParam());
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  std::vector<double> losses;
  TrainHooks hooks;
  hooks.on_step = [&](const Position& at) { losses.push_back(at.loss); };
  const auto outcome = train(task, hooks);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
  ASSERT_EQ(losses.size(), 20U);
  const auto mean_of = [&](std::size_t first) {
    const auto begin = losses.begin() + static_cast<std::ptrdiff_t>(first);
    return std::accumulate(begin, begin + 4, 0.0) / 4;
  };
  EXPECT_LT(mean_of(16), mean_of(0));
  const auto artifact = arch::Artifact::load(outcome->artifact, kShape, 10, "test");
  ASSERT_TRUE(artifact.has_value()) << artifact.error().text();
  EXPECT_EQ(artifact->classifier_id(), outcome->classifier_id);
}

// The network that these weights make of the architecture, exported.
std::string artifact_of(const jobs::ArchSpec& spec, std::string_view weights) {
  const auto network = arch::build(spec, kShape, 10).value();
  EXPECT_TRUE(arch::load_weights(*network, weights, "w").has_value());
  return arch::export_classifier(*network, kShape, jobs::Precision::fp32).value();
}

TEST(InitialWeights, AreThoseThatAnEarlierTrainingLeft) {
  const jobs::ArchSpec spec{"vgg", {{"depth", "11"}, {"width", "4"}}};
  const TrainOutcome first = trained(small_task(spec));
  const auto id_of = [](const std::string& artifact) {
    return arch::Artifact::load(artifact, kShape, 10, "a").value().classifier_id();
  };
  EXPECT_EQ(id_of(artifact_of(spec, first.weights)), first.classifier_id);

  TrainTask task = small_task(spec);
  task.file = first.weights;
  const TrainOutcome second = trained(task);
  EXPECT_LT(second.final_loss, 0.9 * first.final_loss);
  expect_same(trained_in_pieces(task, 7), second);
}

TEST(InitialWeights, OfTheAverageAreWhatIsExported) {
  TrainTask task = small_task({"mlp", {{"width", "8"}}});
  task.spec.settings.ema_decay = 0.9;
  const TrainOutcome outcome = trained(task);
  EXPECT_EQ(base::sha256(artifact_of(task.spec.arch, outcome.weights)),
            base::sha256(outcome.artifact));
}

TEST(InitialWeights, OfAnotherArchitectureAreRefused) {
  const TrainOutcome small = trained(small_task({"mlp", {{"width", "8"}}}));
  TrainTask task = small_task({"mlp", {{"width", "9"}}});
  task.file = small.weights;
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  const auto outcome = train(task, {});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, base::ErrorKind::bad_data);
  EXPECT_THAT(outcome.error().message, HasSubstr("has the shape"));
}

}  // namespace
}  // namespace heirloom::train
