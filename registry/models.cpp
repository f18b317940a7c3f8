#include "registry/models.h"

#include <algorithm>

#include <fmt/format.h>

namespace heirloom::registry {
namespace {

constexpr const char* kModelColumns =
    "SELECT id, name, channels, height, width, classes, sigma, created_at FROM models";
constexpr const char* kPolicyColumns =
    "SELECT id, model_id, version, text, text_sha256, examples, n0, n, alpha, mode, confidence, "
    "candidates, promotions, risk, actor, created_at FROM policies";

ModelRow read_model(const Query& row) {
  return ModelRow{row.integer(0),
                  jobs::ModelSpec{row.text(1),
                                  {row.integer(2), row.integer(3), row.integer(4)},
                                  row.integer(5),
                                  row.real(6)},
                  row.text(7)};
}

std::optional<ModelRow> first_model(Query rows) {
  if (!rows.step()) return std::nullopt;
  return read_model(rows);
}

std::vector<policies::Threshold> read_thresholds(Database& db, std::int64_t policy_id) {
  Query rows = db.query(
      "SELECT id, metric, radius, comparison, baseline, value, dry_run FROM thresholds "
      "WHERE policy_id = ? ORDER BY ordinal",
      policy_id);
  std::vector<policies::Threshold> out;
  while (rows.step()) out.push_back(read_threshold(rows));
  return out;
}

// Policies of the first schema have none of them, and mean the defaults.
void read_certify_options(Database& db, PolicyRow& policy) {
  Query row = db.query(
      "SELECT precision, tolerance, grid, falsify_examples FROM certify_options "
      "WHERE policy_id = ?",
      policy.id);
  if (!row.step()) return;
  policy.certify.precision = require(jobs::parse_precision(row.text(0)));
  policy.certify.tolerance = row.real(1);
  policy.certify.grid = row.integer(2) != 0;
  policy.certify.falsify_examples = static_cast<std::uint64_t>(row.integer(3));
}

// Policies from before there were any have none, and mean the defaults.
void read_policy_options(Database& db, PolicyRow& policy) {
  Query row =
      db.query("SELECT approval, sealed FROM policy_options WHERE policy_id = ?", policy.id);
  if (!row.step()) return;
  policy.approval = require(policies::parse_approval(row.text(0)));
  policy.sealed = row.integer(1) != 0;
}

std::optional<PolicyRow> first_policy(Database& db, Query row) {
  if (!row.step()) return std::nullopt;
  PolicyRow out;
  out.id = row.integer(0);
  out.model_id = row.integer(1);
  out.version = row.integer(2);
  out.text = row.text(3);
  out.text_sha256 = row.digest(4);
  out.certify.examples = static_cast<std::uint64_t>(row.integer(5));
  out.certify.n0 = static_cast<std::uint64_t>(row.integer(6));
  out.certify.n = static_cast<std::uint64_t>(row.integer(7));
  out.certify.alpha = row.real(8);
  out.certify.mode = require(certificate::parse_mode(row.text(9)));
  read_certify_options(db, out);
  out.confidence = row.real(10);
  out.holdout = {row.integer(11), row.integer(12), row.real(13)};
  out.actor = row.text(14);
  out.created_at = row.text(15);
  read_policy_options(db, out);
  out.thresholds = read_thresholds(db, out.id);
  return out;
}

}  // namespace

policies::Threshold read_threshold(const Query& row) {
  policies::Threshold threshold;
  threshold.id = row.integer(0);
  threshold.metric = require(policies::parse_metric(row.text(1)));
  threshold.set_point(row.real(2));
  threshold.comparison = require(policies::parse_comparison(row.text(3)));
  threshold.baseline = require(policies::parse_baseline(row.text(4)));
  threshold.value = row.real(5);
  threshold.dry_run = row.integer(6) != 0;
  return threshold;
}

std::vector<ModelRow> Models::all() {
  Query rows = db_.query(fmt::format("{} ORDER BY name", kModelColumns).c_str());
  std::vector<ModelRow> out;
  while (rows.step()) out.push_back(read_model(rows));
  return out;
}

std::optional<ModelRow> Models::find(std::string_view name) {
  return first_model(db_.query(fmt::format("{} WHERE name = ?", kModelColumns).c_str(), name));
}

std::optional<ModelRow> Models::get(std::int64_t id) {
  return first_model(db_.query(fmt::format("{} WHERE id = ?", kModelColumns).c_str(), id));
}

ModelRow Models::create(Transaction& transaction, const jobs::ModelSpec& spec,
                        const std::string& at, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO models (name, channels, height, width, classes, sigma, created_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      spec.name, spec.input.channels, spec.input.height, spec.input.width, spec.classes, spec.sigma,
      at);
  rows.push_back({"models", id, id});
  return ModelRow{id, spec, at};
}

std::optional<PolicyRow> Models::current_policy(std::int64_t model_id) {
  return first_policy(
      db_,
      db_.query(fmt::format("{} WHERE model_id = ? ORDER BY version DESC LIMIT 1", kPolicyColumns)
                    .c_str(),
                model_id));
}

std::optional<PolicyRow> Models::policy(std::int64_t policy_id) {
  return first_policy(db_,
                      db_.query(fmt::format("{} WHERE id = ?", kPolicyColumns).c_str(), policy_id));
}

std::optional<PolicyRow> Models::policy_numbered(std::int64_t model_id, std::int64_t version) {
  return first_policy(
      db_, db_.query(fmt::format("{} WHERE model_id = ? AND version = ?", kPolicyColumns).c_str(),
                     model_id, version));
}

std::int64_t Models::policy_version(std::int64_t policy_id) {
  Query row = db_.query("SELECT version FROM policies WHERE id = ?", policy_id);
  return row.step() ? row.integer(0) : 0;
}

std::int64_t Models::add_policy(Transaction& transaction, std::int64_t model_id,
                                const policies::Policy& policy, std::string_view text,
                                const std::string& actor, const std::string& at,
                                std::vector<RowRange>& rows) {
  Database& db = transaction.db();
  const std::optional<PolicyRow> current = current_policy(model_id);
  const std::int64_t version = current ? current->version + 1 : 1;
  const std::int64_t id = db.insert(
      "INSERT INTO policies (model_id, version, text, text_sha256, examples, n0, n, alpha, mode, "
      "confidence, candidates, promotions, risk, actor, created_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      model_id, version, text, base::sha256(text), policy.certify.examples, policy.certify.n0,
      policy.certify.n, policy.certify.alpha, certificate::to_string(policy.certify.mode),
      policy.confidence, policy.holdout.candidates, policy.holdout.promotions, policy.holdout.risk,
      actor, at);
  rows.push_back({"policies", id, id});
  db.insert(
      "INSERT INTO certify_options (policy_id, precision, tolerance, grid, falsify_examples) "
      "VALUES (?, ?, ?, ?, ?)",
      id, jobs::to_string(policy.certify.precision), policy.certify.tolerance, policy.certify.grid,
      policy.certify.falsify_examples);
  rows.push_back({"certify_options", id, id});
  db.insert("INSERT INTO policy_options (policy_id, approval, sealed) VALUES (?, ?, ?)", id,
            policies::to_string(policy.approval), policy.sealed);
  rows.push_back({"policy_options", id, id});
  for (std::size_t i = 0; i < policy.promote.size(); ++i) {
    const policies::Threshold& threshold = policy.promote[i];
    const std::int64_t threshold_id = db.insert(
        "INSERT INTO thresholds (policy_id, ordinal, metric, radius, comparison, baseline, value, "
        "dry_run) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        id, i + 1, policies::to_string(threshold.metric), threshold.point(),
        policies::to_string(threshold.comparison), policies::to_string(threshold.baseline),
        threshold.value, threshold.dry_run);
    rows.push_back({"thresholds", threshold_id, threshold_id});
  }
  return id;
}

}  // namespace heirloom::registry
