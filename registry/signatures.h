// Signatures of the files that versions were registered with: which envelope, by which key. A row
// is written with the request, once its signature was found good, and stays whatever becomes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.h"
#include "registry/audit/covered_rows.h"
#include "registry/db/database.h"

namespace heirloom::registry {

struct SignatureRow {
  std::int64_t registration_id = 0;
  base::Digest envelope;  // artifact: the DSSE envelope as it was given
  base::Digest sha256;    // of the file that was signed
  std::string key_id;     // base::VerifyKey::id()
  std::string
      public_key;  // PEM: the envelope can be checked when no settings name the key any more
};

class Signatures {
 public:
  explicit Signatures(Database& db) : db_(db) {}

  void add(Transaction& transaction, const SignatureRow& row, std::vector<RowRange>& rows);
  std::optional<SignatureRow> of_registration(std::int64_t registration_id);
  std::optional<SignatureRow> of_version(std::int64_t version_id);

 private:
  Database& db_;
};

}  // namespace heirloom::registry
