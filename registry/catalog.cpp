#include "registry/catalog.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "registry/audit/seals.h"
#include "registry/json_text.h"

namespace heirloom::registry {
namespace {

constexpr const char* kRegistrationColumns =
    "SELECT id, model_id, kind, name, request, state, error_kind, error_message, error_hint, "
    "actor, created_at, expected FROM registrations";

base::ErrorKind parse_error_kind(std::string_view text) {
  using base::ErrorKind;
  for (const ErrorKind kind :
       {ErrorKind::usage, ErrorKind::not_found, ErrorKind::conflict, ErrorKind::bad_data,
        ErrorKind::numerical, ErrorKind::io, ErrorKind::unsupported, ErrorKind::unavailable,
        ErrorKind::tampered}) {
    if (base::to_string(kind) == text) return kind;
  }
  return ErrorKind::internal;
}

RegistrationRow read_registration(const Query& row) {
  RegistrationRow out;
  out.id = row.integer(0);
  out.model_id = row.integer(1);
  out.kind = row.text(2);
  out.name = row.text(3);
  out.request = require(jobs::task_from_json(row.text(4)));
  out.state = row.text(5);
  if (!row.is_null(6)) {
    out.error = base::Error{parse_error_kind(row.text(6)), row.text(7), row.text(8)};
  }
  out.actor = row.text(9);
  out.created_at = row.text(10);
  const auto expected = nlohmann::json::parse(row.text(11), nullptr, false);
  for (const auto& [path, hex] : expected.items()) {
    out.expected[path] = require(base::Digest::from_hex(hex.get<std::string>()));
  }
  return out;
}

std::optional<RegistrationRow> first_registration(Query rows) {
  if (!rows.step()) return std::nullopt;
  return read_registration(rows);
}

constexpr const char* kVersionColumns =
    "SELECT v.id, v.model_id, v.name, v.arch, v.parameters, f.sha256, f.bytes FROM versions v "
    "LEFT JOIN version_files f ON f.version_id = v.id";

VersionRow read_version(const Query& row) {
  VersionRow out{row.integer(0), row.integer(1), row.text(2), {row.text(3), {}}, {}};
  const auto parameters = nlohmann::json::parse(row.text(4), nullptr, false);
  for (const auto& [key, value] : parameters.items()) {
    out.arch.parameters[key] = value.get<std::string>();
  }
  if (!row.is_null(5)) {
    out.file = VersionFile{row.digest(5), static_cast<std::uint64_t>(row.integer(6))};
  }
  return out;
}

constexpr const char* kSnapshotColumns =
    "SELECT id, model_id, name, train, holdout, holdout_id, train_images, holdout_images "
    "FROM snapshots";

SnapshotRow read_snapshot(const Query& row) {
  SnapshotRow out;
  out.id = row.integer(0);
  out.model_id = row.integer(1);
  out.name = row.text(2);
  out.train = require(jobs::data_part_from_json(row.text(3)));
  if (!row.is_null(4)) out.holdout = require(jobs::data_part_from_json(row.text(4)));
  out.holdout_id = row.optional_integer(5);
  out.train_images = row.digest(6);
  out.holdout_images = row.optional_digest(7);
  return out;
}

std::optional<SnapshotRow> first_snapshot(Query row) {
  if (!row.step()) return std::nullopt;
  return read_snapshot(row);
}

constexpr const char* kHoldoutColumns =
    "SELECT id, model_id, digest, examples, example_digests, key_commitment FROM holdouts";

HoldoutRow read_holdout(const Query& row) {
  return HoldoutRow{row.integer(0), row.integer(1), row.digest(2),
                    row.integer(3), row.digest(4),  row.digest(5)};
}

}  // namespace

std::string_view to_string(RegistrationKind kind) {
  return kind == RegistrationKind::version ? "version" : "snapshot";
}

std::int64_t Catalog::add_registration(Transaction& transaction, std::int64_t model_id,
                                       RegistrationKind kind, const std::string& name,
                                       const jobs::Task& request,
                                       const std::map<std::string, base::Digest>& expected,
                                       const std::string& actor, const std::string& at,
                                       const std::optional<base::Error>& refused) {
  nlohmann::json digests = nlohmann::json::object();
  for (const auto& [path, digest] : expected) digests[path] = digest.hex();
  std::optional<std::string> error_kind;
  if (refused) error_kind = base::to_string(refused->kind);
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO registrations (model_id, kind, name, request, expected, state, error_kind, "
      "error_message, error_hint, actor, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      model_id, to_string(kind), name, jobs::task_to_json(request), json_text(digests),
      refused ? "refused" : "inspecting", error_kind,
      refused ? std::optional(refused->message) : std::nullopt,
      refused ? std::optional(refused->hint) : std::nullopt, actor, at);
  seal(transaction, "registrations", id);
  return id;
}

std::optional<RegistrationRow> Catalog::registration(std::int64_t id) {
  return first_registration(
      db_.query(fmt::format("{} WHERE id = ?", kRegistrationColumns).c_str(), id));
}

std::optional<RegistrationRow> Catalog::live_registration(std::int64_t model_id,
                                                          RegistrationKind kind,
                                                          std::string_view name) {
  return first_registration(db_.query(
      fmt::format("{} WHERE model_id = ? AND kind = ? AND name = ? AND state <> 'refused'",
                  kRegistrationColumns)
          .c_str(),
      model_id, to_string(kind), name));
}

std::optional<RegistrationRow> Catalog::newest_registration(std::int64_t model_id,
                                                            std::string_view name) {
  return first_registration(db_.query(
      fmt::format(
          "{} WHERE model_id = ? AND kind = 'version' AND name = ? ORDER BY id DESC LIMIT 1",
          kRegistrationColumns)
          .c_str(),
      model_id, name));
}

std::vector<RegistrationRow> Catalog::inspecting() {
  Query rows = db_.query(
      fmt::format("{} WHERE state = 'inspecting' ORDER BY id", kRegistrationColumns).c_str());
  std::vector<RegistrationRow> out;
  while (rows.step()) out.push_back(read_registration(rows));
  return out;
}

std::optional<RegistrationRow> Catalog::last_registration_by(std::string_view actor) {
  return first_registration(db_.query(
      fmt::format("{} WHERE actor = ? ORDER BY id DESC LIMIT 1", kRegistrationColumns).c_str(),
      actor));
}

bool Catalog::refuse(Transaction& transaction, std::int64_t id, const base::Error& error) {
  const bool refused =
      transaction.db().execute(
          "UPDATE registrations SET state = 'refused', error_kind = ?, error_message = ?, "
          "error_hint = ? WHERE id = ? AND state = 'inspecting'",
          base::to_string(error.kind), error.message, error.hint, id) == 1;
  if (refused) seal(transaction, "registrations", id);
  return refused;
}

bool Catalog::mark_registered(Transaction& transaction, std::int64_t id) {
  const bool marked =
      transaction.db().execute(
          "UPDATE registrations SET state = 'registered' WHERE id = ? AND state = 'inspecting'",
          id) == 1;
  if (marked) seal(transaction, "registrations", id);
  return marked;
}

std::int64_t Catalog::add_version(Transaction& transaction, const RegistrationRow& registration,
                                  const jobs::InspectVersion& request,
                                  const jobs::VersionInspected& found, const std::string& at,
                                  std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO versions (model_id, registration_id, name, arch, parameters, weights, "
      "created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      registration.model_id, registration.id, registration.name, request.arch.name,
      json_text(request.arch.parameters), found.parameters, at);
  rows.push_back({"versions", id, id});
  if (found.file) {
    transaction.db().insert(
        "INSERT INTO version_files (version_id, sha256, bytes) VALUES (?, ?, ?)", id,
        found.file->sha256, found.file->bytes);
    rows.push_back({"version_files", id, id});
  }
  return id;
}

std::optional<VersionRow> Catalog::version(std::int64_t id) {
  Query row = db_.query(fmt::format("{} WHERE v.id = ?", kVersionColumns).c_str(), id);
  if (!row.step()) return std::nullopt;
  return read_version(row);
}

std::optional<VersionRow> Catalog::version_named(std::int64_t model_id, std::string_view name) {
  Query row =
      db_.query(fmt::format("{} WHERE v.model_id = ? AND v.name = ?", kVersionColumns).c_str(),
                model_id, name);
  if (!row.step()) return std::nullopt;
  return read_version(row);
}

std::int64_t Catalog::ensure_holdout(Transaction& transaction, std::int64_t model_id,
                                     const jobs::SnapshotInspected& found,
                                     const base::Digest& noise_key, const std::string& at,
                                     std::vector<RowRange>& rows) {
  Database& db = transaction.db();
  if (Query known = db.query("SELECT id FROM holdouts WHERE model_id = ? AND digest = ?", model_id,
                             found.holdout_id);
      known.step()) {
    return known.integer(0);
  }
  const std::string_view key_bytes(reinterpret_cast<const char*>(noise_key.bytes.data()),
                                   noise_key.bytes.size());
  const std::int64_t id = db.insert(
      "INSERT INTO holdouts (model_id, digest, examples, example_digests, key_commitment, "
      "created_at) VALUES (?, ?, ?, ?, ?, ?)",
      model_id, found.holdout_id, found.holdout.examples, found.example_digests.sha256,
      base::sha256(key_bytes), at);
  db.execute("INSERT INTO holdout_keys VALUES (?, ?)", id, noise_key);
  rows.push_back({"holdouts", id, id});
  return id;
}

void Catalog::add_overlap(Transaction& transaction, std::int64_t holdout_id, std::int64_t older_id,
                          std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO holdout_overlaps (holdout_id, older_id) VALUES (?, ?)", holdout_id, older_id);
  rows.push_back({"holdout_overlaps", id, id});
}

std::optional<HoldoutRow> Catalog::holdout(std::int64_t id) {
  Query row = db_.query(fmt::format("{} WHERE id = ?", kHoldoutColumns).c_str(), id);
  if (!row.step()) return std::nullopt;
  return read_holdout(row);
}

std::vector<HoldoutRow> Catalog::holdouts(std::int64_t model_id) {
  Query rows = db_.query(fmt::format("{} WHERE model_id = ? ORDER BY id", kHoldoutColumns).c_str(),
                         model_id);
  std::vector<HoldoutRow> out;
  while (rows.step()) out.push_back(read_holdout(rows));
  return out;
}

base::Result<base::Digest> Catalog::noise_key(std::int64_t holdout_id) {
  Query row = db_.query(
      "SELECT k.noise_key, h.key_commitment FROM holdout_keys k "
      "JOIN holdouts h ON h.id = k.holdout_id WHERE h.id = ?",
      holdout_id);
  if (!row.step() || base::sha256(row.blob(0)) != row.digest(1)) {
    return base::fail(base::ErrorKind::tampered,
                      fmt::format("the noise key of holdout row {} is not the one that was "
                                  "committed to when it was registered",
                                  holdout_id),
                      "restore the registry from a backup");
  }
  return row.digest(0);
}

std::vector<std::int64_t> Catalog::holdout_family(std::int64_t holdout_id) {
  Query rows = db_.query(
      "WITH RECURSIVE family(id) AS (SELECT ?1 UNION "
      "SELECT CASE WHEN o.holdout_id = family.id THEN o.older_id ELSE o.holdout_id END "
      "FROM holdout_overlaps o JOIN family ON family.id IN (o.holdout_id, o.older_id)) "
      "SELECT id FROM family ORDER BY id",
      holdout_id);
  std::vector<std::int64_t> out;
  while (rows.step()) out.push_back(rows.integer(0));
  return out;
}

std::int64_t Catalog::add_snapshot(Transaction& transaction, const RegistrationRow& registration,
                                   const jobs::SnapshotInspected& found,
                                   std::optional<std::int64_t> holdout_id, const std::string& at,
                                   std::vector<RowRange>& rows) {
  std::optional<std::string> holdout;
  std::optional<base::Digest> holdout_images;
  if (found.has_holdout) {
    holdout = jobs::to_json(found.holdout);
    holdout_images = found.holdout_images.sha256;
  }
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO snapshots (model_id, registration_id, name, train, train_images, holdout, "
      "holdout_images, holdout_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      registration.model_id, registration.id, registration.name, jobs::to_json(found.train),
      found.train_images.sha256, holdout, holdout_images, holdout_id, at);
  rows.push_back({"snapshots", id, id});
  return id;
}

std::optional<SnapshotRow> Catalog::snapshot(std::int64_t id) {
  return first_snapshot(db_.query(fmt::format("{} WHERE id = ?", kSnapshotColumns).c_str(), id));
}

std::string Catalog::snapshot_name(std::int64_t id) {
  Query row = db_.query("SELECT name FROM snapshots WHERE id = ?", id);
  return row.step() ? row.text(0) : std::string();
}

std::vector<SnapshotRow> Catalog::snapshots(std::int64_t model_id) {
  Query rows = db_.query(fmt::format("{} WHERE model_id = ? ORDER BY id", kSnapshotColumns).c_str(),
                         model_id);
  std::vector<SnapshotRow> out;
  while (rows.step()) out.push_back(read_snapshot(rows));
  return out;
}

std::optional<SnapshotRow> Catalog::snapshot_with_holdout(std::int64_t holdout_id) {
  return first_snapshot(db_.query(
      fmt::format("{} WHERE holdout_id = ? ORDER BY id DESC LIMIT 1", kSnapshotColumns).c_str(),
      holdout_id));
}

std::optional<SnapshotRow> Catalog::latest_snapshot(std::int64_t model_id) {
  return first_snapshot(db_.query(
      fmt::format("{} WHERE model_id = ? ORDER BY id DESC LIMIT 1", kSnapshotColumns).c_str(),
      model_id));
}

std::optional<SnapshotRow> Catalog::latest_holdout_snapshot(std::int64_t model_id) {
  return first_snapshot(db_.query(fmt::format("{} WHERE model_id = ? AND holdout_id IS NOT NULL "
                                              "ORDER BY id DESC LIMIT 1",
                                              kSnapshotColumns)
                                      .c_str(),
                                  model_id));
}

std::vector<VersionRow> Catalog::versions_without_generation(std::int64_t model_id) {
  std::int64_t& settled = settled_versions_[model_id];
  std::vector<VersionRow> out;
  {
    Query rows =
        db_.query(fmt::format("{} WHERE v.model_id = ? AND v.id > ? AND NOT EXISTS (SELECT 1 FROM "
                              "generations g WHERE g.version_id = v.id) ORDER BY v.id",
                              kVersionColumns)
                      .c_str(),
                  model_id, settled);
    while (rows.step()) out.push_back(read_version(rows));
  }
  if (!out.empty()) {
    settled = out.front().id - 1;
    return out;
  }
  Query last = db_.query("SELECT coalesce(max(id), 0) FROM versions WHERE model_id = ?", model_id);
  last.step();
  settled = last.integer(0);
  return out;
}

}  // namespace heirloom::registry
