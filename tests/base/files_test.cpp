#include "core/base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/fakes/temp_folder.h"

namespace heirloom::base {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(Files, ReadBackWhatWasWritten) {
  const fakes::TempFolder folder;
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(write_file_atomically(folder / "f", bytes).has_value());
  ASSERT_TRUE(write_file_atomically(folder / "f", bytes + "x").has_value());
  const auto read = read_file(folder / "f", 100);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, bytes + "x");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(Files, AFailedWriteLeavesTheOldFileAndNoTemporaryOne) {
  const fakes::TempFolder folder;
  fs::create_directory(folder / "f");  // rename onto a folder fails
  EXPECT_FALSE(write_file_atomically(folder / "f", "new").has_value());
  EXPECT_TRUE(fs::is_directory(folder / "f"));
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(Files, RefuseAFileThatIsTooLarge) {
  const fakes::TempFolder folder;
  fakes::write_file(folder / "f", "12345");
  EXPECT_TRUE(read_file(folder / "f", 5).has_value());
  const auto read = read_file(folder / "f", 4);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, ErrorKind::bad_data);
}

TEST(Files, RefuseAFolderAFifoAndAMissingFileByName) {
  const fakes::TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_file(folder / "fifo", 10).error().kind, ErrorKind::bad_data);
  EXPECT_EQ(read_file(folder.path(), 10).error().kind, ErrorKind::bad_data);
  const auto missing = read_file(folder / "missing", 10);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_NE(missing.error().message.find("missing"), std::string::npos);
}

TEST(Files, RefuseBytesOfAnotherDigest) {
  const fakes::TempFolder folder;
  fakes::write_file(folder / "f", "bytes");
  EXPECT_TRUE(read_verified(folder / "f", 10, sha256("bytes")).has_value());
  const auto read = read_verified(folder / "f", 10, sha256("bytez"));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, ErrorKind::bad_data);
}

}  // namespace
}  // namespace heirloom::base
