#include "core/arch/artifact.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/arch/canonical.h"
#include "tests/arch/networks.h"

namespace heirloom::arch {
namespace {

using testing::HasSubstr;

constexpr jobs::InputShape kMnist{1, 28, 28};

// A TorchScript module whose forward is `body` (an expression in x and the parameter w).
std::string scripted(const std::string& body) {
  torch::jit::Module module("Scripted");
  module.register_parameter("w", torch::full({784, 10}, 0.01), false);
  module.define("def forward(self, x):\n  return " + body + "\n");
  std::ostringstream bytes;
  module.save(bytes);
  return std::move(bytes).str();
}

std::string refusal(const std::string& bytes) {
  const auto loaded = Artifact::load(bytes, kMnist, 10, "model.pt");
  if (loaded) return "accepted";
  EXPECT_EQ(loaded.error().kind, base::ErrorKind::bad_data);
  return loaded.error().message;
}

TEST(Artifact, RefusesWhatBreaksTheContract) {
  EXPECT_EQ(refusal(scripted("torch.matmul(x.flatten(1), self.w)")), "accepted");
  EXPECT_THAT(refusal(scripted("torch.matmul(x.flatten(1), self.w)[:, :9]")), HasSubstr("[3, 9]"));
  EXPECT_THAT(refusal(scripted("torch.matmul(x.flatten(1), self.w).double()")),
              HasSubstr("Double"));
  EXPECT_THAT(refusal(scripted("torch.matmul(x.flatten(1), self.w) / 0")), HasSubstr("not finite"));
  EXPECT_THAT(refusal(scripted("(x, x)")), HasSubstr("model.pt"));
  EXPECT_THAT(refusal("no zip file"), HasSubstr("model.pt"));
  EXPECT_THAT(refusal(""), HasSubstr("model.pt"));
}

TEST(Artifact, RefusesAModelOfAnotherShape) {
  const std::string bytes = exported({"lenet", {}}, kMnist, 1);
  EXPECT_FALSE(Artifact::load(bytes, {3, 28, 28}, 10, "m").has_value());
  EXPECT_FALSE(Artifact::load(bytes, {1, 32, 32}, 10, "m").has_value());
  EXPECT_FALSE(Artifact::load(bytes, kMnist, 11, "m").has_value());
}

TEST(Artifact, TheFirstForwardPassGivesTheBitsOfLaterOnes) {
  auto artifact =
      Artifact::load(exported({"resnet", {{"depth", "8"}}}, kMnist, 2), kMnist, 10, "m").value();
  const torch::Tensor x = torch::rand({16, 1, 28, 28});
  const torch::Tensor first = artifact.forward(x);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(torch::equal(artifact.forward(x), first));
}

TEST(Artifact, RunsWithoutGradients) {
  auto artifact = Artifact::load(exported({"lenet", {}}, kMnist, 3), kMnist, 10, "m").value();
  EXPECT_FALSE(artifact.forward(torch::rand({2, 1, 28, 28})).requires_grad());
}

base::Digest id_of(const std::string& bytes) {
  return Artifact::load(bytes, kMnist, 10, "m").value().classifier_id();
}

TEST(ClassifierId, IsThatOfTheFunctionNotOfTheFile) {
  const std::string bytes = exported({"lenet", {}}, kMnist, 4);
  std::istringstream in(bytes);
  torch::jit::Module module = torch::jit::load(in);
  std::ostringstream out;
  module.save(out, {{"note.txt", "packed again"}});
  ASSERT_NE(out.str(), bytes);
  EXPECT_EQ(id_of(out.str()), id_of(bytes));
}

TEST(ClassifierId, IsTheSameEachTimeTheFileIsLoaded) {
  const std::string bytes = exported({"resnet", {{"depth", "8"}}}, kMnist, 5);
  const base::Digest id = id_of(bytes);
  EXPECT_EQ(id_of(bytes), id);
  EXPECT_EQ(id_of(bytes), id);
}

TEST(ClassifierId, ChangesWithOneWeightAndWithTheCode) {
  const auto network = network_with_seed({"lenet", {}}, kMnist, 6);
  const base::Digest id = id_of(export_classifier(*network, kMnist, jobs::Precision::fp32).value());
  {
    const torch::NoGradGuard no_grad;
    torch::Tensor last = network->parameters().back();
    last[9] = std::nextafter(last[9].item<float>(), 1.0F);
  }
  EXPECT_NE(id_of(export_classifier(*network, kMnist, jobs::Precision::fp32).value()), id);
  EXPECT_NE(id_of(scripted("torch.matmul(x.flatten(1), self.w)")),
            id_of(scripted("torch.matmul(x.flatten(1), self.w) * 2")));
}

TEST(ClassifierId, SeesTensorsInsideTheCode) {
  // A traced constant is printed as <Tensor>: only its bytes tell two of them apart.
  const auto with_constant = [](double value) {
    torch::jit::Module module("heirloom.Classifier");
    torch::Tensor w = torch::full({784, 10}, 0.01);
    module.register_parameter("w", w, false);
    const torch::Tensor constant = torch::full({10}, value);
    add_traced_forward(module, torch::zeros({2, 1, 28, 28}), [&](const torch::Tensor& x) {
      return torch::matmul(x.flatten(1), w) + constant;
    });
    std::ostringstream bytes;
    module.save(bytes);
    return std::move(bytes).str();
  };
  EXPECT_EQ(id_of(with_constant(1.0)), id_of(with_constant(1.0)));
  EXPECT_NE(id_of(with_constant(1.0)), id_of(with_constant(2.0)));
}

}  // namespace
}  // namespace heirloom::arch
