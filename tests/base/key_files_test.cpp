#include "core/base/key_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/fakes/temp_folder.h"

namespace heirloom::base {
namespace {

using ::testing::HasSubstr;

class KeyFiles : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& text, mode_t mode) {
    fakes::write_file(folder / "key.pem", text);
    ::chmod((folder / "key.pem").c_str(), mode);
    return folder / "key.pem";
  }
  template <typename Key>
  void expect_refused(const Result<Key>& read, const std::string& words) {
    ASSERT_FALSE(read.has_value()) << words;
    EXPECT_THAT(read.error().message, HasSubstr((folder / "key.pem").native()));
    EXPECT_THAT(read.error().text(), HasSubstr(words));
  }

  const fakes::TempFolder folder;
  const SigningKey key = SigningKey::generate();
};

TEST_F(KeyFiles, ASecretKeyIsReadWhileNobodyElseCan) {
  for (const mode_t mode : {0600, 0400}) {
    const auto read = read_signing_key(file(key.to_pem(), mode));
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(read->public_key().id(), key.public_key().id());
  }
  for (const mode_t mode : {0640, 0604, 0620, 0601}) {
    expect_refused(read_signing_key(file(key.to_pem(), mode)), "by others");
  }
}

TEST_F(KeyFiles, APublicKeyIsReadWhileNobodyElseCanWriteIt) {
  const std::string pem = key.public_key().to_pem();
  const auto read = read_verify_key(file(pem, 0644));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->id(), key.public_key().id());
  for (const mode_t mode : {0664, 0646}) {
    expect_refused(read_verify_key(file(pem, mode)), "written by others");
  }
}

TEST_F(KeyFiles, TheOtherHalfOrNoKeyIsRefusedByName) {
  expect_refused(read_verify_key(file(key.to_pem(), 0600)), "no public Ed25519 key");
  expect_refused(read_signing_key(file(key.public_key().to_pem(), 0600)), "no secret Ed25519 key");
  expect_refused(read_verify_key(file("", 0644)), "no public Ed25519 key");
  expect_refused(read_verify_key(folder / "key.pem" / "deeper"), "key.pem");
}

TEST_F(KeyFiles, OfTwoKeysInAFileNeitherIsTaken) {
  const std::string pem = key.public_key().to_pem();
  expect_refused(read_verify_key(file(pem + SigningKey::generate().public_key().to_pem(), 0644)),
                 "more than one key");
}

}  // namespace
}  // namespace heirloom::base
