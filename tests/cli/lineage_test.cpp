#include "cli/render/lineage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/samples.h"

namespace heirloom::cli {
namespace {

using testing::HasSubstr;

Json node(const std::string& id, const std::string& state, bool champion = false) {
  return {{"id", id},
          {"state", state},
          {"verdict", state},
          {"kind", "transfer"},
          {"version", "v" + id},
          {"arch", "lenet"},
          {"snapshot", "s1"},
          {"policy_version", 1},
          {"champion", champion},
          {"metrics",
           {{"acr", 0.5}, {"clean_accuracy", 0.9}, {"certified_accuracy", {{"0.50", 0.8}}}}}};
}

Json edge(const std::string& from, const std::string& to) {
  return {{"from", from}, {"to", to}, {"kind", "teacher"}};
}

Json family() {
  return {{"nodes",
           {node("g1", "promoted"), node("g2", "promoted", true), node("g3", "rejected"),
            node("g4", "held"), node("g5", "failed")}},
          {"edges", {edge("g1", "g2"), edge("g2", "g4"), edge("g1", "g3")}}};
}

TEST(Lineage, ChildrenHangUnderTheirTeacherAndTheChampionIsMarked) {
  EXPECT_EQ(render_lineage(family(), {70, false, true}),
            "GENERATION  STATE     VERSION      KIND      CERT@0.50    ACR  CLEAN\n"
            "g1          promoted  vg1 (lenet)  transfer      80.0%  0.500  90.0%\n"
            "├─ g2 ★     promoted  vg2 (lenet)  transfer      80.0%  0.500  90.0%\n"
            "│  └─ g4    held      vg4 (lenet)  transfer      80.0%  0.500  90.0%\n"
            "└─ g3       rejected  vg3 (lenet)  transfer      80.0%  0.500  90.0%\n"
            "g5          failed    vg5 (lenet)  transfer      80.0%  0.500  90.0%\n"
            "★ champion\n");
}

TEST(Lineage, IsDrawnInAsciiWhereUnicodeIsNot) {
  const std::string tree = render_lineage(family(), test::ascii());
  EXPECT_THAT(tree, HasSubstr("|- g2 *"));
  EXPECT_THAT(tree, HasSubstr("|  `- g4"));
  for (const char c : tree) EXPECT_GE(c, 0) << "a byte outside ASCII";
}

TEST(Lineage, AThousandGenerationsInARowFitSixtyColumnsAndNoneIsLost) {
  Json nodes = Json::array();
  Json edges = Json::array();
  for (int i = 1; i <= 1000; ++i) {
    nodes.push_back(node(fmt::format("g{}", i), "promoted"));
    if (i > 1) edges.push_back(edge(fmt::format("g{}", i - 1), fmt::format("g{}", i)));
  }
  const std::string tree = render_lineage({{"nodes", nodes}, {"edges", edges}}, test::narrow());
  EXPECT_LE(test::widest_line(tree), 60U);
  for (const char* id : {"g1 ", "g500 ", "g1000 "}) EXPECT_NE(test::line_with(tree, id), "") << id;
}

TEST(Lineage, AnEdgeFromAnUnknownGenerationDoesNotHideItsChild) {
  const Json lineage = {{"nodes", {node("g2", "promoted")}}, {"edges", {edge("g1", "g2")}}};
  EXPECT_THAT(render_lineage(lineage, test::wide()), HasSubstr("g2"));
}

}  // namespace
}  // namespace heirloom::cli
