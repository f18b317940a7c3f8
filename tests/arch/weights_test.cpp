#include "core/arch/weights.h"

#include <cstdlib>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/arch/safetensors.h"
#include "core/base/files.h"
#include "tests/arch/networks.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::arch {
namespace {

using testing::HasSubstr;

constexpr jobs::InputShape kMnist{1, 28, 28};
constexpr jobs::InputShape kFourPixels{1, 2, 2};

class Weights : public testing::TestWithParam<jobs::ArchSpec> {};

std::string case_name(const testing::TestParamInfo<jobs::ArchSpec>& info) {
  const auto block = info.param.parameters.find("block");
  return info.param.name + (block == info.param.parameters.end() ? "" : block->second);
}

INSTANTIATE_TEST_SUITE_P(Architectures, Weights, testing::ValuesIn(small_architectures()),
                         case_name);

TEST_P(Weights, ComeBackFromTheirFileToTheBit) {
  const auto first = network_with_seed(GetParam(), kMnist, 21);
  const auto second = network_with_seed(GetParam(), kMnist, 22);
  use_channels_last(*first);  // the file is row by row whatever the order in memory
  const std::string file = save_weights(*first);
  ASSERT_TRUE(load_weights(*second, file, "w").has_value());
  EXPECT_EQ(save_weights(*second), file);
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::rand({2, 1, 28, 28});
  use_channels_last(*second);
  EXPECT_TRUE(torch::equal(first->forward(x), second->forward(x)));
}

std::shared_ptr<Classifier> linear() {
  torch::manual_seed(4);
  return build({"linear", {}}, kFourPixels, 3).value();
}

TEST(Weights, OfAnotherProgramAreRead) {
  for (const std::string type : {"F32", "F16", "BF16"}) {
    const fakes::TempFolder folder;
    const auto path = folder / "w.safetensors";
    const std::string command =
        "/usr/bin/python3 " HEIRLOOM_SAFETENSORS_SCRIPT " " + path.native() + " " + type;
    ASSERT_EQ(std::system(command.c_str()), 0);
    const auto network = linear();
    const auto loaded = load_weights(*network, base::read_file(path, 1 << 20).value(), "w");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
    const torch::Tensor expected = torch::arange(12, torch::kFloat).view({3, 4}) / 8;
    EXPECT_TRUE(torch::equal(network->named_parameters()["fc.weight"], expected)) << type;
    EXPECT_TRUE(
        torch::equal(network->named_parameters()["fc.bias"], -torch::arange(3, torch::kFloat)));
  }
}

std::string floats(std::vector<float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string refusal(Classifier& network, const std::vector<TensorToStore>& tensors) {
  const std::string before = save_weights(network);
  const auto loaded = load_weights(network, make_safetensors(tensors), "w.safetensors");
  EXPECT_EQ(save_weights(network), before) << "a refused file changed the network";
  if (loaded) return "accepted";
  EXPECT_EQ(loaded.error().kind, base::ErrorKind::bad_data);
  EXPECT_THAT(loaded.error().message, HasSubstr("w.safetensors"));
  return loaded.error().text();
}

TEST(Weights, OfAnotherNetworkAreRefused) {
  const auto network = linear();
  const TensorToStore weight{"fc.weight", {3, 4}, floats(std::vector<float>(12, 0.5F))};
  const TensorToStore bias{"fc.bias", {3}, floats({1, 2, 3})};
  EXPECT_THAT(refusal(*network, {weight}), HasSubstr("has no tensor \"fc.bias\""));
  EXPECT_THAT(refusal(*network, {weight, bias, {"fc.scale", {1}, floats({1})}}),
              HasSubstr("the network has no weights \"fc.scale\""));
  EXPECT_THAT(refusal(*network, {weight, {"fc.bais", {3}, bias.bytes}}),
              HasSubstr("it has fc.bias"));
  EXPECT_THAT(refusal(*network, {{"fc.weight", {4, 3}, weight.bytes}, bias}),
              HasSubstr("\"fc.weight\" has the shape [4, 3], not [3, 4]"));
  EXPECT_THAT(refusal(*network, {weight, {"fc.bias", {3, 1}, bias.bytes}}),
              HasSubstr("has the shape [3, 1], not [3]"));
  EXPECT_THAT(refusal(*network, {}), HasSubstr("has no tensor"));
}

TEST(Weights, ThatAreNotFiniteAreRefused) {
  const auto network = linear();
  const TensorToStore weight{"fc.weight", {3, 4}, floats(std::vector<float>(12, 0.5F))};
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    EXPECT_THAT(refusal(*network, {weight, {"fc.bias", {3}, floats({1, bad, 3})}}),
                HasSubstr("\"fc.bias\" has numbers that are not finite"));
  }
}

TEST(Weights, WithANegativeVarianceAreRefused) {
  const auto network = network_with_seed({"resnet", {{"depth", "8"}}}, kMnist, 23);
  const std::string file = save_weights(*network);
  network->named_buffers()["stem.norm.running_var"][3] = -1e-3;
  const std::string wrong = save_weights(*network);
  const auto loaded = load_weights(*network, wrong, "w");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_THAT(loaded.error().message, HasSubstr("stem.norm.running_var"));
  EXPECT_TRUE(load_weights(*network, file, "w").has_value());
}

}  // namespace
}  // namespace heirloom::arch
