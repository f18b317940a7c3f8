// Ed25519 keys in files (PEM). What a key file's mode lets others do is checked on the very file
// that is read: a secret key that others can read signs for them too, and a public key that others
// can write makes theirs the trusted one.
//
// Every error names the path.
#pragma once

#include <filesystem>

#include "core/base/result.h"
#include "core/base/signing.h"

namespace heirloom::base {

// Refuses a file that group or others can read or write.
Result<SigningKey> read_signing_key(const std::filesystem::path& path);

// Refuses a file that group or others can write, and one of several keys, of which only the first
// would count.
Result<VerifyKey> read_verify_key(const std::filesystem::path& path);

}  // namespace heirloom::base
