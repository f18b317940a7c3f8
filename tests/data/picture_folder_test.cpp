#include "core/data/picture_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/data/part.h"
#include "core/data/source.h"
#include "tests/data/picture_folder_samples.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;
using jobs::DataFormat;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace fs = std::filesystem;

constexpr jobs::InputShape kShape{1, kSide, kSide};

base::Result<ResolvedPart> resolve_folder(const fs::path& folder, int threads = 1,
                                          const jobs::InputShape& shape = kShape,
                                          std::int64_t classes = 3) {
  return resolve({DataFormat::folder, {folder.native()}}, shape, classes, {.threads = threads});
}

void expect_refused(const fs::path& folder, const std::string& name, const std::string& words) {
  const auto found = resolve_folder(folder);
  ASSERT_FALSE(found.has_value()) << name;
  EXPECT_EQ(found.error().kind, ErrorKind::bad_data) << found.error().text();
  EXPECT_THAT(found.error().message, AllOf(HasSubstr((folder / name).native()), HasSubstr(words)));
}

// The part as a job gets it: its manifest lies in `folder`.
jobs::DataPart placed(const ResolvedPart& found, const fakes::TempFolder& folder) {
  jobs::DataPart part = found.part;
  part.folder->manifest.path = (folder / "manifest").native();
  fakes::write_file(folder / "manifest", found.manifest);
  return part;
}

TEST(PictureFolder, LabelsAreThePlacesOfTheClassNamesInByteOrder) {
  const PictureTree tree(100);
  for (const int threads : {1, 2, 7}) {
    const auto found = resolve_folder(tree.path(), threads);
    ASSERT_TRUE(found.has_value()) << found.error().text();
    EXPECT_THAT(found->part.folder->classes, ElementsAre("Zebra", "cat", "cat-big"));
    EXPECT_THAT(found->dataset.labels, ElementsAre(0, 0, 1, 1, 2));
    EXPECT_THAT(found->part.class_counts, ElementsAre(2, 2, 1));
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_THAT(found->dataset.image(i), testing::Each(100 + i)) << i;
    }
    EXPECT_EQ(found->dataset.pixels.capacity(), 5U * kSide * kSide);
    EXPECT_TRUE(found->part.files.empty());
  }
}

TEST(PictureFolder, TheManifestPinsEveryFile) {
  const PictureTree tree;
  const auto found = resolve_folder(tree.path()).value();
  const auto entries = parse_manifest(found.manifest, "manifest");
  ASSERT_TRUE(entries.has_value()) << entries.error().text();
  std::vector<std::string> paths;
  for (const ManifestEntry& entry : *entries) {
    paths.push_back(entry.path);
    const std::string bytes = base::read_file(tree / entry.path, 10000).value();
    EXPECT_EQ(entry.bytes, bytes.size());
    EXPECT_EQ(entry.sha256, base::sha256(bytes));
  }
  EXPECT_THAT(paths, ElementsAre("Zebra/10.png", "Zebra/9.PNG", "cat/a.jpg", "cat/b.png",
                                 "cat-big/x.jpeg"));
  EXPECT_EQ(found.part.folder->path, tree.path());
  EXPECT_EQ(found.part.folder->manifest.sha256, base::sha256(found.manifest));
  EXPECT_EQ(found.part.folder->manifest.bytes, found.manifest.size());
  EXPECT_EQ(found.part.folder->manifest.path, "") << "rows name it by its hash";
}

TEST(PictureFolder, ASlashAtTheEndChangesNothing) {
  const PictureTree tree;
  EXPECT_EQ(resolve_folder(tree.path() / "").value().part, resolve_folder(tree.path())->part);
}

TEST(PictureFolder, IsReadAgainAsItWas) {
  const PictureTree tree;
  const auto found = resolve_folder(tree.path()).value();
  const fakes::TempFolder elsewhere;
  const jobs::DataPart part = placed(found, elsewhere);
  write_below(tree / "cat/new.png", plain_png(77));  // after the registration: not looked at
  for (const int threads : {1, 3}) {
    const auto again = load_part(part, kShape, 3, threads);
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(again->pixels, found.dataset.pixels);
    EXPECT_EQ(again->labels, found.dataset.labels);
  }
}

