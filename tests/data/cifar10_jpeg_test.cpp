// CIFAR-10 as a folder of JPEG files, a class folder each: some hundred pictures of each class.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <spawn.h>
#include <sys/wait.h>

#include "core/data/part.h"
#include "core/data/source.h"
#include "tests/fakes/temp_folder.h"

extern char** environ;  // POSIX gives it no header

namespace heirloom::data {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

namespace fs = std::filesystem;

constexpr jobs::InputShape kShape{3, 32, 32};
const fs::path kArchive = fs::path(HEIRLOOM_SHARED) / "data/cifar10-jpeg/cifar10-jpeg.tar.xz";

// The files of the archive that fit the patterns, below `folder`.
bool unpack(const fs::path& folder, const std::vector<std::string>& patterns) {
  std::vector<std::string> words = {"tar", "-xJf",          kArchive.native(),
                                    "-C",  folder.native(), "--wildcards"};
  words.insert(words.end(), patterns.begin(), patterns.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, "tar", nullptr, nullptr, arguments.data(), environ) != 0) return false;
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

base::Result<ResolvedPart> resolve_folder(const fs::path& folder, int threads) {
  return resolve({jobs::DataFormat::folder, {folder.native()}}, kShape, 10, {.threads = threads});
}

TEST(Cifar10Jpeg, IsReadPinnedAndReadAgain) {
  if (!fs::exists(kArchive)) GTEST_SKIP() << "there is no " << kArchive;
  const fakes::TempFolder folder;
  ASSERT_TRUE(unpack(folder.path(), {"train/*/0[01]??.jpg", "test/*/00[0-4]?.jpg"}));
  const auto train = resolve_folder(folder / "train", 2);
  ASSERT_TRUE(train.has_value()) << train.error().text();
  EXPECT_THAT(train->part.folder->classes,
              ElementsAre("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse",
                          "ship", "truck"));
  EXPECT_THAT(train->part.class_counts, Each(200));
  EXPECT_EQ(train->dataset.pixels.capacity(), 2000U * 3072U) << "a byte a value";
  EXPECT_EQ(resolve_folder(folder / "train", 1).value().part, train->part);

  const auto holdout = resolve_folder(folder / "test", 2);
  ASSERT_TRUE(holdout.has_value()) << holdout.error().text();
  EXPECT_THAT(holdout->part.class_counts, Each(50));
  EXPECT_TRUE(check_parts(*train, *holdout, 2).has_value());

  jobs::DataPart part = train->part;
  part.folder->manifest.path = (folder / "manifest").native();
  fakes::write_file(folder / "manifest", train->manifest);
  const auto again = load_part(part, kShape, 10, 2);
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_EQ(again->pixels, train->dataset.pixels);
  fs::copy_file(folder / "train/cat/0001.jpg", folder / "train/cat/0000.jpg",
                fs::copy_options::overwrite_existing);
  EXPECT_THAT(load_part(part, kShape, 10, 2).error().message, HasSubstr("train/cat/0000.jpg"));
}

}  // namespace
}  // namespace heirloom::data
