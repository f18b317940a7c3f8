// Whose signatures the file of a version may come with, or must (`registration` of the settings),
// and whether a registration has one that counts.
//
// It is asked three times of each registration, since a daemon may be started with other settings
// in between: when it is asked for, before each launch of the worker that opens the file, and when
// it becomes a version.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/audit/version_signature.h"
#include "core/base/result.h"
#include "core/base/signing.h"
#include "registry/registry.h"

namespace heirloom::daemon {

struct Signers {
  bool required = false;
  std::vector<base::VerifyKey> keys;
};

// Reads the key files. One that is missing, that others can write, or that is no public Ed25519 key
// is an error with its place in the settings.
base::Result<Signers> load_signers(const config::RegistrationSettings& settings);

// Of a version called `claim` that comes with a file: what was signed, or nothing where no envelope
// was given and none is required.
base::Result<std::optional<audit::VersionSignature>> check_signature(
    const Signers& signers, const audit::VersionClaim& claim,
    const std::optional<std::string>& envelope);

// Whether a stored registration may still be opened, and become a version, under these settings.
base::Result<void> check_still_signed(registry::Registry& registry, const Signers& signers,
                                      const registry::RegistrationRow& registration);

// What the file of a version is signed for.
audit::VersionClaim claim_of(const std::string& model, const std::string& version,
                             const jobs::ArchSpec& arch);

}  // namespace heirloom::daemon
