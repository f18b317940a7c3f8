#include "registry/audit/covered_rows.h"

#include <array>

#include <fmt/format.h>

namespace heirloom::registry {
namespace {

constexpr std::array kCovered = {
    CoveredTable{"models", "id", "id, name, channels, height, width, classes, sigma, created_at",
                 "id"},
    CoveredTable{"policies", "id",
                 "id, model_id, version, text, text_sha256, examples, n0, n, alpha, mode, "
                 "confidence, candidates, promotions, risk, actor, created_at",
                 "id"},
    CoveredTable{"thresholds", "id",
                 "id, policy_id, ordinal, metric, radius, comparison, baseline, value, dry_run",
                 "id"},
    CoveredTable{"certify_options", "policy_id",
                 "policy_id, precision, tolerance, grid, falsify_examples", "policy_id"},
    CoveredTable{"versions", "id",
                 "id, model_id, registration_id, name, arch, parameters, weights, created_at",
                 "id"},
    CoveredTable{"holdouts", "id",
                 "id, model_id, digest, examples, example_digests, key_commitment, created_at",
                 "id"},
    CoveredTable{"holdout_overlaps", "id", "id, holdout_id, older_id", "id"},
    CoveredTable{"snapshots", "id",
                 "id, model_id, registration_id, name, train, train_images, "
                 "holdout, holdout_images, holdout_id, created_at",
                 "id"},
    CoveredTable{
        "generations", "id",
        "id, model_id, number, version_id, snapshot_id, policy_id, seed, cause, created_at", "id"},
    CoveredTable{"commitments", "id",
                 "id, generation_id, holdout_id, policy_id, classifier_id, protocol_id, protocol, "
                 "examples, key_commitment, charged, candidate, promotions, level, created_at",
                 "id"},
    CoveredTable{"certificates", "id",
                 "id, commitment_id, generation_id, model_sha256, counts, log, examples, acr, "
                 "clean_accuracy, abstain_rate, certified_accuracy, samples, seconds, created_at",
                 "id"},
    CoveredTable{"certified_examples", "certificate_id",
                 "certificate_id, idx, label, predicted, n_a, p_lower, radius",
                 "certificate_id, idx"},
    CoveredTable{"falsifications", "id",
                 "id, generation_id, certificate_id, requested, drawn, attacked, broken, examples, "
                 "attack_rows, samples, seconds, created_at",
                 "id"},
    CoveredTable{"verdicts", "id",
                 "id, generation_id, verdict, reason, policy_id, certificate_id, "
                 "champion_certificate_id, root_certificate_id, level, created_at",
                 "id"},
    CoveredTable{"gates", "id",
                 "id, verdict_id, threshold_id, name, applicable, pass, dry_run, radius, observed, "
                 "bound, required, p_value, count, examples, note",
                 "id"},
    CoveredTable{"decisions", "id", "id, generation_id, decision, actor, reason, created_at", "id"},
    CoveredTable{"champions", "id", "id, model_id, generation_id, actor, reason, since", "id"},
    CoveredTable{"bars", "id", "id, generation_id, actor, reason, created_at", "id"},
};

constexpr int kInteger = 1;
constexpr int kFloat = 2;
constexpr int kText = 3;
constexpr int kBlob = 4;

void encode_value(base::FieldEncoder& out, const Query& row, int column) {
  const int type = row.storage_class(column);
  out.integer(type);
  switch (type) {
    case kInteger:
      out.integer(row.integer(column));
      break;
    case kFloat:
      out.real(row.real(column));
      break;
    case kText:
      out.text(row.text(column));
      break;
    case kBlob:
      out.text(row.blob(column));
      break;
    default:
      out.null();
      break;
  }
}

}  // namespace

std::span<const CoveredTable> covered_tables() {
  return kCovered;
}

const CoveredTable* find_covered_table(std::string_view name) {
  for (const CoveredTable& table : kCovered) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

RangeDigest digest_rows(Database& db, const RowRange& range) {
  const CoveredTable* table = find_covered_table(range.table);
  if (table == nullptr) {
    throw DatabaseFailure(fmt::format("registry: the chain does not cover {}", range.table));
  }
  const std::string sql = fmt::format("SELECT {} FROM {} WHERE {} BETWEEN ? AND ? ORDER BY {}",
                                      table->columns, table->name, table->key, table->order);
  Query rows = db.query(sql.c_str(), range.first_id, range.last_id);
  base::Sha256 hash;
  std::int64_t count = 0;
  hash.update(base::FieldEncoder().text(table->name).encoded());
  while (rows.step()) {
    base::FieldEncoder row;
    for (int column = 0; column < rows.columns(); ++column) encode_value(row, rows, column);
    hash.update(row.encoded());
    ++count;
  }
  hash.update(base::FieldEncoder().integer(count).encoded());
  return {hash.finish(), count};
}

std::optional<std::int64_t> first_uncovered_row(Database& db, const CoveredTable& table) {
  const std::string sql = fmt::format(
      "SELECT t.{0} FROM {1} t WHERE NOT EXISTS (SELECT 1 FROM event_rows e WHERE "
      "e.table_name = '{1}' AND t.{0} BETWEEN e.first_id AND e.last_id) LIMIT 1",
      table.key, table.name);
  // A certificate has thousands of examples: ask once a certificate, not once an example.
  const std::string by_certificate =
      "SELECT c.id FROM (SELECT DISTINCT certificate_id AS id FROM certified_examples) c "
      "WHERE NOT EXISTS (SELECT 1 FROM event_rows e WHERE e.table_name = 'certified_examples' "
      "AND c.id BETWEEN e.first_id AND e.last_id) LIMIT 1";
  Query row = db.query(table.name == "certified_examples" ? by_certificate.c_str() : sql.c_str());
  if (!row.step()) return std::nullopt;
  return row.integer(0);
}

}  // namespace heirloom::registry
