#include "core/arch/build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/arch/probe.h"

namespace heirloom::arch {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr jobs::InputShape kMnist{1, 28, 28};
constexpr jobs::InputShape kCifar{3, 32, 32};

std::string refusal(const jobs::ArchSpec& spec, const jobs::InputShape& shape = kMnist,
                    std::int64_t classes = 10) {
  const auto probed = probe(spec, shape, classes);
  if (probed) return "accepted";
  EXPECT_EQ(probed.error().kind, base::ErrorKind::usage);
  return probed.error().text();
}

// Counts from the reference networks in plain PyTorch.
TEST(Build, NetworksHaveTheKnownNumberOfParameters) {
  EXPECT_EQ(probe({"lenet", {}}, kMnist, 10), 431080U);
  EXPECT_EQ(probe({"resnet", {}}, kCifar, 10), 272474U);
  EXPECT_EQ(probe({"linear", {}}, kMnist, 10), 7850U);
}

std::int64_t count(const jobs::ArchSpec& spec, const jobs::InputShape& shape,
                   std::int64_t classes) {
  std::int64_t total = 0;
  for (const torch::Tensor& parameter : build(spec, shape, classes).value()->parameters()) {
    total += parameter.numel();
  }
  return total;
}

// What the papers print, in millions to as many digits as they give; VGG-16 for CIFAR and ViT-Ti,
// which no paper has, as they are quoted everywhere. Networks for small images have other first
// layers than those for ImageNet, which is below the digits that RegNet's and DLA's papers print.
TEST(Build, NetworksHaveThePublishedNumberOfParameters) {
  constexpr jobs::InputShape kImageNet{3, 224, 224};
  const auto millions = [](std::int64_t number) { return static_cast<double>(number) / 1e6; };
  const jobs::ArchSpec wrn_40_2{"wideresnet", {{"depth", "40"}, {"widen", "2"}}};
  EXPECT_NEAR(millions(count(wrn_40_2, kCifar, 10)), 2.2, 0.05);
  const jobs::ArchSpec wrn_28_10{"wideresnet", {{"depth", "28"}, {"widen", "10"}}};
  EXPECT_NEAR(millions(count(wrn_28_10, kCifar, 10)), 36.5, 0.05);
  const jobs::ArchSpec preresnet{"preresnet", {{"block", "bottleneck"}, {"depth", "164"}}};
  EXPECT_NEAR(millions(count(preresnet, kCifar, 10)), 1.7, 0.05);
  EXPECT_NEAR(millions(count({"preresnet", {{"depth", "110"}}}, kCifar, 10)), 1.7, 0.05);
  EXPECT_NEAR(millions(count({"vgg", {{"depth", "16"}}}, kCifar, 10)), 14.7, 0.05);
  const jobs::ArchSpec densenet{"densenet", {{"depth", "100"}, {"growth", "12"}}};
  EXPECT_NEAR(millions(count(densenet, kCifar, 10)), 0.77, 0.005);
  const jobs::ArchSpec resnext{"resnext", {{"cardinality", "8"}, {"width", "64"}}};
  EXPECT_NEAR(millions(count(resnext, kCifar, 10)), 34.4, 0.05);
  EXPECT_NEAR(millions(count({"regnet", {}}, kImageNet, 1000)), 2.7, 0.05);
  EXPECT_NEAR(millions(count({"regnet", {{"size", "400mf"}}}, kImageNet, 1000)), 5.2, 0.05);
  EXPECT_NEAR(millions(count({"regnet", {{"size", "600mf"}}}, kImageNet, 1000)), 6.2, 0.05);
  EXPECT_NEAR(millions(count({"regnet", {{"size", "800mf"}}}, kImageNet, 1000)), 7.3, 0.05);
  EXPECT_NEAR(millions(count({"dla", {}}, kImageNet, 1000)), 15.8, 0.5);
  const jobs::ArchSpec vit{"vit",
                           {{"patch", "16"}, {"width", "192"}, {"depth", "12"}, {"heads", "3"}}};
  EXPECT_NEAR(millions(count(vit, kImageNet, 1000)), 5.7, 0.05);
  EXPECT_EQ(count({"mlp", {{"depth", "1"}, {"width", "800"}}}, kMnist, 10),
            784 * 800 + 800 + 800 * 10 + 10);
}

// Each first word of depth is another network of the same paper.
TEST(Build, VggHasTheLayersThatItsDepthNames) {
  const auto convolutions = [](const char* depth) {
    std::int64_t found = 0;
    const auto network = build({"vgg", {{"depth", depth}, {"width", "2"}}}, kCifar, 10).value();
    for (const torch::Tensor& parameter : network->parameters()) found += parameter.dim() == 4;
    return found;
  };
  EXPECT_EQ(convolutions("11"), 8);  // and three fully connected ones in the paper
  EXPECT_EQ(convolutions("13"), 10);
  EXPECT_EQ(convolutions("16"), 13);
  EXPECT_EQ(convolutions("19"), 16);
}

TEST(Build, ParametersChangeTheNetwork) {
  const auto shallow = probe({"resnet", {{"depth", "8"}}}, kMnist, 10).value();
  const auto deep = probe({"resnet", {{"depth", "14"}}}, kMnist, 10).value();
  const auto wide = probe({"resnet", {{"depth", "8"}, {"width", "32"}}}, kMnist, 10).value();
  EXPECT_LT(shallow, deep);
  EXPECT_LT(2 * shallow, wide);
}

TEST(Build, TakesAnyShapeThatFits) {
  EXPECT_TRUE(probe({"lenet", {}}, {3, 16, 40}, 7).has_value());
  EXPECT_TRUE(probe({"resnet", {{"depth", "8"}}}, {2, 9, 5}, 3).has_value());
  EXPECT_THAT(refusal({"lenet", {}}, {1, 15, 28}), HasSubstr("at least 16x16"));
  EXPECT_THAT(refusal({"vit", {}}, {1, 28, 30}), HasSubstr("4x4 do not tile the 28x30"));
  EXPECT_THAT(refusal({"dla", {}}, {1, 15, 15}), HasSubstr("dla needs inputs of at least 16x16"));
  EXPECT_THAT(refusal({"linear", {}}, {0, 28, 28}), HasSubstr("[0, 28, 28]"));
  EXPECT_THAT(refusal({"linear", {}}, kMnist, 1), HasSubstr("classes"));
}

TEST(Build, SuggestsTheNearestArchitectureAndListsAll) {
  EXPECT_THAT(
      refusal({"resent", {}}),
      AllOf(HasSubstr("\"resent\""), HasSubstr("did you mean resnet?"), HasSubstr("lenet")));
  EXPECT_THAT(refusal({"transformer", {}}),
              HasSubstr("There are densenet, dla, lenet, linear, mlp, preresnet, regnet, resnet, "
                        "resnext, vgg, vit or wideresnet"));
}

TEST(Build, RefusesUnknownParametersAndLooseValues) {
  EXPECT_THAT(refusal({"resnet", {{"dept", "8"}}}), HasSubstr("did you mean depth?"));
  EXPECT_THAT(refusal({"lenet", {{"depth", "8"}}}), HasSubstr("takes no parameters"));
  for (const char* bad : {"", "8.0", "+8", " 8", "8x", "0x8", "-8", "9999999999999999999"}) {
    EXPECT_THAT(refusal({"resnet", {{"depth", bad}}}), HasSubstr("depth")) << bad;
  }
  EXPECT_THAT(refusal({"resnet", {{"depth", "9"}}}), HasSubstr("6n + 2"));
}

TEST(Build, RefusesParametersThatDoNotGoTogether) {
  EXPECT_THAT(refusal({"vit", {{"heads", "3"}}}), HasSubstr("3 heads of vit do not divide"));
  EXPECT_THAT(refusal({"preresnet", {{"depth", "11"}}}), HasSubstr("6n + 2"));
  EXPECT_THAT(refusal({"preresnet", {{"depth", "14"}, {"block", "bottleneck"}}}),
              HasSubstr("9n + 2"));
  EXPECT_THAT(refusal({"preresnet", {{"depth", "8"}, {"block", "bottleneck"}}}),
              HasSubstr("9n + 2"));
  EXPECT_THAT(refusal({"preresnet", {{"block", "Basic"}}}), HasSubstr("basic or bottleneck"));
}

TEST(Build, InitialWeightsFollowFromTheSeed) {
  const auto first_weight = [](std::uint64_t seed) {
    torch::manual_seed(seed);
    return build({"lenet", {}}, kMnist, 10).value()->parameters()[0].flatten()[0].item<float>();
  };
  EXPECT_EQ(first_weight(3), first_weight(3));
  EXPECT_NE(first_weight(3), first_weight(4));
}

}  // namespace
}  // namespace heirloom::arch
