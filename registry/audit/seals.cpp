#include "registry/audit/seals.h"

#include <array>

#include <fmt/format.h>

namespace heirloom::registry {
namespace {

constexpr std::array kSealed = {
    SealedTable{"meta", "key, value"},
    SealedTable{"registrations",
                "id, model_id, kind, name, request, expected, state, error_kind, error_message, "
                "error_hint, actor, created_at"},
    SealedTable{"generations",
                "id, model_id, number, version_id, snapshot_id, policy_id, seed, cause, state, "
                "attempt, epoch, kind, teacher_id, model_sha256, model_bytes, classifier_id, "
                "kernel, forward_batch, train_seconds, error, created_at"},
    SealedTable{"jobs", "id, kind, registration_id, generation_id, subject_id, state, created_at"},
    SealedTable{"attempts",
                "id, job_id, number, epoch, started_at, ended_at, started_from, ending, error, "
                "stderr_tail"},
};

const SealedTable& find(std::string_view name) {
  for (const SealedTable& table : kSealed) {
    if (table.name == name) return table;
  }
  throw DatabaseFailure(fmt::format("registry: rows of {} are not sealed", name));
}

}  // namespace

std::span<const SealedTable> sealed_tables() {
  return kSealed;
}

void seal(Transaction& transaction, std::string_view table, std::int64_t id) {
  const std::string sql = fmt::format(
      "REPLACE INTO seals (table_name, id, digest) "
      "SELECT '{0}', rowid, heirloom_digest('{0}', {1}) FROM {0} WHERE rowid = ?",
      table, find(table).columns);
  transaction.db().execute(sql.c_str(), id);
}

std::optional<std::int64_t> first_broken_seal(Database& db, const SealedTable& table,
                                              std::int64_t after, std::int64_t last) {
  const std::string rows = fmt::format(
      "SELECT t.rowid FROM {0} t WHERE t.rowid > ? AND t.rowid <= ? AND (SELECT digest FROM seals "
      "WHERE table_name = '{0}' AND seals.id = t.rowid) IS NOT heirloom_digest('{0}', {1}) "
      "ORDER BY t.rowid LIMIT 1",
      table.name, table.columns);
  const std::string orphans = fmt::format(
      "SELECT s.id FROM seals s WHERE s.table_name = '{0}' AND s.id > ? AND s.id <= ? "
      "AND NOT EXISTS (SELECT 1 FROM {0} t WHERE t.rowid = s.id) ORDER BY s.id LIMIT 1",
      table.name);
  for (const std::string& sql : {rows, orphans}) {
    Query row = db.query(sql.c_str(), after, last);
    if (row.step()) return row.integer(0);
  }
  return std::nullopt;
}

std::int64_t last_sealed(Database& db, const SealedTable& table) {
  Query row =
      db.query(fmt::format("SELECT max(coalesce((SELECT max(rowid) FROM {0}), 0), "
                           "coalesce((SELECT max(id) FROM seals WHERE table_name = '{0}'), 0))",
                           table.name)
                   .c_str());
  row.step();
  return row.integer(0);
}

}  // namespace heirloom::registry
