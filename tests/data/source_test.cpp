#include "core/data/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/data/idx.h"
#include "core/data/part.h"
#include "tests/data/idx_samples.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::data {
namespace {

using jobs::DataFormat;
using testing::AllOf;
using testing::HasSubstr;

constexpr jobs::InputShape kShape{1, 2, 3};

struct Folder : fakes::TempFolder {
  Folder() {
    fakes::write_file(*this / "t10k-images-idx3-ubyte.gz", gzip(idx_images(2)));
    fakes::write_file(*this / "t10k-labels-idx1-ubyte", idx_labels({7, 9}));
  }
};

base::Result<ResolvedPart> resolve_idx(std::vector<std::string> paths) {
  return resolve({DataFormat::idx, std::move(paths)}, kShape, 10);
}

TEST(Source, FindsTheTwoFilesOfAFolder) {
  const Folder folder;
  const auto resolved = resolve_idx({folder.path().native()});
  ASSERT_TRUE(resolved.has_value()) << resolved.error().text();
  ASSERT_EQ(resolved->part.files.size(), 2U);
  EXPECT_EQ(resolved->part.files[0].path, folder / "t10k-images-idx3-ubyte.gz");
  EXPECT_EQ(resolved->part.files[0].sha256, base::sha256(gzip(idx_images(2))));
  EXPECT_EQ(resolved->part.files[1].bytes, 10U);
  EXPECT_EQ(resolved->part.examples, 2U);
  EXPECT_EQ(resolved->part.class_counts[9], 1U);
  EXPECT_EQ(resolved->part.digest, part_digest(resolved->examples));
}

TEST(Source, TakesTwoFilesAsWellAndMakesTheirPathsAbsolute) {
  const Folder folder;
  const auto relative = std::filesystem::relative(folder / "t10k-images-idx3-ubyte.gz");
  const auto resolved =
      resolve_idx({relative.native(), (folder / "t10k-labels-idx1-ubyte").native()});
  ASSERT_TRUE(resolved.has_value()) << resolved.error().text();
  EXPECT_TRUE(std::filesystem::path(resolved->part.files[0].path).is_absolute());
}

TEST(Source, RefusesAFolderWithNoneOrTwoOfAKind) {
  const Folder folder;
  fakes::write_file(folder / "train-images-idx3-ubyte", idx_images(1));
  EXPECT_THAT(resolve_idx({folder.path().native()}).error().message,
              AllOf(HasSubstr("2 *images*idx3* files"), HasSubstr("t10k"), HasSubstr("train")));
  const fakes::TempFolder empty;
  EXPECT_THAT(resolve_idx({empty.path().native()}).error().message, HasSubstr("no *images*idx3*"));
  EXPECT_EQ(resolve_idx({(empty / "missing").native()}).error().kind, base::ErrorKind::not_found);
  EXPECT_EQ(resolve_idx({"a", "b", "c"}).error().kind, base::ErrorKind::usage);
}

TEST(Source, RefusesAPartWithoutExamples) {
  const fakes::TempFolder folder;
  fakes::write_file(folder / "images-idx3", idx_images(0));
  fakes::write_file(folder / "labels-idx1", idx_labels({}));
  EXPECT_THAT(resolve_idx({folder.path().native()}).error().message, HasSubstr("no examples"));
}

TEST(Source, ReadsSeedAndCountOfGlyphsStrictly) {
  EXPECT_EQ(*parse_glyphs_source("18446744073709551615:7"),
            (std::pair<std::uint64_t, std::uint64_t>(18446744073709551615U, 7)));
  for (const char* bad : {"", "1", ":", "1:", ":1", "1:0", "-1:5", "1:5x", " 1:5", "1:5:6",
                          "1:10000001", "18446744073709551616:1"}) {
    EXPECT_FALSE(parse_glyphs_source(bad).has_value()) << bad;
  }
}

TEST(Source, RefusesAnImageThatIsTrainedOnAndHeldOut) {
  const auto part = [](const std::string& images, const std::string& labels) {
    ResolvedPart found;
    found.dataset = parse_idx({"a", images}, {"b", labels}, kShape, 10).value();
    return found;
  };
  const ResolvedPart train = part(idx_images(3), idx_labels({1, 2, 3}));
  const auto checked = check_parts(train, part(idx_images(1, 12), idx_labels({4})));
  ASSERT_FALSE(checked.has_value());
  EXPECT_THAT(checked.error().message,
              AllOf(HasSubstr("image 2 of the train"), HasSubstr("image 0 of the holdout")));
  EXPECT_TRUE(check_parts(train, part(idx_images(1, 100), idx_labels({4}))).has_value());
}

TEST(Part, ReadsTheRegisteredExamplesAgain) {
  const Folder folder;
  const auto resolved = resolve_idx({folder.path().native()}).value();
  const auto again = load_part(resolved.part, kShape, 10);
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_EQ(again->pixels, resolved.dataset.pixels);
  const auto glyphs = resolve({DataFormat::glyphs, {"3:20"}}, {1, 28, 28}, 10).value();
  EXPECT_EQ(load_part(glyphs.part, {1, 28, 28}, 10)->pixels, glyphs.dataset.pixels);
}

TEST(Part, RefusesAFileThatChanged) {
  const Folder folder;
  const auto resolved = resolve_idx({folder.path().native()}).value();
  fakes::write_file(folder / "t10k-labels-idx1-ubyte", idx_labels({7, 8}));
  const auto again = load_part(resolved.part, kShape, 10);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind, base::ErrorKind::bad_data);
  EXPECT_THAT(again.error().message, HasSubstr("t10k-labels-idx1-ubyte"));
}

TEST(Part, RefusesExamplesOfAnotherDigest) {
  auto part = resolve({DataFormat::glyphs, {"3:20"}}, {1, 28, 28}, 10).value().part;
  part.glyphs_seed = 4;
  EXPECT_EQ(load_part(part, {1, 28, 28}, 10).error().kind, base::ErrorKind::bad_data);
}

}  // namespace
}  // namespace heirloom::data
