#include "registry/db/migrations_signatures.h"

#include "registry/db/append_only.h"

namespace heirloom::registry {

// A table of its own, since the columns of `versions` that the chain covers are frozen.
const char* const kSignaturesStep = R"sql(
CREATE TABLE registration_signatures (      -- append-only
  registration_id INTEGER PRIMARY KEY REFERENCES registrations,
  envelope BLOB NOT NULL,                   -- artifact: the DSSE envelope as it was given
  sha256 BLOB NOT NULL,                     -- of the file that was signed
  key_id TEXT NOT NULL,                     -- SHA-256 of the key, in hex (core/base/signing.h)
  public_key TEXT NOT NULL                  -- PEM
) STRICT;
)sql" HEIRLOOM_APPEND_ONLY("registration_signatures");

}  // namespace heirloom::registry
