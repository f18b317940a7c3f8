#include "registry/signatures.h"

namespace heirloom::registry {
namespace {

std::optional<SignatureRow> first_signature(Query row) {
  if (!row.step()) return std::nullopt;
  return SignatureRow{row.integer(0), row.digest(1), row.digest(2), row.text(3), row.text(4)};
}

}  // namespace

void Signatures::add(Transaction& transaction, const SignatureRow& row,
                     std::vector<RowRange>& rows) {
  transaction.db().execute(
      "INSERT INTO registration_signatures (registration_id, envelope, sha256, key_id, public_key) "
      "VALUES (?, ?, ?, ?, ?)",
      row.registration_id, row.envelope, row.sha256, row.key_id, row.public_key);
  rows.push_back({"registration_signatures", row.registration_id, row.registration_id});
}

std::optional<SignatureRow> Signatures::of_registration(std::int64_t registration_id) {
  return first_signature(
      db_.query("SELECT registration_id, envelope, sha256, key_id, public_key "
                "FROM registration_signatures WHERE registration_id = ?",
                registration_id));
}

std::optional<SignatureRow> Signatures::of_version(std::int64_t version_id) {
  return first_signature(
      db_.query("SELECT s.registration_id, s.envelope, s.sha256, s.key_id, s.public_key "
                "FROM registration_signatures s JOIN versions v "
                "ON v.registration_id = s.registration_id WHERE v.id = ?",
                version_id));
}

}  // namespace heirloom::registry
