#include "core/audit/version_signature.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/audit/envelope.h"
#include "core/audit/strict_json.h"
#include "core/base/names.h"

namespace heirloom::audit {
namespace {

using base::ErrorKind;
using Json = nlohmann::ordered_json;

constexpr std::string_view kWhat = "the signed statement";
constexpr const char* kSignAgain = "`heirloom sign FILE --model MODEL --name VERSION` makes one";

std::string in_words(const VersionClaim& claim) {
  return fmt::format("version {} of {} ({})", claim.version, claim.model, claim.kind);
}

base::Result<void> check_text(const Json& object, const char* name, std::string_view expected) {
  HEIRLOOM_ASSIGN(const std::string value, text_member(object, name, kWhat));
  if (value == expected) return {};
  return base::fail(ErrorKind::bad_data,
                    fmt::format("{} has another {} than \"{}\"", kWhat, name, expected),
                    kSignAgain);
}

base::Result<VersionClaim> read_claim(const Json& statement) {
  const auto predicate = statement.find("predicate");
  const Json object = predicate == statement.end() ? Json() : *predicate;
  VersionClaim out;
  HEIRLOOM_ASSIGN(out.model, text_member(object, "model", kWhat));
  HEIRLOOM_ASSIGN(out.version, text_member(object, "version", kWhat));
  HEIRLOOM_ASSIGN(out.kind, text_member(object, "kind", kWhat));
  // They are repeated in errors.
  HEIRLOOM_TRY(base::check_name("model name", out.model));
  HEIRLOOM_TRY(base::check_name("version name", out.version));
  if (out.kind != kModuleKind && out.kind != kWeightsKind) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} names no kind of file that a version can have", kWhat),
                      kSignAgain);
  }
  return out;
}

// One file, no more: with several it would be open which of them the version may be.
base::Result<base::Digest> read_subject(const Json& statement) {
  const auto subjects = statement.find("subject");
  if (subjects == statement.end() || !subjects->is_array() || subjects->size() != 1 ||
      !subjects->front().is_object() || !subjects->front().contains("digest")) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} must be about one file", kWhat),
                      kSignAgain);
  }
  HEIRLOOM_ASSIGN(const std::string hex, text_member(subjects->front()["digest"], "sha256", kWhat));
  return base::Digest::from_hex(hex);
}

}  // namespace

std::string sign_version_file(const base::SigningKey& key, const VersionClaim& claim,
                              std::string_view file_name, const base::Digest& sha256) {
  const Json predicate = {{"model", claim.model}, {"version", claim.version}, {"kind", claim.kind}};
  const std::string text =
      statement({{std::string(file_name), sha256}}, kVersionFileType, predicate.dump());
  return sign_envelope(key, kStatementType, text);
}

base::Result<VersionSignature> verify_version_file(std::span<const base::VerifyKey> keys,
                                                   std::string_view envelope,
                                                   const VersionClaim& claim) {
  if (envelope.size() > kMaxVersionSignatureBytes) {
    return base::fail(ErrorKind::bad_data, fmt::format("the DSSE envelope has {} bytes, more than "
                                                       "the {} that a signature may have",
                                                       envelope.size(), kMaxVersionSignatureBytes));
  }
  HEIRLOOM_ASSIGN(Opened opened, open_envelope(keys, kStatementType, envelope));
  HEIRLOOM_ASSIGN(const Json statement, parse_object(opened.payload, kWhat));
  HEIRLOOM_TRY(check_text(statement, "_type", kInTotoStatement));
  HEIRLOOM_TRY(check_text(statement, "predicateType", kVersionFileType));
  HEIRLOOM_ASSIGN(const VersionClaim signed_for, read_claim(statement));
  if (signed_for != claim) {
    return base::fail(
        ErrorKind::bad_data,
        fmt::format("the signature is for {}, not for {}", in_words(signed_for), in_words(claim)),
        "a signature counts for the version that it names and no other: have the file signed for "
        "this one, or register it as what it was signed for");
  }
  HEIRLOOM_ASSIGN(const base::Digest sha256, read_subject(statement));
  return VersionSignature{sha256, std::move(opened.key)};
}

}  // namespace heirloom::audit
