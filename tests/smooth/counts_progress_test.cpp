#include "core/smooth/counts_progress.h"

#include <gtest/gtest.h>

#include "tests/fakes/temp_folder.h"

namespace heirloom::smooth {
namespace {

using std::chrono::milliseconds;

const std::vector<std::uint32_t> kExamples{2, 5, 7, 9};
const base::Digest kTask = base::sha256("task");

certificate::ExampleCounts row(std::size_t position) {
  return {.index = kExamples[position], .label = 1, .select = {3, 4}, .estimate = {50, 60}};
}

// A file with the first `count` rows.
std::filesystem::path file_with(const fakes::TempFolder& folder, std::size_t count) {
  auto progress = CountsProgress::open(folder / "p", kTask, kExamples).value();
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_TRUE(progress.append(row(i), milliseconds(100 * (i + 1))).has_value());
  }
  return folder / "p";
}

std::size_t rows_in(const std::filesystem::path& path, const base::Digest& task = kTask) {
  return CountsProgress::open(path, task, kExamples).value().rows().size();
}

TEST(CountsProgress, GoesOnAfterTheRowsThatAreThere) {
  const fakes::TempFolder folder;
  const auto path = file_with(folder, 2);
  auto progress = CountsProgress::open(path, kTask, kExamples).value();
  ASSERT_EQ(progress.rows().size(), 2U);
  EXPECT_EQ(progress.rows()[1], row(1));
  EXPECT_EQ(progress.worked(), milliseconds(200));
  ASSERT_TRUE(progress.append(row(2), milliseconds(350)).has_value());
  EXPECT_EQ(rows_in(path), 3U);
}

TEST(CountsProgress, DropsATornLastLineWhereverItIsTorn) {
  const fakes::TempFolder folder;
  const auto path = file_with(folder, 3);
  const std::string whole = base::read_file(path, 10000).value();
  const std::size_t second_end = whole.find('\n', whole.find('\n') + 1);
  for (std::size_t end = second_end + 1; end < whole.size(); ++end) {
    fakes::write_file(path, whole.substr(0, end));
    ASSERT_EQ(rows_in(path), 2U) << "cut after byte " << end;
  }
}

TEST(CountsProgress, AppendsCleanlyAfterATornLine) {
  const fakes::TempFolder folder;
  const auto path = file_with(folder, 3);
  const std::string whole = base::read_file(path, 10000).value();
  fakes::write_file(path, whole.substr(0, whole.size() - 5));
  auto progress = CountsProgress::open(path, kTask, kExamples).value();
  ASSERT_TRUE(progress.append(row(2), milliseconds(300)).has_value());
  EXPECT_EQ(base::read_file(path, 10000).value(), whole);
}

TEST(CountsProgress, StopsAtARowThatWasChanged) {
  const fakes::TempFolder folder;
  const auto path = file_with(folder, 3);
  std::string bytes = base::read_file(path, 10000).value();
  const std::size_t in_second_row = bytes.find("50", bytes.size() / 3 + 1);
  ASSERT_NE(in_second_row, std::string::npos);
  bytes[in_second_row] = '4';
  fakes::write_file(path, bytes);
  EXPECT_EQ(rows_in(path), 1U);
}

TEST(CountsProgress, TakesNoRowsOfAnotherTaskOrOrder) {
  const fakes::TempFolder folder;
  EXPECT_EQ(rows_in(file_with(folder, 3), base::sha256("another task")), 0U);
  const fakes::TempFolder second;
  const auto path = file_with(second, 3);
  EXPECT_EQ(CountsProgress::open(path, kTask, {2, 7, 9}).value().rows().size(), 1U);
}

}  // namespace
}  // namespace heirloom::smooth
