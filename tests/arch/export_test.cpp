#include "core/arch/export.h"

#include <sys/wait.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>

#include "core/arch/artifact.h"
#include "tests/arch/networks.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::arch {
namespace {

struct Case {
  jobs::ArchSpec spec;
  jobs::InputShape shape;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.spec.name << " on " << one.shape.channels << "x" << one.shape.height << "x"
       << one.shape.width;
}

class ExportOf : public testing::TestWithParam<Case> {};

std::string case_name(const testing::TestParamInfo<Case>& info) {
  const auto& parameters = info.param.spec.parameters;
  const auto block = parameters.find("block");
  return info.param.spec.name + (block == parameters.end() ? "" : block->second) +
         std::to_string(info.param.shape.channels);
}

// Grey 28x28 images for all; colour for one of each way to take the first layer's input.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const jobs::ArchSpec& spec : small_architectures()) all.push_back({spec, {1, 28, 28}});
  all.push_back({{"resnet", {{"depth", "8"}}}, {3, 20, 24}});
  all.push_back({{"vgg", {{"depth", "11"}, {"width", "4"}}}, {3, 32, 32}});
  all.push_back({{"dla", {{"width", "2"}}}, {3, 17, 30}});  // sides that do not halve evenly
  all.push_back({{"densenet", {{"depth", "10"}}}, {3, 9, 14}});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Architectures, ExportOf, testing::ValuesIn(cases()), case_name);

torch::Tensor random_images(const jobs::InputShape& shape, std::int64_t rows) {
  return torch::rand({rows, shape.channels, shape.height, shape.width});
}

TEST_P(ExportOf, TheArtifactGivesTheLogitsOfTheNetworkAtAnyBatchSize) {
  const auto& [spec, shape] = GetParam();
  const auto network = network_with_seed(spec, shape, 11);
  auto artifact = Artifact::load(export_classifier(*network, shape, jobs::Precision::fp32).value(),
                                 shape, 10, "test")
                      .value();
  for (const std::int64_t rows : {1, 5, 64}) {
    const torch::Tensor x = random_images(shape, rows);
    const torch::NoGradGuard no_grad;
    const torch::Tensor expected = network->forward(x);
    EXPECT_GT(expected.std().item<float>(), 1e-3) << "logits that say nothing";
    EXPECT_TRUE(torch::allclose(artifact.forward(x), expected, 1e-4, 1e-4)) << rows;
  }
}

// bfloat16 has 8 bits: each layer rounds by up to 0.4 %, of the logits' own size here.
TEST_P(ExportOf, InBf16TheLogitsAreNearlyThoseOfTheNetwork) {
  const auto& [spec, shape] = GetParam();
  const auto network = network_with_seed(spec, shape, 16);
  const std::string bytes = export_classifier(*network, shape, jobs::Precision::bf16).value();
  auto artifact = Artifact::load(bytes, shape, 10, "test").value();
  const torch::Tensor x = random_images(shape, 16);
  const torch::NoGradGuard no_grad;
  const torch::Tensor expected = network->forward(x);
  const torch::Tensor found = artifact.forward(x);
  const double size = expected.abs().max().item<double>();
  EXPECT_LT((found - expected).abs().max().item<double>(), 0.05 * size);
  EXPECT_FALSE(torch::equal(found, expected));
}

TEST_P(ExportOf, TheLogitsFollowFromTheSeed) {
  const auto& [spec, shape] = GetParam();
  const auto logits = [&](std::uint64_t seed) {
    const torch::NoGradGuard no_grad;
    const auto network = network_with_seed(spec, shape, seed);
    torch::manual_seed(1);
    return network->forward(random_images(shape, 3));
  };
  EXPECT_TRUE(torch::equal(logits(17), logits(17)));
  EXPECT_FALSE(torch::equal(logits(17), logits(18)));
}

TEST_P(ExportOf, DoesNotChangeTheNetwork) {
  const auto& [spec, shape] = GetParam();
  const auto network = network_with_seed(spec, shape, 12);
  network->train();
  const std::string first = export_classifier(*network, shape, jobs::Precision::fp32).value();
  EXPECT_TRUE(network->is_training());
  for (const torch::Tensor& parameter : network->parameters()) {
    EXPECT_TRUE(parameter.requires_grad());
  }
  EXPECT_EQ(first, export_classifier(*network, shape, jobs::Precision::fp32).value());
}

TEST_P(ExportOf, BytesFollowFromTheWeightsAlone) {
  const auto& [spec, shape] = GetParam();
  EXPECT_EQ(exported(spec, shape, 13), exported(spec, shape, 13));
  EXPECT_NE(exported(spec, shape, 13), exported(spec, shape, 14));
}

// What a fresh Python process prints: the logits of each artifact, two rows of ten.
std::vector<double> logits_in_python(const std::string& arguments, int& status) {
  const std::string command = "/usr/bin/python3 " HEIRLOOM_LOGITS_SCRIPT + arguments;
  std::vector<double> logits;
  FILE* pipe = ::popen(command.c_str(), "r");
  double value = 0.0;
  while (pipe != nullptr && std::fscanf(pipe, "%lf", &value) == 1) logits.push_back(value);
  status = pipe == nullptr ? -1 : ::pclose(pipe);
  return logits;
}

torch::Tensor ramp(const jobs::InputShape& shape) {
  return torch::arange(2 * shape.numel(), torch::kFloat)
             .view({2, shape.channels, shape.height, shape.width}) /
         static_cast<double>(2 * shape.numel());
}

// One process for all: it takes a second to start.
TEST(Export, PythonLoadsEveryArtifactAndGetsTheSameLogits) {
  const fakes::TempFolder folder;
  std::vector<double> expected;
  std::ostringstream arguments;
  for (const auto& [spec, shape] : cases()) {
    const std::string bytes = exported(spec, shape, 15);
    const auto file = folder / std::to_string(expected.size());
    fakes::write_file(file, bytes);
    arguments << ' ' << file.native() << ' ' << shape.channels << ' ' << shape.height << ' '
              << shape.width;
    auto artifact = Artifact::load(bytes, shape, 10, "test").value();
    const torch::Tensor logits = artifact.forward(ramp(shape)).flatten();
    for (std::int64_t i = 0; i < logits.numel(); ++i) expected.push_back(logits[i].item<double>());
  }
  int status = 0;
  const std::vector<double> found = logits_in_python(arguments.str(), status);
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127)) {
    GTEST_SKIP() << "python3-torch is not installed";
  }
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], 1e-4 * std::max(1.0, std::abs(expected[i])))
        << cases()[i / 20].spec.name;
  }
}

}  // namespace
}  // namespace heirloom::arch
