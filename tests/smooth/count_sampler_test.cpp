#include "core/smooth/count_sampler.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/arch/artifact.h"
#include "core/arch/runtime.h"
#include "core/certificate/stopping.h"
#include "core/data/glyphs.h"
#include "core/smooth/kernel.h"
#include "core/smooth/noisy_input.h"
#include "tests/arch/networks.h"

namespace heirloom::smooth {
namespace {

using certificate::ExampleCounts;
using testing::AllOf;
using testing::HasSubstr;

constexpr jobs::InputShape kShape{1, 28, 28};
constexpr std::int64_t kBatch = 32;

// A model, a holdout and a task that names both.
struct Bench {
  explicit Bench(std::string bytes)
      : model(std::move(bytes)), holdout(data::draw_glyphs(5, 8, kShape, 10).value()) {
    task.model = model;
    task.origin = "model.pt";
    task.holdout = &holdout;
    task.examples = {1, 2, 4, 7};
    task.noise.secret = base::sha256("secret");
    task.noise.holdout_id = base::sha256("holdout");
    task.noise.sigma = base::Sigma(0.5);
    task.noise.classifier_id =
        arch::Artifact::load(model, kShape, 10, "model.pt").value().classifier_id();
    protocol.n0 = 20;
    protocol.n = 150;
    protocol.alpha = 0.001;
    protocol.sigma = 0.5;
    protocol.forward_batch = kBatch;
    task.protocol = &protocol;
  }
  Bench(const Bench&) = delete;

  base::Result<void> run(const std::function<bool()>& should_stop = {}) {
    rows.clear();
    samples = 0;
    return sample_counts(task, {.on_example =
                                    [this](const ExampleCounts& row) {
                                      rows.push_back(row);
                                      return base::Result<Next>(Next::go_on);
                                    },
                                .on_samples = [this](std::uint64_t count) { samples += count; },
                                .should_stop = should_stop});
  }

