// Signatures of the files of versions, and what somebody without a trusted key may try.
#include "core/audit/version_signature.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/audit/envelope.h"
#include "core/base/base64.h"

namespace heirloom::audit {
namespace {

using base::ErrorKind;
using base::SigningKey;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// The bytes of a text member in base64.
std::string decoded(const json& object, const char* name) {
  return base::from_base64(object.at(name).get<std::string>()).value();
}

class VersionFile : public ::testing::Test {
 protected:
  base::Result<VersionSignature> verify(const std::string& text) {
    return verify_version_file(trusted, text, claim);
  }
  // Refused, in these words; how it was refused.
  base::Error refused(const std::string& text, const std::string& words) {
    const auto found = verify(text);
    EXPECT_FALSE(found.has_value()) << "it should say " << words;
    if (found) return {};
    EXPECT_THAT(found.error().message, HasSubstr(words));
    return found.error();
  }
  // The envelope with something changed that is not signed, or that should be.
  std::string edited(const std::function<void(json&)>& edit) const {
    json changed = json::parse(envelope);
    edit(changed);
    return changed.dump();
  }
  // An envelope that is signed by the trusted key around another statement.
  std::string signed_statement(const std::function<void(json&)>& edit) const {
    json statement = json::parse(decoded(json::parse(envelope), "payload"));
    edit(statement);
    return sign_envelope(key, kStatementType, statement.dump());
  }

  const VersionClaim claim{"digits", "own", std::string(kModuleKind)};
  const SigningKey key = SigningKey::generate();
  const SigningKey other = SigningKey::generate();
  const base::Digest digest = base::sha256("a module");
  const std::string envelope = sign_version_file(key, claim, "net.pt", digest);
  std::vector<base::VerifyKey> trusted{other.public_key(), key.public_key()};
};

TEST_F(VersionFile, SignedByAnyTrustedKeyIsTaken) {
  const auto found = verify(envelope);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_EQ(found->sha256, digest);
  EXPECT_EQ(found->key.id(), key.public_key().id()) << "the key that signed, not the first";
}

TEST_F(VersionFile, IsAnInTotoStatementInADsseEnvelope) {
  const json outer = json::parse(envelope);
  EXPECT_EQ(outer["payloadType"], "application/vnd.in-toto+json");
  const json statement = json::parse(decoded(outer, "payload"));
  EXPECT_EQ(statement["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(statement["subject"],
            json::parse(R"([{"name": "net.pt", "digest": {"sha256": ")" + digest.hex() + "\"}}]"));
  EXPECT_EQ(statement["predicate"],
            (json{{"model", "digits"}, {"version", "own"}, {"kind", "torchscript"}}));
}

TEST_F(VersionFile, IsNotReplayedForAnotherVersionModelOrKind) {
  for (const VersionClaim& else_where :
       {VersionClaim{"digits", "own2", "torchscript"},
        VersionClaim{"letters", "own", "torchscript"}, VersionClaim{"digits", "own", "weights"}}) {
    const auto found = verify_version_file(trusted, envelope, else_where);
    ASSERT_FALSE(found.has_value()) << else_where.version << else_where.model << else_where.kind;
    EXPECT_THAT(found.error().message, HasSubstr("for version own of digits (torchscript), not"));
    EXPECT_NE(found.error().hint, "");
  }
}

TEST_F(VersionFile, ByAnotherKeyIsRefusedWhateverItSaysOfItsKey) {
  trusted = {other.public_key()};
  EXPECT_EQ(refused(envelope, "no signature").kind, ErrorKind::tampered);
  // keyid is nobody's word.
  const std::string posing =
      edited([&](json& e) { e["signatures"][0]["keyid"] = other.public_key().id(); });
  EXPECT_EQ(refused(posing, "does not fit").kind, ErrorKind::tampered);
  trusted = {};
  refused(envelope, "no signature");
}

TEST_F(VersionFile, WithAWrongOrMissingKeyIdIsStillWhoseSignatureItIs) {
  EXPECT_TRUE(verify(edited([](json& e) { e["signatures"][0].erase("keyid"); })).has_value());
  EXPECT_TRUE(verify(edited([](json& e) { e["signatures"][0]["keyid"] = "?"; })).has_value());
}

TEST_F(VersionFile, ThatWasTruncatedAnywhereIsRefused) {
  const std::string whole = envelope.substr(0, envelope.find_last_of('}') + 1);
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_FALSE(verify(whole.substr(0, size)).has_value()) << size;
  }
  refused(whole.substr(0, whole.size() - 1), "no whole JSON object");
  refused(edited([](json& e) {
            const std::string payload = e["payload"];
            e["payload"] = payload.substr(0, payload.size() / 8 * 4);
          }),
          "does not fit");
}

TEST_F(VersionFile, OfAnotherPayloadTypeIsRefused) {
  // Another kind of document that the same key signs, and the same bytes under another name.
  refused(sign_envelope(key, kHeadType, "{}"), "payload type");
  refused(edited([](json& e) { e["payloadType"] = kHeadType; }), "payload type");
  const std::string payload = decoded(json::parse(envelope), "payload");
  json renamed = json::parse(sign_envelope(key, kHeadType, payload));
  renamed["payloadType"] = kStatementType;
  refused(renamed.dump(), "does not fit");
}

TEST_F(VersionFile, OfAPromotionIsRefused) {
  refused(sign_envelope(key, kStatementType,
                        statement({{"model.pt", digest}}, "urn:heirloom:promotion:v1",
                                  R"({"model": "digits", "version": "own",
                                      "kind": "torchscript"})")),
          "predicateType");
}

TEST_F(VersionFile, InBase64ThatIsNotCanonicalIsRefused) {
  for (const char* field : {"payload", "sig"}) {
    const auto with = [&](const std::function<std::string(std::string)>& change) {
      return edited([&](json& e) {
        json& value = std::string(field) == "sig" ? e["signatures"][0]["sig"] : e["payload"];
        value = change(value);
      });
    };
    // 64 bytes end in "==", and so do other texts of the same bytes.
    refused(with([](const std::string& text) { return text + "\n"; }), "not base64");
    refused(with([](const std::string& text) { return " " + text; }), "not base64");
    refused(with([](const std::string& text) { return text + "===="; }), "not base64");
    refused(with([](const std::string& text) { return "_" + text.substr(1); }), "not base64");
  }
  const std::string loose = edited([](json& e) {
    std::string sig = e["signatures"][0]["sig"];
    ASSERT_THAT(sig, ::testing::EndsWith("=="));
    ++sig[sig.size() - 3];  // a bit that no byte of the signature has
    e["signatures"][0]["sig"] = sig;
  });
  refused(loose, "not base64");
}

TEST_F(VersionFile, WithAFlippedBitAnywhereInPayloadOrSignatureIsRefused) {
  for (const char* field : {"payload", "sig"}) {
    const json outer = json::parse(envelope);
    const bool sig = std::string(field) == "sig";
    const std::string bytes =
        sig ? decoded(outer["signatures"][0], "sig") : decoded(outer, "payload");
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      const std::string forged = edited([&](json& e) {
        (sig ? e["signatures"][0]["sig"] : e["payload"]) = base::to_base64(changed);
      });
      EXPECT_FALSE(verify(forged).has_value()) << field << " " << i;
    }
  }
}

