#include "core/data/cifar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/data/part.h"
#include "core/data/source.h"
#include "tests/data/cifar_samples.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;
using jobs::DataFormat;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

base::Result<ResolvedPart> resolve_cifar(std::vector<std::string> paths,
                                         PartRole role = PartRole::train,
                                         std::int64_t classes = 10) {
  return resolve({DataFormat::cifar, std::move(paths)}, kCifarShape, classes, {.role = role});
}

std::string error_of(const std::string& bytes, std::int64_t classes = 10) {
  Dataset dataset = empty_cifar(kCifarShape, classes, bytes.size()).value();
  const auto added = append_cifar({"f.bin", bytes}, dataset);
  if (added) return "no error";
  EXPECT_EQ(added.error().kind, ErrorKind::bad_data);
  return added.error().text();
}

// The folder of CIFAR-10 as it is unpacked, with one or two rows a file.
struct CifarFolder : fakes::TempFolder {
  CifarFolder() {
    fakes::write_file(*this / "data_batch_2.bin", cifar_row({7}, 30));
    fakes::write_file(*this / "data_batch_1.bin", cifar_row({3}, 10) + cifar_row({9}, 20));
    fakes::write_file(*this / "test_batch.bin", cifar_row({1}, 40));
    fakes::write_file(*this / "batches.meta.txt", "airplane\n");
  }
};

TEST(Cifar, ReadsTheBatchesOfAFolderInOrder) {
  const CifarFolder folder;
  const auto train = resolve_cifar({folder.path().native()});
  ASSERT_TRUE(train.has_value()) << train.error().text();
  EXPECT_THAT(train->dataset.labels, ElementsAre(3, 9, 7));
  ASSERT_EQ(train->dataset.pixels.size(), 3U * 3072U);
  // Planes stay planes: red first.
  EXPECT_EQ(train->dataset.image(1)[0], 255);
  EXPECT_EQ(train->dataset.image(1)[1], 20);
  EXPECT_EQ(train->dataset.image(1)[1024], 21);
  EXPECT_EQ(train->dataset.image(1)[3071], 22);
  ASSERT_EQ(train->part.files.size(), 2U);
  EXPECT_EQ(train->part.files[1].path, folder / "data_batch_2.bin");
  EXPECT_EQ(train->part.files[1].bytes, 3073U);
  EXPECT_EQ(train->part.class_counts[9], 1U);

  const auto holdout = resolve_cifar({folder.path().native()}, PartRole::holdout);
  ASSERT_TRUE(holdout.has_value()) << holdout.error().text();
  EXPECT_THAT(holdout->dataset.labels, ElementsAre(1));
}

