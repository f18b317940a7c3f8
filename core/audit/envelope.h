// Signed statements in the form of DSSE, version 1: the signature is over the type and the bytes of
// the payload, so that no parser runs on the payload before the signature was checked.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/base/signing.h"

namespace heirloom::audit {

inline constexpr std::string_view kHeadType = "application/vnd.heirloom.audit-head+json";
inline constexpr std::string_view kStatementType = "application/vnd.in-toto+json";
inline constexpr std::string_view kInTotoStatement = "https://in-toto.io/Statement/v1";

// Signatures of one envelope that are looked at; an envelope with more is refused, so that opening
// one takes a bounded time.
inline constexpr std::size_t kMostSignatures = 8;

// JSON, one envelope.
std::string sign_envelope(const base::SigningKey& key, std::string_view type,
                          std::string_view payload);

// The payload, once a signature by `key` over it and `type` was found. Errors: bad_data for what is
// no envelope, tampered for a signature that does not fit.
base::Result<std::string> open_envelope(const base::VerifyKey& key, std::string_view type,
                                        std::string_view envelope);

struct Opened {
  std::string payload;
  base::VerifyKey key;  // who signed it
};
// The same with any of `keys`. What the envelope itself says of its keys is only used for the words
// of an error.
base::Result<Opened> open_envelope(std::span<const base::VerifyKey> keys, std::string_view type,
                                   std::string_view envelope);

// An in-toto statement (v1) about files, by name and SHA-256; `predicate` is a JSON object.
std::string statement(const std::vector<std::pair<std::string, base::Digest>>& files,
                      std::string_view predicate_type, std::string_view predicate);

// Whether the statement names the file with this digest.
bool statement_names(std::string_view statement, std::string_view file, const base::Digest& digest);

}  // namespace heirloom::audit
