#include "core/audit/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace heirloom::audit {
namespace {

using base::SigningKey;
using nlohmann::json;

TEST(Envelope, OpensForTheKeyThatSignedIt) {
  const SigningKey key = SigningKey::generate();
  const std::string envelope = sign_envelope(key, kHeadType, "{\"seq\": 7}");
  const auto public_half = base::VerifyKey::from_pem(key.public_key().to_pem());
  ASSERT_TRUE(public_half.has_value());
  EXPECT_EQ(open_envelope(*public_half, kHeadType, envelope), "{\"seq\": 7}");
  EXPECT_EQ(json::parse(envelope)["signatures"][0]["keyid"], public_half->id());
}

TEST(Envelope, StaysClosedForAnotherKeyTypeOrPayload) {
  const SigningKey key = SigningKey::generate();
  const auto lock = key.public_key();
  const std::string envelope = sign_envelope(key, kHeadType, "payload");
  EXPECT_FALSE(open_envelope(SigningKey::generate().public_key(), kHeadType, envelope).has_value());
  EXPECT_FALSE(open_envelope(lock, kStatementType, envelope).has_value());
  json changed = json::parse(envelope);
  changed["payload"] = "cGF5bG9hZDI=";  // payload2
  const auto opened = open_envelope(lock, kHeadType, changed.dump());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind, base::ErrorKind::tampered);
  changed = json::parse(envelope);
  changed["payloadType"] = kStatementType;
  EXPECT_FALSE(open_envelope(lock, kStatementType, changed.dump()).has_value())
      << "the type is signed too";
  for (const char* bad : {"", "[]", "{}", "{\"signatures\": 3}", "{\"signatures\": [3]}"}) {
    EXPECT_FALSE(open_envelope(lock, kHeadType, bad).has_value()) << bad;
  }
}

// The signed bytes of DSSE's own test vector, "hello world" under http://example.com/HelloWorld.
TEST(Envelope, SignsTheBytesThatTheFormatSays) {
  const SigningKey key = SigningKey::generate();
  const json envelope =
      json::parse(sign_envelope(key, "http://example.com/HelloWorld", "hello world"));
  const std::string signed_bytes = "DSSEv1 29 http://example.com/HelloWorld 11 hello world";
  EXPECT_EQ(envelope["payload"], "aGVsbG8gd29ybGQ=");
  EXPECT_EQ(key.sign(signed_bytes).size(), 64U);
  EXPECT_TRUE(key.public_key().verify(signed_bytes, key.sign(signed_bytes)));
  EXPECT_FALSE(key.public_key().verify(signed_bytes + "!", key.sign(signed_bytes)));
}

TEST(Envelope, AKeyIsReadFromPemAndNothingElse) {
  const SigningKey key = SigningKey::generate();
  const auto again = SigningKey::from_pem(key.to_pem());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->public_key().id(), key.public_key().id());
  EXPECT_FALSE(SigningKey::from_pem(key.public_key().to_pem()).has_value());
  EXPECT_FALSE(base::VerifyKey::from_pem(key.to_pem()).has_value());
  EXPECT_FALSE(SigningKey::from_pem("").has_value());
}

TEST(Statement, NamesFilesByTheirDigests) {
  const base::Digest digest = base::sha256("weights");
  const std::string text = statement({{"model.pt", digest}}, "urn:test", "{}");
  EXPECT_TRUE(statement_names(text, "model.pt", digest));
  EXPECT_FALSE(statement_names(text, "model.pt", base::sha256("other")));
  EXPECT_FALSE(statement_names(text, "card.md", digest));
  EXPECT_FALSE(statement_names("[]", "model.pt", digest));
}

}  // namespace
}  // namespace heirloom::audit
