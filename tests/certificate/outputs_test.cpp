#include "core/certificate/outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heirloom::certificate {
namespace {

using testing::HasSubstr;

const std::string kHeader = "idx\tlabel\toutputs\tclass\thits\n";

TEST(Outputs, ComeBackBitForBit) {
  const std::vector<OutputRow> rows = {{17, 3, {0.1F, 1.0F / 3.0F, 1e-30F, 0.0F}, 1, 198},
                                       {18, 0, {1.0F, 0.0F, 0.0F, 0.0F}, -1, 0}};
  const auto read = outputs_from_tsv(outputs_to_tsv(rows), "o");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(*read, rows);
}

TEST(Outputs, NameTheBadLine) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "o:1: no outputs"},
      {kHeader + "1\t2\t0.5,0.5\t1\n", "o:2: has 4 columns instead of 5"},
      {kHeader + "1\t2\t0.5,-0.5\t1\t3\n", "o:2: has the output -0.5"},
      {kHeader + "1\t2\t0.5,nan\t1\t3\n", "o:2: "},
      {kHeader + "1\t2\t0.5,0.5\t2\t3\n", "o:2: has class 2 of 2"},
      {kHeader + "1\t2\t0.5,0.5\t1\t3", "middle of a row"}};
  for (const auto& [text, words] : wrong) {
    const auto read = outputs_from_tsv(text, "o");
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_THAT(read.error().message, HasSubstr(words));
  }
}

}  // namespace
}  // namespace heirloom::certificate
