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
  EXPECT_THAT(refusal({"linear", {}}, {0, 28, 28}), HasSubstr("[0, 28, 28]"));
  EXPECT_THAT(refusal({"linear", {}}, kMnist, 1), HasSubstr("classes"));
}

TEST(Build, SuggestsTheNearestArchitectureAndListsAll) {
  EXPECT_THAT(
      refusal({"resent", {}}),
      AllOf(HasSubstr("\"resent\""), HasSubstr("did you mean resnet?"), HasSubstr("lenet")));
  EXPECT_THAT(refusal({"transformer", {}}), HasSubstr("lenet, linear or resnet"));
}

TEST(Build, RefusesUnknownParametersAndLooseValues) {
  EXPECT_THAT(refusal({"resnet", {{"dept", "8"}}}), HasSubstr("did you mean depth?"));
  EXPECT_THAT(refusal({"lenet", {{"depth", "8"}}}), HasSubstr("takes no parameters"));
  for (const char* bad : {"", "8.0", "+8", " 8", "8x", "0x8", "-8", "9999999999999999999"}) {
    EXPECT_THAT(refusal({"resnet", {{"depth", bad}}}), HasSubstr("depth")) << bad;
  }
  EXPECT_THAT(refusal({"resnet", {{"depth", "9"}}}), HasSubstr("6n + 2"));
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
