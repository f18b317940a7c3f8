#include "core/audit/envelope.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/audit/strict_json.h"
#include "core/base/base64.h"

namespace heirloom::audit {
namespace {

using base::ErrorKind;
using Json = nlohmann::ordered_json;

// The bytes that are signed (DSSE's pre-authentication encoding).
std::string signed_bytes(std::string_view type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", type.size(), type, payload.size(), payload);
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) return {};
  return found->get<std::string>();
}

struct Signature {
  std::string key_id;  // a hint that nobody signed
  std::string bytes;
};

struct Parsed {
  std::string payload;
  std::vector<Signature> signatures;
};

base::Result<Signature> parse_signature(const Json& entry) {
  Signature out;
  HEIRLOOM_ASSIGN(const std::string sig, text_member(entry, "sig", "a signature of the envelope"));
  HEIRLOOM_ASSIGN(out.bytes, base::from_base64(sig));
  out.key_id = text_of(entry, "keyid");
  return out;
}

base::Result<Parsed> parse(std::string_view type, std::string_view envelope) {
  HEIRLOOM_ASSIGN(const Json json, parse_object(envelope, "the DSSE envelope"));
  HEIRLOOM_ASSIGN(const std::string given, text_member(json, "payloadType", "the DSSE envelope"));
  if (given != type) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("the envelope has another payload type than \"{}\"", type));
  }
  Parsed out;
  HEIRLOOM_ASSIGN(const std::string payload, text_member(json, "payload", "the DSSE envelope"));
  HEIRLOOM_ASSIGN(out.payload, base::from_base64(payload));
  const auto signatures = json.find("signatures");
  if (signatures == json.end() || !signatures->is_array() || signatures->empty() ||
      signatures->size() > kMostSignatures) {
    return base::fail(
        ErrorKind::bad_data,
        fmt::format("the DSSE envelope must have 1 to {} signatures", kMostSignatures));
  }
  for (const Json& entry : *signatures) {
    HEIRLOOM_ASSIGN(Signature signature, parse_signature(entry));
    out.signatures.push_back(std::move(signature));
  }
  return out;
}

// Why none of the keys opens it.
tl::unexpected<base::Error> unsigned_by(std::span<const base::VerifyKey> keys,
                                        const std::vector<Signature>& signatures) {
  for (const Signature& signature : signatures) {
    for (const base::VerifyKey& key : keys) {
      if (signature.key_id != key.id()) continue;
      return base::fail(
          ErrorKind::tampered,
          fmt::format("the signature by key {:.12} does not fit what the envelope holds", key.id()),
          "it was changed or cut after it was signed");
    }
  }
  return base::fail(ErrorKind::tampered,
                    fmt::format("no signature of the envelope is by {}",
                                keys.size() == 1 ? "this key" : "one of these keys"),
                    "it was changed after it was signed, or another key signed it");
}

}  // namespace

std::string sign_envelope(const base::SigningKey& key, std::string_view type,
                          std::string_view payload) {
  const std::string signature = key.sign(signed_bytes(type, payload));
  const Json envelope = {
      {"payloadType", type},
      {"payload", base::to_base64(payload)},
      {"signatures",
       Json::array({{{"keyid", key.public_key().id()}, {"sig", base::to_base64(signature)}}})}};
  return envelope.dump(2) + "\n";
}

base::Result<Opened> open_envelope(std::span<const base::VerifyKey> keys, std::string_view type,
                                   std::string_view envelope) {
  HEIRLOOM_ASSIGN(const Parsed parsed, parse(type, envelope));
  const std::string message = signed_bytes(type, parsed.payload);
  for (const Signature& signature : parsed.signatures) {
    for (const base::VerifyKey& key : keys) {
      if (key.verify(message, signature.bytes)) return Opened{parsed.payload, key};
    }
  }
  return unsigned_by(keys, parsed.signatures);
}

base::Result<std::string> open_envelope(const base::VerifyKey& key, std::string_view type,
                                        std::string_view envelope) {
  HEIRLOOM_ASSIGN(Opened opened, open_envelope(std::span(&key, 1), type, envelope));
  return std::move(opened.payload);
}

std::string statement(const std::vector<std::pair<std::string, base::Digest>>& files,
                      std::string_view predicate_type, std::string_view predicate) {
  Json subject = Json::array();
  for (const auto& [name, digest] : files) {
    subject.push_back({{"name", name}, {"digest", {{"sha256", digest.hex()}}}});
  }
  return Json{{"_type", kInTotoStatement},
              {"subject", subject},
              {"predicateType", predicate_type},
              {"predicate", Json::parse(predicate)}}
      .dump();
}

bool statement_names(std::string_view statement, std::string_view file,
                     const base::Digest& digest) {
  const Json json = Json::parse(statement, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("subject") || !json["subject"].is_array()) return false;
  for (const Json& entry : json["subject"]) {
    if (text_of(entry, "name") != file || !entry.contains("digest")) continue;
    return text_of(entry["digest"], "sha256") == digest.hex();
  }
  return false;
}

}  // namespace heirloom::audit
