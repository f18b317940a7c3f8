#include "core/audit/envelope.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

base::Result<std::string> open_envelope(const base::VerifyKey& key, std::string_view type,
                                        std::string_view envelope) {
  const Json json = Json::parse(envelope, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("signatures") || !json["signatures"].is_array()) {
    return base::fail(ErrorKind::bad_data, "this is no DSSE envelope");
  }
  if (text_of(json, "payloadType") != type) {
    return base::fail(ErrorKind::bad_data, fmt::format("the envelope is about \"{}\", not \"{}\"",
                                                       text_of(json, "payloadType"), type));
  }
  HEIRLOOM_ASSIGN(std::string payload, base::from_base64(text_of(json, "payload")));
  for (const Json& entry : json["signatures"]) {
    const auto signature = base::from_base64(text_of(entry, "sig"));
    if (signature && key.verify(signed_bytes(type, payload), *signature)) return payload;
  }
  return base::fail(ErrorKind::tampered, "no signature of the envelope is by this key",
                    "it was changed after it was signed, or another key signed it");
}

std::string statement(const std::vector<std::pair<std::string, base::Digest>>& files,
                      std::string_view predicate_type, std::string_view predicate) {
  Json subject = Json::array();
  for (const auto& [name, digest] : files) {
    subject.push_back({{"name", name}, {"digest", {{"sha256", digest.hex()}}}});
  }
  return Json{{"_type", "https://in-toto.io/Statement/v1"},
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
