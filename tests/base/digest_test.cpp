#include "core/base/digest.h"

#include <gtest/gtest.h>

namespace heirloom::base {
namespace {

// FIPS 180-4 examples.
TEST(Digest, HashesKnownMessages) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, HashesInPiecesAsInOne) {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  EXPECT_EQ(hash.finish(), sha256("abc"));
}

// RFC 4231 gives no vector with a 32-byte key; this one was computed with Python's hmac module.
TEST(Digest, AuthenticatesAKnownMessage) {
  EXPECT_EQ(hmac_sha256(sha256("key"), "message").hex(),
            "f2d38830fc8f84e6229a78cbbafdbcf946522bc114a8e2d6c91f1f32ece297f8");
}

TEST(Digest, ReadsBackTheHexItWrites) {
  const Digest digest = sha256("abc");
  ASSERT_TRUE(Digest::from_hex(digest.hex()).has_value());
  EXPECT_EQ(*Digest::from_hex(digest.hex()), digest);
}

TEST(Digest, RefusesHexThatIsShortLongUpperCaseOrNoHex) {
  const std::string good(64, 'a');
  EXPECT_TRUE(Digest::from_hex(good).has_value());
  EXPECT_FALSE(Digest::from_hex(good.substr(1)).has_value());
  EXPECT_FALSE(Digest::from_hex(good + "a").has_value());
  EXPECT_FALSE(Digest::from_hex(std::string(64, 'A')).has_value());
  EXPECT_FALSE(Digest::from_hex(std::string(64, 'g')).has_value());
}

TEST(Digest, RandomDigestsDiffer) {
  EXPECT_NE(random_digest(), random_digest());
}

TEST(FieldEncoder, PrecedesEachFieldByItsLength) {
  FieldEncoder fields;
  fields.text("ab").integer(-2);
  const std::string expected = std::string("\x02\0\0\0\0\0\0\0", 8) + "ab" +
                               std::string("\x08\0\0\0\0\0\0\0", 8) +
                               "\xfe\xff\xff\xff\xff\xff\xff\xff";
  EXPECT_EQ(fields.encoded(), expected);
}

TEST(FieldEncoder, TellsApartListsThatJoinAlike) {
  FieldEncoder first;
  FieldEncoder second;
  first.text("ab").text("c");
  second.text("a").text("bc");
  EXPECT_NE(first.sha256(), second.sha256());
}

TEST(FieldEncoder, TellsApartNothingAndTheEmptyText) {
  FieldEncoder nothing;
  FieldEncoder empty;
  nothing.null();
  empty.text("");
  EXPECT_NE(nothing.encoded(), empty.encoded());
}

TEST(FieldEncoder, KeepsEveryBitOfARealNumber) {
  FieldEncoder zero;
  FieldEncoder negative_zero;
  zero.real(0.0);
  negative_zero.real(-0.0);
  EXPECT_NE(zero.encoded(), negative_zero.encoded());
}

}  // namespace
}  // namespace heirloom::base