TEST_F(VersionFile, WithoutOneSignatureOrWithManyIsRefused) {
  refused(edited([](json& e) { e["signatures"] = json::array(); }), "1 to 8 signatures");
  refused(edited([](json& e) { e.erase("signatures"); }), "1 to 8 signatures");
  const auto times = [&](std::size_t count) {
    return edited([&](json& e) {
      const json one = e["signatures"][0];
      e["signatures"] = json::array();
      for (std::size_t i = 0; i < count; ++i) e["signatures"].push_back(one);
    });
  };
  EXPECT_TRUE(verify(times(kMostSignatures)).has_value());
  refused(times(kMostSignatures + 1), "1 to 8 signatures");
  refused(std::string(kMaxVersionSignatureBytes + 1, ' '), "bytes");
}

TEST_F(VersionFile, WithAMemberTwiceIsRefused) {
  std::string twice = envelope;
  twice.insert(twice.find('{') + 1, R"("payload": "e30=",)");
  refused(twice, "twice");
  std::string statement = decoded(json::parse(envelope), "payload");
  statement.insert(statement.find('{') + 1, R"("predicateType": "urn:another",)");
  refused(sign_envelope(key, kStatementType, statement), "twice");
}

TEST_F(VersionFile, MustBeAboutOneFileWithAWholeHash) {
  const auto subject = [&](const std::string& text) {
    return signed_statement([&](json& s) { s["subject"] = json::parse(text); });
  };
  refused(subject("[]"), "one file");
  refused(subject("[3]"), "one file");
  refused(subject(R"([{"name": "a"}])"), "one file");
  refused(subject(R"([{"name": "a", "digest": {"sha512": "00"}}])"), "sha256");
  EXPECT_FALSE(verify(subject(R"([{"digest": {"sha256": "00"}}])")).has_value());
  const std::string one = R"({"digest": {"sha256": ")" + digest.hex() + "\"}}";
  refused(subject("[" + one + "," + one + "]"), "one file");
  EXPECT_TRUE(verify(subject("[" + one + "]")).has_value());
}

TEST_F(VersionFile, WithAClaimThatIsMissingOrNoNameIsRefusedWithoutRepeatingIt) {
  refused(signed_statement([](json& s) { s.erase("predicate"); }), "model");
  refused(signed_statement([](json& s) { s["predicate"].erase("version"); }), "version");
  refused(signed_statement([](json& s) { s["predicate"]["kind"] = 7; }), "kind");
  refused(signed_statement([](json& s) { s["_type"] = "https://in-toto.io/Statement/v0.1"; }),
          "_type");
  const auto error = refused(signed_statement([](json& s) { s["predicate"]["kind"] = "\033[31m"; }),
                             "no kind of file");
  EXPECT_THAT(error.text(), Not(HasSubstr("\033")));
}

}  // namespace
}  // namespace heirloom::audit
