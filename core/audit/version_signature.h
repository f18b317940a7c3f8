// The signature of the file that a version comes with: a DSSE envelope around an in-toto statement
// whose subject is the file, by its SHA-256, and whose predicate says which version of which model
// it is meant for. It is made offline, where the key is, and checked before anything opens the
// file.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/base/signing.h"

namespace heirloom::audit {

inline constexpr std::string_view kVersionFileType = "urn:heirloom:version-file:v1";
inline constexpr std::uint64_t kMaxVersionSignatureBytes = 64 * 1024;

// The kinds of files: a TorchScript module is the version, weights are what its trainings begin
// with. A file that is good as one may be harmful as the other.
inline constexpr std::string_view kModuleKind = "torchscript";
inline constexpr std::string_view kWeightsKind = "weights";

// What a file is signed for. A signature is good for no other model, version or kind.
struct VersionClaim {
  std::string model;
  std::string version;
  std::string kind;

  friend bool operator==(const VersionClaim&, const VersionClaim&) = default;
};

// `file_name` is for people and is not checked: a file may be moved.
std::string sign_version_file(const base::SigningKey& key, const VersionClaim& claim,
                              std::string_view file_name, const base::Digest& sha256);

struct VersionSignature {
  base::Digest sha256;  // of the file that was signed
  base::VerifyKey key;  // by whom
};

// The file that one of `keys` signed for `claim`. Errors, with what to do: bad_data where the
// envelope is malformed or for something else, tampered where no signature fits.
base::Result<VersionSignature> verify_version_file(std::span<const base::VerifyKey> keys,
                                                   std::string_view envelope,
                                                   const VersionClaim& claim);

}  // namespace heirloom::audit