TEST(PictureFolder, AFileThatChangedOrIsGoneAfterRegistrationIsNamed) {
  const PictureTree tree;
  const fakes::TempFolder elsewhere;
  const jobs::DataPart part = placed(resolve_folder(tree.path()).value(), elsewhere);
  write_below(tree / "cat/b.png", plain_png(99));
  const auto changed = load_part(part, kShape, 3, 2);
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error().kind, ErrorKind::bad_data);
  EXPECT_THAT(changed.error().message,
              AllOf(HasSubstr((tree / "cat/b.png").native()), HasSubstr("has changed")));
  fs::remove(tree / "Zebra/9.PNG");
  const auto gone = load_part(part, kShape, 3, 2);
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().kind, ErrorKind::bad_data);
  EXPECT_THAT(gone.error().message,
              AllOf(HasSubstr((tree / "Zebra/9.PNG").native()), HasSubstr("is gone")));
}

TEST(PictureFolder, AManifestThatChangedOrHasNoPlaceIsRefused) {
  const PictureTree tree;
  const fakes::TempFolder elsewhere;
  const auto found = resolve_folder(tree.path()).value();
  EXPECT_EQ(load_part(found.part, kShape, 3).error().kind, ErrorKind::usage);
  const jobs::DataPart part = placed(found, elsewhere);
  fakes::write_file(elsewhere / "manifest", found.manifest.substr(0, 200));
  EXPECT_THAT(load_part(part, kShape, 3).error().message, HasSubstr("manifest has SHA-256"));
}

TEST(PictureFolder, ADamagedPictureIsNamed) {
  const PictureTree tree;
  const std::string whole = plain_png(9);
  for (const auto& [bytes, words] : std::vector<std::pair<std::string, std::string>>{
           {"", "is empty"},
           {whole.substr(0, whole.size() / 2), "damaged PNG file"},
           {"GIF89a", "neither a PNG nor a JPEG"},
           {png_file({}, {1, 2, 3, 4, 5, 6}), "3 pixels wide and 2 high"},
           {png_file({.width = kSide, .height = kSide, .color = PNG_COLOR_TYPE_RGB},
                     std::vector<std::uint8_t>(3 * kSide * kSide, 5)),
            "is a colour picture, but the model takes grey ones"},
           {png_file({.width = kSide, .height = kSide, .color = PNG_COLOR_TYPE_GRAY_ALPHA},
                     std::vector<std::uint8_t>(2 * kSide * kSide, 5)),
            "with transparency"}}) {
    write_below(tree / "cat/b.png", bytes);
    expect_refused(tree.path(), "cat/b.png", words);
  }
  const std::string jpeg =
      jpeg_file(kSide, kSide, JCS_GRAYSCALE, 1, std::vector<std::uint8_t>(kSide * kSide, 2));
  write_below(tree / "cat/b.png", plain_png(3));
  write_below(tree / "cat/a.jpg", jpeg.substr(0, jpeg.size() - 4));
  expect_refused(tree.path(), "cat/a.jpg", "damaged JPEG file");
}

TEST(PictureFolder, GreyPicturesAreNoneOfAColourModel) {
  const PictureTree tree;
  const auto found = resolve_folder(tree.path(), 1, {3, kSide, kSide});
  EXPECT_THAT(found.error().message,
              AllOf(HasSubstr("Zebra/10.png"), HasSubstr("grey picture"), HasSubstr("colour")));
}

TEST(PictureFolder, OfManyDamagedPicturesTheFirstIsNamed) {
  const PictureTree tree;
  for (int i = 100; i < 200; ++i) {
    write_below(tree / ("cat/" + std::to_string(i) + ".png"), i < 137 ? plain_png(1) : "no");
  }
  for (const int threads : {1, 2, 5}) {
    EXPECT_THAT(resolve_folder(tree.path(), threads).error().message, HasSubstr("/cat/137.png"));
  }
}

