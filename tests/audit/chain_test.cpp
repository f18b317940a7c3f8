#include "core/audit/chain.h"

#include <gtest/gtest.h>

#include "core/audit/row_digest.h"

namespace heirloom::audit {
namespace {

TEST(RowDigest, TellsValuesApartThatPrintAlike) {
  const std::vector<Value> values = {std::monostate(), std::int64_t{1}, 1.0,
                                     std::string("1"), Blob{"1"},       std::string()};
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t k = i + 1; k < values.size(); ++k) {
      EXPECT_NE(digest_of_rows("t", {{values[i]}}), digest_of_rows("t", {{values[k]}})) << i << k;
    }
  }
}

TEST(RowDigest, BindsTheTableTheOrderAndTheNumberOfRows) {
  const Row one = {std::int64_t{1}};
  const Row two = {std::int64_t{2}};
  EXPECT_NE(digest_of_rows("t", {one}), digest_of_rows("u", {one}));
  EXPECT_NE(digest_of_rows("t", {one, two}), digest_of_rows("t", {two, one}));
  EXPECT_NE(digest_of_rows("t", {one, two}), digest_of_rows("t", {{one[0], two[0]}}));
}

// Bytes laid out by hand from docs/audit-format.md.
TEST(Chain, HashesAsTheFormatSays) {
  const auto field = [](const std::string& bytes) {
    std::string out(8, '\0');
    out[0] = static_cast<char>(bytes.size());
    return out + bytes;
  };
  const std::string seven = std::string("\7", 1) + std::string(7, '\0');
  const std::string none(8, '\xff');
  Event event;
  event.seq = 7;
  event.at = "now";
  event.actor = "uid:0";
  event.kind = "k";
  event.payload = "{}";
  const base::Digest rows = digest_of_ranges({});
  EXPECT_EQ(rows, base::sha256(""));
  const std::string digest(rows.bytes.begin(), rows.bytes.end());
  const std::string bytes = std::string(1, '\0') + std::string(32, '\0') + field(seven) +
                            field("now") + field("uid:0") + field("k") + none + none + field("{}") +
                            field(digest);
  EXPECT_EQ(chain_hash({}, event, rows), base::sha256(bytes));
}

}  // namespace
}  // namespace heirloom::audit