  std::string model;
  data::Dataset holdout;
  certificate::Protocol protocol;
  CountTask task;
  std::vector<ExampleCounts> rows;
  std::uint64_t samples = 0;
};

const std::string& lenet() {
  static const std::string bytes = arch::exported({"lenet", {}}, kShape, 21);
  return bytes;
}

std::string scripted(const std::string& body) {
  torch::manual_seed(1);
  torch::jit::Module module("Scripted");
  module.register_parameter("w", torch::rand({784, 10}), false);
  module.define("def forward(self, x):\n  return " + body + "\n");
  std::ostringstream bytes;
  module.save(bytes);
  return std::move(bytes).str();
}

// The same counts by the definition, one draw at a time into its row of its batch.
std::vector<std::uint32_t> by_definition(const Bench& bench, std::uint32_t index, Purpose purpose,
                                         std::uint64_t draws) {
  arch::use_threads(1);
  auto artifact = arch::Artifact::load(bench.model, kShape, 10, "model.pt").value();
  const base::NormalStream stream(
      noise_seed(bench.task.noise, purpose, data::example_digest(bench.holdout, index), index));
  std::vector<std::uint32_t> counts(10, 0);
  std::vector<float> scratch(784);
  for (std::uint64_t first = 0; first < draws; first += kBatch) {
    torch::Tensor x = torch::zeros({kBatch, 28, 28, 1}).permute({0, 3, 1, 2});
    const std::uint64_t rows = std::min<std::uint64_t>(kBatch, draws - first);
    for (std::uint64_t r = 0; r < rows; ++r) {
      add_noise(pixel_values(bench.holdout.image(index)), kShape, bench.task.noise.sigma, stream,
                static_cast<std::uint32_t>(first + r), scratch,
                {x.data_ptr<float>() + 784 * r, 784});
    }
    const torch::Tensor predicted = artifact.forward(x).argmax(1);
    for (std::uint64_t r = 0; r < rows; ++r) {
      ++counts[static_cast<std::size_t>(
          predicted[static_cast<std::int64_t>(r)].item<std::int64_t>())];
    }
  }
  return counts;
}

TEST(CountSampler, CountsWhatTheDefinitionCounts) {
  Bench bench(lenet());
  ASSERT_TRUE(bench.run().has_value());
  ASSERT_EQ(bench.rows.size(), 4U);
  for (const ExampleCounts& row : bench.rows) {
    EXPECT_EQ(row.select, by_definition(bench, row.index, Purpose::select, 20));
    EXPECT_EQ(row.estimate, by_definition(bench, row.index, Purpose::estimate, 150));
    EXPECT_EQ(row.label, bench.holdout.labels[row.index]);
  }
  EXPECT_EQ(bench.samples, 4U * 170U);
}

TEST(CountSampler, OneAndTwoThreadsGiveTheSameRowsInOrder) {
  Bench bench(lenet());
  ASSERT_TRUE(bench.run().has_value());
  const std::vector<ExampleCounts> one = bench.rows;
  for (const int threads : {2, 3}) {
    bench.task.threads = threads;
    ASSERT_TRUE(bench.run().has_value());
    EXPECT_EQ(bench.rows, one) << threads;
  }
}

TEST(CountSampler, AnySplitAndAnyRestartGiveTheSameRows) {
  Bench bench(lenet());
  ASSERT_TRUE(bench.run().has_value());
  const std::vector<ExampleCounts> whole = bench.rows;
  bench.task.first = 3;
  ASSERT_TRUE(bench.run().has_value());
  EXPECT_EQ(bench.rows, std::vector<ExampleCounts>({whole[3]}));
  bench.task.first = 0;
  bench.task.examples = {2, 7};
  ASSERT_TRUE(bench.run().has_value());
  EXPECT_EQ(bench.rows, std::vector<ExampleCounts>({whole[1], whole[3]}));
}

TEST(CountSampler, MoreDrawsExtendTheSameStream) {
  Bench bench(lenet());
  bench.task.examples = {4};
  ASSERT_TRUE(bench.run().has_value());
  const ExampleCounts few = bench.rows[0];
  bench.protocol.n = 250;
  ASSERT_TRUE(bench.run().has_value());
  EXPECT_EQ(bench.rows[0].select, few.select);
  for (std::size_t k = 0; k < 10; ++k) EXPECT_GE(bench.rows[0].estimate[k], few.estimate[k]);
}

// What the stopping rule makes of the votes taken one at a time.
ExampleCounts row_by_definition(const Bench& bench, std::uint32_t index) {
  const auto rule = certificate::StoppingRule::create(bench.protocol, 10).value();
  ExampleCounts row{index, bench.holdout.labels[index], {}, std::vector<std::uint32_t>(10, 0)};
  if (bench.protocol.n0 > 0) {
    row.select = by_definition(bench, index, Purpose::select, bench.protocol.n0);
  }
  std::uint32_t before = 0;
  for (std::size_t look = 0;; ++look) {
    const std::uint32_t draws = rule.looks()[look];
    row.estimate = by_definition(bench, index, Purpose::estimate, draws);
    EXPECT_GT(draws, before);
    before = draws;
    if (rule.settle(look, row)) return row;
  }
}

struct ModeCase {
  certificate::Mode mode;
  std::uint64_t n0;
};

class SequentialSampling : public testing::TestWithParam<ModeCase> {
 protected:
  static void use_mode(Bench& bench) {
    bench.protocol.mode = GetParam().mode;
    bench.protocol.n0 = GetParam().n0;
    bench.protocol.n = 400;
    bench.protocol.radii = {0.0, 0.25};
    bench.protocol.tolerance = 0.3;
    bench.task.examples = {0, 1, 2, 3, 4, 5, 6, 7};
  }
};

TEST_P(SequentialSampling, StopsWhereTheRuleStops) {
  Bench bench(lenet());
  use_mode(bench);
  ASSERT_TRUE(bench.run().has_value());
  ASSERT_EQ(bench.rows.size(), 8U);
  for (const ExampleCounts& row : bench.rows) {
    EXPECT_EQ(row, row_by_definition(bench, row.index)) << row.index;
  }
}

TEST_P(SequentialSampling, GivesTheSameRowsForAnyThreadsAndAnyBeginning) {
  Bench bench(lenet());
  use_mode(bench);
  ASSERT_TRUE(bench.run().has_value());
  const std::vector<ExampleCounts> one = bench.rows;
  for (const int threads : {2, 3}) {
    bench.task.threads = threads;
    ASSERT_TRUE(bench.run().has_value());
    EXPECT_EQ(bench.rows, one) << threads;
  }
  bench.task.first = 5;
  ASSERT_TRUE(bench.run().has_value());
  EXPECT_EQ(bench.rows, std::vector<ExampleCounts>(one.begin() + 5, one.end()));
}

INSTANTIATE_TEST_SUITE_P(Modes, SequentialSampling,
                         testing::Values(ModeCase{certificate::Mode::gate, 0},
                                         ModeCase{certificate::Mode::gate, 20},
                                         ModeCase{certificate::Mode::adaptive, 20}),
                         [](const auto& test) {
                           return std::string(to_string(test.param.mode)) +
                                  std::to_string(test.param.n0);
                         });

TEST(CountSampler, TheFirstDrawsOfAnExactRunAreThoseOfAGateRun) {
  Bench bench(lenet());
  ASSERT_TRUE(bench.run().has_value());
  const std::vector<std::uint32_t> exact = bench.rows[0].estimate;
  bench.protocol.mode = certificate::Mode::gate;
  bench.protocol.n0 = 0;
  bench.protocol.radii = {0.0};
  ASSERT_TRUE(bench.run().has_value());
  const certificate::Stop stop = bench.rows[0].stops.at(0);
  ASSERT_LT(stop.draws, 150U);
  EXPECT_EQ(bench.rows[0].estimate,
            by_definition(bench, bench.rows[0].index, Purpose::estimate, stop.draws));
  for (std::size_t k = 0; k < 10; ++k) EXPECT_LE(bench.rows[0].estimate[k], exact[k]);
}

TEST(CountSampler, EndsWellWhenItIsToldThatItIsEnough) {
  Bench bench(lenet());
  bench.task.threads = 2;
  int rows = 0;
  const auto run =
      sample_counts(bench.task, {.on_example = [&](const ExampleCounts&) -> base::Result<Next> {
                                   return ++rows == 2 ? Next::enough : Next::go_on;
                                 },
                                 .on_samples = {},
                                 .should_stop = {}});
  EXPECT_TRUE(run.has_value());
  EXPECT_EQ(rows, 2);
}

TEST(CountSampler, ATieOfTheLargestLogitsCountsForNoClass) {
  Bench tied(scripted("torch.matmul(x.flatten(1), self.w) * 0"));
  ASSERT_TRUE(tied.run().has_value());
  EXPECT_EQ(tied.rows[0].estimate, std::vector<std::uint32_t>(10, 0));
  // A tie below the largest logit is none: class 9 is always ahead of nine equal ones.
  Bench ahead(scripted("torch.matmul(x.flatten(1), self.w) * 0 + torch.arange(10) // 9"));
  ASSERT_TRUE(ahead.run().has_value());
  EXPECT_EQ(ahead.rows[0].estimate[9], 150U);
}

TEST(CountSampler, NamesTheExampleWhoseLogitsAreNotFinite) {
  Bench bench(scripted("torch.matmul(x.flatten(1), self.w) + (1 - x.flatten(1)[:, :1]).sqrt()"));
  const auto run = bench.run();
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().kind, base::ErrorKind::bad_data);
  EXPECT_THAT(run.error().message, AllOf(HasSubstr("model.pt"), HasSubstr("example 1,")));
}

TEST(CountSampler, StopsBetweenForwardPassesAfterWholeRows) {
  Bench bench(lenet());
  bench.task.threads = 2;
  int asked = 0;
  const auto run = bench.run([&] { return ++asked > 14; });
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().kind, base::ErrorKind::unavailable);
  EXPECT_LT(bench.rows.size(), 4U);
  EXPECT_GE(bench.rows.size(), 1U);
}