TEST(PictureFolder, WhatIsNoPictureIsRefusedByName) {
  const auto refused_with = [](const std::string& name, const std::string& words) {
    const PictureTree tree;
    write_below(tree / name, plain_png(1));
    expect_refused(tree.path(), name, words);
  };
  refused_with("cat/notes.txt", "no .png, .jpg or .jpeg");
  refused_with("cat/png", "no .png, .jpg or .jpeg");
  refused_with("cat/.b.png.Xy12", "is hidden");
  refused_with("labels.csv", "is no folder");
  refused_with("0.png", "is no folder");
  const PictureTree deep;
  fs::create_directories(deep / "cat/kittens.png");
  expect_refused(deep.path(), "cat/kittens.png", "no regular file");
  const PictureTree git;
  fs::create_directories(git / ".git");
  expect_refused(git.path(), ".git", "is hidden");
  const PictureTree control;
  write_below(control / "cat/a\tb.png", plain_png(1));
  EXPECT_THAT(resolve_folder(control.path()).error().message, HasSubstr("control character"));
}

TEST(PictureFolder, LinksAreRefusedWhereverTheyLead) {
  const PictureTree tree;
  fs::create_symlink(tree / "cat/a.jpg", tree / "cat/c.jpg");
  expect_refused(tree.path(), "cat/c.jpg", "symbolic link");
  const PictureTree other;
  fs::create_directory_symlink(tree / "cat", other / "dog");
  expect_refused(other.path(), "dog", "symbolic link");
  const PictureTree broken;
  fs::create_symlink("/nowhere", broken / "cat/c.jpg");
  expect_refused(broken.path(), "cat/c.jpg", "symbolic link");
}

TEST(PictureFolder, ClassesMustBeTheModelsAndNotEmpty) {
  const PictureTree tree;
  EXPECT_THAT(resolve_folder(tree.path(), 1, kShape, 10).error().message,
              AllOf(HasSubstr("3 class folders (Zebra, cat, cat-big)"), HasSubstr("10 classes")));
  fs::remove(tree / "cat-big/x.jpeg");
  expect_refused(tree.path(), "cat-big", "has no pictures");
  EXPECT_EQ(resolve_folder(tree / "gone").error().kind, ErrorKind::not_found);
  EXPECT_EQ(resolve_folder(tree / "cat/a.jpg").error().kind, ErrorKind::usage);
  EXPECT_EQ(resolve({DataFormat::folder, {"/a", "/b"}}, kShape, 3).error().kind, ErrorKind::usage);
}

TEST(PictureFolder, TrainAndHoldoutNeedTheSameClasses) {
  const PictureTree train;
  const PictureTree holdout(50);
  const auto found = resolve_folder(train.path()).value();
  EXPECT_TRUE(check_parts(found, resolve_folder(holdout.path()).value()).has_value());
  fs::rename(holdout / "cat-big", holdout / "dog");
  const auto checked = check_parts(found, resolve_folder(holdout.path()).value());
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().kind, ErrorKind::bad_data);
  EXPECT_THAT(checked.error().message,
              AllOf(HasSubstr("Zebra, cat, cat-big"), HasSubstr("Zebra, cat, dog")));
}

TEST(PictureFolder, AnImageInBothPartsIsNamedByItsFiles) {
  const PictureTree train;
  const PictureTree holdout(50);
  write_below(holdout / "Zebra/copy.png", plain_png(4));
  const auto checked =
      check_parts(resolve_folder(train.path()).value(), resolve_folder(holdout.path()).value(), 2);
  ASSERT_FALSE(checked.has_value());
  EXPECT_THAT(checked.error().message, AllOf(HasSubstr((train / "cat-big/x.jpeg").native()),
                                             HasSubstr((holdout / "Zebra/copy.png").native())));
}

}  // namespace
}  // namespace heirloom::data
