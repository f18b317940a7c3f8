#include "core/arch/teacher.h"

#include <sstream>

#include <gtest/gtest.h>

#include "tests/arch/networks.h"

namespace heirloom::arch {
namespace {

constexpr jobs::InputShape kMnist{1, 28, 28};

Teacher loaded(const std::string& bytes, const jobs::InputShape& shape) {
  return Teacher::load(bytes, shape, 10, "t").value();
}

TEST(Teacher, OfTheBuiltInLeNetGivesTheLogitsOfTheArtifact) {
  for (const jobs::InputShape& shape : {kMnist, jobs::InputShape{3, 20, 24}}) {
    const std::string bytes = exported({"lenet", {}}, shape, 31);
    Teacher teacher = loaded(bytes, shape);
    EXPECT_TRUE(teacher.is_built_in());
    auto artifact = Artifact::load(bytes, shape, 10, "t").value();
    const torch::Tensor x = torch::rand({5, shape.channels, shape.height, shape.width});
    const torch::Tensor logits = teacher.forward(x);
    EXPECT_FALSE(logits.requires_grad());
    EXPECT_TRUE(torch::allclose(logits, artifact.forward(x), 1e-4, 1e-4));
  }
}

TEST(Teacher, OfAnotherNetworkRunsAsTheArtifact) {
  for (const jobs::ArchSpec& spec : small_architectures()) {
    const std::string bytes = exported(spec, kMnist, 32);
    Teacher teacher = loaded(bytes, kMnist);
    EXPECT_EQ(teacher.is_built_in(), spec.name == "lenet") << spec.name;
  }
  const auto lenet = network_with_seed({"lenet", {}}, kMnist, 33);
  const std::string in_bf16 = export_classifier(*lenet, kMnist, jobs::Precision::bf16).value();
  EXPECT_FALSE(loaded(in_bf16, kMnist).is_built_in());
}

// The tensors of a LeNet, and code that is not its own.
TEST(Teacher, WithTheWeightsAloneOfALeNetRunsAsTheArtifact) {
  const auto lenet = network_with_seed({"lenet", {}}, kMnist, 34);
  torch::jit::Module module("heirloom.Classifier");
  for (auto& entry : lenet->named_parameters()) {
    std::string name = entry.key();
    name[name.find('.')] = '_';
    module.register_parameter(name, entry.value().detach().clone(), false);
  }
  module.define(
      "def forward(self, x):\n"
      "  return torch.matmul(x.flatten(1)[:, :500], self.fc2_weight.t()) + self.fc2_bias\n");
  std::ostringstream bytes;
  module.save(bytes);
  EXPECT_FALSE(loaded(bytes.str(), kMnist).is_built_in());
}

}  // namespace
}  // namespace heirloom::arch