TEST(CountSampler, AFailingSinkEndsTheRun) {
  Bench bench(lenet());
  const auto run =
      sample_counts(bench.task, {.on_example = [](const ExampleCounts&) -> base::Result<Next> {
                                   return base::fail(base::ErrorKind::io, "disk full");
                                 },
                                 .on_samples = {},
                                 .should_stop = {}});
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().message, "disk full");
}

TEST(CountSampler, RefusesAnotherClassifierAndExamplesBeyondTheHoldout) {
  Bench bench(lenet());
  bench.task.noise.classifier_id = base::sha256("another");
  EXPECT_EQ(bench.run().error().kind, base::ErrorKind::usage);
  Bench beyond(lenet());
  beyond.task.examples = {8};
  EXPECT_EQ(beyond.run().error().kind, base::ErrorKind::usage);
  Bench none(lenet());
  none.protocol.n = 0;
  EXPECT_EQ(none.run().error().kind, base::ErrorKind::usage);
}

TEST(Kernel, NamesWhatDecidesTheBits) {
  EXPECT_THAT(kernel(),
              AllOf(HasSubstr("libtorch "), HasSubstr("channels_last"), HasSubstr("noise v1")));
  EXPECT_EQ(kernel(), kernel());
}

}  // namespace
}  // namespace heirloom::smooth
