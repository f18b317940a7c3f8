#include "core/data/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heirloom::data {
namespace {

using testing::HasSubstr;

const std::string kHash = base::sha256("x").hex();
const std::string kText = "path\tbytes\tsha256\tclass\na/1 b.png\t7\t" + kHash +
                          "\t0\nz/2.jpg\t12\t" + kHash + "\t65535\n";

TEST(Manifest, HasALineForEachFile) {
  const std::vector<ManifestEntry> entries = {{"a/1 b.png", 7, base::sha256("x"), 0},
                                              {"z/2.jpg", 12, base::sha256("x"), 65535}};
  EXPECT_EQ(manifest_text(entries), kText);
  const auto read = parse_manifest(kText, "m");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(*read, entries);
}

TEST(Manifest, ThatIsDamagedIsRefusedWithTheLine) {
  const std::string header = "path\tbytes\tsha256\tclass\n";
  const std::string good = "a/1.png\t7\t" + kHash + "\t0\n";
  EXPECT_TRUE(parse_manifest(header + good, "m").has_value());
  for (const std::string& bad : std::vector<std::string>{
           good.substr(0, good.size() - 1), "a/1.png\t7\t" + kHash + "\n",
           "a/1.png\t7\t" + kHash + "\t0\t0\n", "a/1.png\t-7\t" + kHash + "\t0\n",
           "a/1.png\t7\t" + kHash + "\t65536\n", "a/1.png\t7\tabc\t0\n", std::string("\n"),
           "1.png\t7\t" + kHash + "\t0\n", "../1.png\t7\t" + kHash + "\t0\n",
           "a/../1.png\t7\t" + kHash + "\t0\n", "/1.png\t7\t" + kHash + "\t0\n",
           "a/\t7\t" + kHash + "\t0\n"}) {
    const auto read = parse_manifest(header + good + bad, "m");
    ASSERT_FALSE(read.has_value()) << bad;
    EXPECT_EQ(read.error().kind, base::ErrorKind::bad_data);
    EXPECT_THAT(read.error().message, HasSubstr("m: line 3")) << bad;
  }
  EXPECT_THAT(parse_manifest(good, "m").error().message, HasSubstr("line 1"));
  EXPECT_THAT(parse_manifest(header, "m").error().message, HasSubstr("names no files"));
  EXPECT_THAT(parse_manifest("", "m").error().message, HasSubstr("names no files"));
}

}  // namespace
}  // namespace heirloom::data
