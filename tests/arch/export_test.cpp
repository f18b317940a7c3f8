#include "core/arch/export.h"

#include <sys/wait.h>
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

class Export : public testing::TestWithParam<Case> {};

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return info.param.spec.name + std::to_string(info.param.shape.channels);
}

INSTANTIATE_TEST_SUITE_P(Architectures, Export,
                         testing::Values(Case{{"lenet", {}}, {1, 28, 28}},
                                         Case{{"resnet", {{"depth", "8"}}}, {1, 28, 28}},
                                         Case{{"resnet", {{"depth", "8"}}}, {3, 20, 24}},
                                         Case{{"linear", {}}, {1, 28, 28}}),
                         case_name);

TEST_P(Export, TheArtifactGivesTheLogitsOfTheNetworkAtAnyBatchSize) {
  const auto& [spec, shape] = GetParam();
  const auto network = network_with_seed(spec, shape, 11);
  auto artifact = Artifact::load(export_classifier(*network, shape, jobs::Precision::fp32).value(),
                                 shape, 10, "test")
                      .value();
  for (const std::int64_t rows : {1, 5, 64}) {
    const torch::Tensor x = torch::rand({rows, shape.channels, shape.height, shape.width});
    const torch::NoGradGuard no_grad;
    const torch::Tensor expected = network->forward(x);
    EXPECT_TRUE(torch::allclose(artifact.forward(x), expected, 1e-4, 1e-4)) << rows;
  }
}

TEST_P(Export, DoesNotChangeTheNetwork) {
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

TEST_P(Export, BytesFollowFromTheWeightsAlone) {
  const auto& [spec, shape] = GetParam();
  EXPECT_EQ(exported(spec, shape, 13), exported(spec, shape, 13));
  EXPECT_NE(exported(spec, shape, 13), exported(spec, shape, 14));
}

// The logits of the artifact by a fresh Python process.
std::vector<double> logits_in_python(const std::filesystem::path& model,
                                     const jobs::InputShape& shape, int& status) {
  std::ostringstream command;
  command << "/usr/bin/python3 " << HEIRLOOM_LOGITS_SCRIPT << ' ' << model.native() << ' '
          << shape.channels << ' ' << shape.height << ' ' << shape.width;
  std::vector<double> logits;
  FILE* pipe = ::popen(command.str().c_str(), "r");
  double value = 0.0;
  while (pipe != nullptr && std::fscanf(pipe, "%lf", &value) == 1) logits.push_back(value);
  status = pipe == nullptr ? -1 : ::pclose(pipe);
  return logits;
}

TEST_P(Export, PythonLoadsTheArtifactAndGetsTheSameLogits) {
  const auto& [spec, shape] = GetParam();
  const fakes::TempFolder folder;
  const std::string bytes = exported(spec, shape, 15);
  fakes::write_file(folder / "model.pt", bytes);
  int status = 0;
  const std::vector<double> found = logits_in_python(folder / "model.pt", shape, status);
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127)) {
    GTEST_SKIP() << "python3-torch is not installed";
  }
  ASSERT_EQ(found.size(), 20U);
  const torch::Tensor ramp = torch::arange(2 * shape.numel(), torch::kFloat)
                                 .view({2, shape.channels, shape.height, shape.width}) /
                             static_cast<double>(2 * shape.numel());
  auto artifact = Artifact::load(bytes, shape, 10, "test").value();
  const torch::Tensor expected = artifact.forward(ramp).flatten();
  for (std::int64_t i = 0; i < expected.numel(); ++i) {
    EXPECT_NEAR(found[static_cast<std::size_t>(i)], expected[i].item<double>(), 1e-4);
  }
}

}  // namespace
}  // namespace heirloom::arch