TEST(Cifar, TheTenthBatchComesAfterTheNinth) {
  const fakes::TempFolder folder;
  for (std::uint8_t i = 1; i <= 10; ++i) {
    fakes::write_file(folder / ("data_batch_" + std::to_string(i) + ".bin"),
                      cifar_row({static_cast<std::uint8_t>(i - 1)}, i));
  }
  EXPECT_THAT(resolve_cifar({folder.path().native()})->dataset.labels,
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST(Cifar, TakesTheFineLabelOfCifar100) {
  const fakes::TempFolder folder;
  fakes::write_file(folder / "train.bin", cifar_row({19, 99}, 1) + cifar_row({0, 20}, 2));
  fakes::write_file(folder / "test.bin", cifar_row({4, 5}, 3));
  const auto train = resolve_cifar({folder.path().native()}, PartRole::train, 100);
  ASSERT_TRUE(train.has_value()) << train.error().text();
  EXPECT_THAT(train->dataset.labels, ElementsAre(99, 20));
  EXPECT_EQ(train->dataset.image(1)[1], 2);
  const auto holdout = resolve_cifar({folder.path().native()}, PartRole::holdout, 100);
  EXPECT_THAT(holdout->dataset.labels, ElementsAre(5));
}

TEST(Cifar, TakesFilesOfAnyNameInTheOrderGiven) {
  const CifarFolder folder;
  const auto train =
      resolve_cifar({(folder / "test_batch.bin").native(), (folder / "data_batch_1.bin").native()});
  ASSERT_TRUE(train.has_value()) << train.error().text();
  EXPECT_THAT(train->dataset.labels, ElementsAre(1, 3, 9));
  EXPECT_THAT(resolve_cifar({(folder / "test_batch.bin").native(),
                             (folder.path() / "." / "test_batch.bin").native()})
                  .error()
                  .message,
              HasSubstr("test_batch.bin is named twice"));
  EXPECT_EQ(resolve_cifar({(folder / "gone.bin").native()}).error().kind, ErrorKind::not_found);
}

TEST(Cifar, AFolderWithoutThePartOrWithTwoIsRefused) {
  const CifarFolder folder;
  std::filesystem::remove(folder / "test_batch.bin");
  EXPECT_THAT(resolve_cifar({folder.path().native()}, PartRole::holdout).error().message,
              HasSubstr("no test_batch.bin and no test.bin"));
  fakes::write_file(folder / "train.bin", "");
  EXPECT_THAT(resolve_cifar({folder.path().native()}).error().message,
              HasSubstr("both data_batch_1.bin and train.bin"));
  std::filesystem::remove(folder / "train.bin");
  std::filesystem::remove(folder / "data_batch_1.bin");
  EXPECT_THAT(resolve_cifar({folder.path().native()}).error().message,
              HasSubstr("has data_batch_2.bin, but no data_batch_1.bin"));
  std::filesystem::remove(folder / "data_batch_2.bin");
  EXPECT_THAT(
      resolve_cifar({folder.path().native()}).error().text(),
      AllOf(HasSubstr("no data_batch_1.bin and no train.bin"), HasSubstr("binary version")));
}

TEST(Cifar, AFileOfTheOtherVersionIsNamed) {
  const std::string ten = cifar_row({1}, 0);
  const std::string hundred = cifar_row({1, 2}, 0);
  EXPECT_THAT(error_of(hundred),
              AllOf(HasSubstr("f.bin: 3074 bytes are no whole number of CIFAR-10"),
                    HasSubstr("size of a CIFAR-100 file")));
  EXPECT_THAT(error_of(ten, 100), AllOf(HasSubstr("no whole number of CIFAR-100 rows"),
                                        HasSubstr("a model of 10 classes")));
}

TEST(Cifar, ACutEmptyOrForeignFileIsNamed) {
  const std::string row = cifar_row({1}, 0);
  EXPECT_EQ(error_of(row), "no error");
  EXPECT_THAT(error_of(row + row.substr(0, 3000)), HasSubstr("f.bin: 6073 bytes"));
  EXPECT_THAT(error_of(""), HasSubstr("f.bin: the file is empty"));
  EXPECT_THAT(error_of(row + cifar_row({10}, 0)), HasSubstr("row 1 (byte 3073) has a label"));
  EXPECT_THAT(error_of(cifar_row({20, 5}, 0), 100), HasSubstr("row 0 (byte 0) has a label"));
  EXPECT_THAT(error_of(cifar_row({5, 100}, 0), 100), HasSubstr("row 0 (byte 0) has a label"));
}

TEST(Cifar, NeedsAModelOfItsShapeAndClasses) {
  EXPECT_THAT(empty_cifar({1, 28, 28}, 10, 0).error().message, HasSubstr("takes [1, 28, 28]"));
  EXPECT_THAT(empty_cifar(kCifarShape, 20, 0).error().message, HasSubstr("has 20 classes"));
}

TEST(Cifar, HoldsAByteAValueAndNoMore) {
  const CifarFolder folder;
  const auto train = resolve_cifar({folder.path().native()}).value();
  EXPECT_EQ(train.dataset.pixels.capacity(), 3U * 3072U);
  const auto again = load_part(train.part, kCifarShape, 10);
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_EQ(again->pixels, train.dataset.pixels);
  EXPECT_EQ(again->labels, train.dataset.labels);
  EXPECT_EQ(again->pixels.capacity(), 3U * 3072U);
}

TEST(Cifar, AFileThatChangedOrIsGoneIsNamed) {
  const CifarFolder folder;
  const auto part = resolve_cifar({folder.path().native()})->part;
  fakes::write_file(folder / "data_batch_2.bin", cifar_row({7}, 31));
  const auto changed = load_part(part, kCifarShape, 10);
  EXPECT_EQ(changed.error().kind, ErrorKind::bad_data);
  EXPECT_THAT(changed.error().message, HasSubstr("data_batch_2.bin"));
  std::filesystem::remove(folder / "data_batch_2.bin");
  EXPECT_THAT(load_part(part, kCifarShape, 10).error().message, HasSubstr("data_batch_2.bin"));
}

}  // namespace
}  // namespace heirloom::data
