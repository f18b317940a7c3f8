// Jobs about CIFAR files and folders of pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/cifar_samples.h"
#include "tests/data/picture_folder_samples.h"
#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// The job of a model that takes the pictures of a PictureTree.
jobs::Job picture_job(jobs::Task task, std::int64_t attempt = 1) {
  jobs::Job job = job_with(std::move(task), attempt);
  job.threads = 2;
  job.model.input = {1, data::kSide, data::kSide};
  job.model.classes = 3;
  return job;
}

jobs::InspectSnapshot both(const std::filesystem::path& train,
                           const std::filesystem::path& holdout) {
  return {{jobs::DataFormat::folder, {train.native()}},
          true,
          {jobs::DataFormat::folder, {holdout.native()}}};
}

void expect_no_outputs(const std::filesystem::path& folder) {
  EXPECT_TRUE(std::filesystem::is_empty(folder / "out"));
}

TEST(PictureFolderJob, WritesAManifestOfEachPart) {
  const fakes::TempFolder folder;
  const data::PictureTree train;
  const data::PictureTree holdout(50);
  write_job(folder.path(), picture_job(both(train.path(), holdout.path())));
  ASSERT_EQ(run_worker(folder.path()), 0);
  const auto found = outcome_in<jobs::SnapshotInspected>(folder.path());
  for (const auto& [part, name] : {std::pair(found.train, jobs::kTrainManifestOutput),
                                   std::pair(found.holdout, jobs::kHoldoutManifestOutput)}) {
    const std::string text = base::read_file(folder / "out" / name, 10000).value();
    EXPECT_EQ(part.folder->manifest.sha256, base::sha256(text));
    EXPECT_EQ(part.folder->manifest.bytes, text.size());
    EXPECT_THAT(text, HasSubstr("cat-big/x.jpeg\t"));
    EXPECT_TRUE(part.files.empty());
    EXPECT_EQ(part.examples, 5U);
    EXPECT_THAT(part.folder->classes, ElementsAre("Zebra", "cat", "cat-big"));
  }
}

TEST(PictureFolderJob, ADamagedPictureEndsItWith65AndNothingIsWritten) {
  const data::PictureTree train;
  const data::PictureTree holdout(50);
  for (const auto& [tree, file] :
       {std::pair(&train, "cat/b.png"), std::pair(&holdout, "Zebra/10.png")}) {
    const fakes::TempFolder folder;
    const std::string whole = base::read_file(*tree / file, 10000).value();
    data::write_below(*tree / file, whole.substr(0, whole.size() - 20));
    write_job(folder.path(), picture_job(both(train.path(), holdout.path())));
    EXPECT_EQ(run_worker(folder.path()), 65);
    EXPECT_THAT(result_in(folder.path()).outcome.error().message,
                AllOf(HasSubstr((*tree / file).native()), HasSubstr("damaged PNG")));
    expect_no_outputs(folder.path());
    data::write_below(*tree / file, whole);
  }
}

TEST(PictureFolderJob, PicturesThatThisReaderDoesNotTakeAreTheDatasFaultToo) {
  const fakes::TempFolder folder;
  const data::PictureTree train;
  data::write_below(
      train / "cat/b.png",
      data::png_file(
          {.width = data::kSide, .height = data::kSide, .depth = 16, .color = PNG_COLOR_TYPE_GRAY},
          std::vector<std::uint8_t>(2 * data::kSide * data::kSide)));
  write_job(folder.path(), picture_job(both(train.path(), train.path())));
  EXPECT_EQ(run_worker(folder.path()), 65);
  EXPECT_THAT(result_in(folder.path()).outcome.error().message,
              AllOf(HasSubstr("cat/b.png"), HasSubstr("16 bits")));
}

TEST(PictureFolderJob, ClassesOfAnotherNameEndItWith65) {
  const fakes::TempFolder folder;
  const data::PictureTree train;
  const data::PictureTree holdout(50);
  std::filesystem::rename(holdout / "cat", holdout / "Cat");
  write_job(folder.path(), picture_job(both(train.path(), holdout.path())));
  EXPECT_EQ(run_worker(folder.path()), 65);
  EXPECT_THAT(result_in(folder.path()).outcome.error().message,
              AllOf(HasSubstr("Zebra, cat, cat-big"), HasSubstr("Cat, Zebra, cat-big")));
  expect_no_outputs(folder.path());
}

TEST(PictureFolderJob, TrainsFromTheManifestAndNamesAPictureThatChanged) {
  const fakes::TempFolder inspection;
  const data::PictureTree tree;
  jobs::InspectSnapshot inspect = both(tree.path(), {});
  inspect.has_holdout = false;
  write_job(inspection.path(), picture_job(inspect));
  ASSERT_EQ(run_worker(inspection.path()), 0);
  jobs::Train train = train_task("linear", 3);
  train.train = outcome_in<jobs::SnapshotInspected>(inspection.path()).train;
  train.train.folder->manifest.path = (inspection / "out/train.manifest").native();
  train.settings.augment = jobs::Augment::crop_flip;

  const fakes::TempFolder folder;
  write_job(folder.path(), picture_job(train));
  EXPECT_EQ(run_worker(folder.path()), 0);
  EXPECT_EQ(outcome_in<jobs::Trained>(folder.path()).steps, 3);

  data::write_below(tree / "cat/b.png", data::plain_png(99));
  const fakes::TempFolder later;
  write_job(later.path(), picture_job(train));
  EXPECT_EQ(run_worker(later.path()), 65);
  EXPECT_THAT(result_in(later.path()).outcome.error().message,
              AllOf(HasSubstr((tree / "cat/b.png").native()), HasSubstr("has changed")));
}

TEST(CifarJob, OneFolderHasBothParts) {
  const fakes::TempFolder folder;
  const fakes::TempFolder data;
  fakes::write_file(data / "data_batch_1.bin", data::cifar_row({3}, 1) + data::cifar_row({4}, 2));
  fakes::write_file(data / "test_batch.bin", data::cifar_row({5}, 3));
  const jobs::DataSource source{jobs::DataFormat::cifar, {data.path().native()}};
  jobs::Job job = job_with(jobs::InspectSnapshot{source, true, source});
  job.model.input = data::kCifarShape;
  write_job(folder.path(), job);
  ASSERT_EQ(run_worker(folder.path()), 0);
  const auto found = outcome_in<jobs::SnapshotInspected>(folder.path());
  EXPECT_EQ(found.train.examples, 2U);
  EXPECT_EQ(found.holdout.examples, 1U);
  EXPECT_EQ(found.holdout.files[0].path, data / "test_batch.bin");
  EXPECT_FALSE(std::filesystem::exists(folder / "out/train.manifest"));
}

TEST(CifarJob, AModelOfAnotherShapeEndsItWith65) {
  const fakes::TempFolder folder;
  const fakes::TempFolder data;
  fakes::write_file(data / "a.bin", data::cifar_row({3}, 1));
  const jobs::DataSource source{jobs::DataFormat::cifar, {(data / "a.bin").native()}};
  write_job(folder.path(), job_with(jobs::InspectSnapshot{source, false, {}}));
  EXPECT_EQ(run_worker(folder.path()), 65);
  EXPECT_THAT(result_in(folder.path()).outcome.error().message, HasSubstr("[1, 28, 28]"));
}

}  // namespace
}  // namespace heirloom::worker
