#include "registry/evidence.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "registry/models.h"

namespace heirloom::registry {
namespace {

// "1, 2, 3": ids of our own, never text from outside.
std::string join_ids(const std::vector<std::int64_t>& ids) {
  return fmt::format("{}", fmt::join(ids, ", "));
}

constexpr const char* kCommitmentColumns =
    "SELECT id, generation_id, holdout_id, policy_id, classifier_id, protocol, examples, "
    "key_commitment, charged, candidate, promotions, level FROM commitments";

std::optional<CommitmentRow> first_commitment(Query row) {
  if (!row.step()) return std::nullopt;
  CommitmentRow out;
  out.id = row.integer(0);
  out.generation_id = row.integer(1);
  out.holdout_id = row.integer(2);
  out.policy_id = row.integer(3);
  out.classifier_id = row.digest(4);
  out.protocol = require(certificate::Protocol::from_json(row.text(5)));
  const auto examples = nlohmann::json::parse(row.text(6), nullptr, false);
  for (const auto& index : examples) out.examples.push_back(index.get<std::uint32_t>());
  out.key_commitment = row.digest(7);
  out.charged = row.integer(8) != 0;
  out.candidate = row.integer(9);
  out.promotions = row.integer(10);
  out.level = row.real(11);
  return out;
}

constexpr const char* kCertificateColumns =
    "SELECT id, commitment_id, generation_id, model_sha256, counts, log, examples, acr, "
    "clean_accuracy, abstain_rate, certified_accuracy, samples, seconds FROM certificates";

std::optional<CertificateRow> first_certificate(Query row) {
  if (!row.step()) return std::nullopt;
  CertificateRow out;
  out.id = row.integer(0);
  out.commitment_id = row.integer(1);
  out.generation_id = row.integer(2);
  out.model_sha256 = row.digest(3);
  out.counts = row.digest(4);
  out.log = row.digest(5);
  out.summary = {static_cast<std::size_t>(row.integer(6)), row.real(7), row.real(8), row.real(9)};
  out.certified_accuracy = row.text(10);
  out.samples = static_cast<std::uint64_t>(row.integer(11));
  out.seconds = row.real(12);
  return out;
}

constexpr const char* kChampionColumns =
    "SELECT id, generation_id, actor, reason, since FROM champions WHERE model_id = ? ORDER BY id";

std::optional<ChampionRow> first_champion(Query row) {
  if (!row.step()) return std::nullopt;
  return ChampionRow{row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4)};
}

}  // namespace

Evidence::Spent Evidence::spent(const std::vector<std::int64_t>& holdouts) {
  const std::string family = join_ids(holdouts);
  Query row = db_.query(
      fmt::format(
          "SELECT (SELECT count(*) FROM commitments WHERE charged = 1 AND holdout_id IN ({0})), "
          "(SELECT count(DISTINCT ch.generation_id) FROM champions ch JOIN commitments c "
          " ON c.generation_id = ch.generation_id WHERE c.charged = 1 AND c.holdout_id IN ({0}))",
          family)
          .c_str());
  row.step();
  return {row.integer(0), row.integer(1)};
}

std::optional<std::int64_t> Evidence::first_charged_policy(
    const std::vector<std::int64_t>& holdouts) {
  Query row = db_.query(fmt::format("SELECT policy_id FROM commitments WHERE charged = 1 AND "
                                    "holdout_id IN ({}) ORDER BY id LIMIT 1",
                                    join_ids(holdouts))
                            .c_str());
  if (!row.step()) return std::nullopt;
  return row.integer(0);
}

std::optional<std::int64_t> Evidence::first_charged(const std::vector<std::int64_t>& holdouts) {
  Query row = db_.query(
      fmt::format("SELECT min(id) FROM commitments WHERE charged = 1 AND holdout_id IN ({})",
                  join_ids(holdouts))
          .c_str());
  row.step();
  return row.optional_integer(0);
}

std::optional<CommitmentRow> Evidence::commitment(std::int64_t id) {
  return first_commitment(
      db_.query(fmt::format("{} WHERE id = ?", kCommitmentColumns).c_str(), id));
}

std::optional<CommitmentRow> Evidence::find_commitment(const base::Digest& classifier_id,
                                                       std::int64_t holdout_id,
                                                       const base::Digest& protocol_id) {
  return first_commitment(
      db_.query(fmt::format("{} WHERE classifier_id = ? AND holdout_id = ? AND protocol_id = ?",
                            kCommitmentColumns)
                    .c_str(),
                classifier_id, holdout_id, protocol_id));
}

std::optional<CommitmentTerms> Evidence::terms_of(std::int64_t generation_id) {
  constexpr std::size_t kMostKept = 20'000;
  std::int64_t id = 0;
  {
    Query row = db_.query(
        "SELECT id FROM commitments WHERE generation_id = ? AND charged = 1 "
        "ORDER BY id DESC LIMIT 1",
        generation_id);
    if (!row.step()) return std::nullopt;
    id = row.integer(0);
  }
  if (const auto known = terms_.find(id); known != terms_.end()) return known->second;
  const auto whole = commitment(id);
  if (terms_.size() >= kMostKept) terms_.clear();
  const certificate::Protocol& protocol = whole->protocol;
  return terms_
      .emplace(id, CommitmentTerms{id, whole->holdout_id, protocol.mode, protocol.n0,
                                   protocol.precision, whole->examples.size(), whole->level})
      .first->second;
}

std::optional<CommitmentRow> Evidence::commitment_of(std::int64_t generation_id) {
  return first_commitment(
      db_.query(fmt::format("{} WHERE generation_id = ? AND charged = 1 ORDER BY id DESC LIMIT 1",
                            kCommitmentColumns)
                    .c_str(),
                generation_id));
}

std::int64_t Evidence::add_commitment(Transaction& transaction, const CommitmentRow& commitment,
                                      const std::string& at, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO commitments (generation_id, holdout_id, policy_id, classifier_id, protocol_id, "
      "protocol, examples, key_commitment, charged, candidate, promotions, level, created_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      commitment.generation_id, commitment.holdout_id, commitment.policy_id,
      commitment.classifier_id, commitment.protocol.id(), commitment.protocol.to_json(),
      nlohmann::json(commitment.examples).dump(), commitment.key_commitment, commitment.charged,
      commitment.candidate, commitment.promotions, commitment.level, at);
  rows.push_back({"commitments", id, id});
  return id;
}

std::int64_t Evidence::add_certificate(Transaction& transaction, const CertificateRow& row,
                                       const certificate::Certificate& certificate,
                                       const std::string& at, std::vector<RowRange>& rows) {
  Database& db = transaction.db();
  const std::int64_t id = db.insert(
      "INSERT INTO certificates (commitment_id, generation_id, model_sha256, counts, log, "
      "examples, "
      "acr, clean_accuracy, abstain_rate, certified_accuracy, samples, seconds, created_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.commitment_id, row.generation_id, row.model_sha256, row.counts, row.log,
      static_cast<std::int64_t>(row.summary.examples), row.summary.acr, row.summary.clean_accuracy,
      row.summary.abstain_rate, row.certified_accuracy, row.samples, row.seconds, at);
  for (const certificate::CertifiedExample& example : certificate.examples) {
    db.execute("INSERT INTO certified_examples VALUES (?, ?, ?, ?, ?, ?, ?)", id,
               static_cast<std::int64_t>(example.index), example.label, example.predicted,
               example.n_a, example.p_lower, example.radius);
  }
  rows.push_back({"certificates", id, id});
  rows.push_back({"certified_examples", id, id});
  return id;
}

std::optional<CertificateRow> Evidence::certificate_row(std::int64_t id) {
  return first_certificate(
      db_.query(fmt::format("{} WHERE id = ?", kCertificateColumns).c_str(), id));
}

std::optional<CertificateRow> Evidence::certificate_of_commitment(std::int64_t commitment_id) {
  return first_certificate(db_.query(
      fmt::format("{} WHERE commitment_id = ?", kCertificateColumns).c_str(), commitment_id));
}

std::optional<certificate::Certificate> Evidence::certificate(std::int64_t certificate_id) {
  const std::optional<CertificateRow> row = certificate_row(certificate_id);
  if (!row) return std::nullopt;
  const std::optional<CommitmentRow> fixed = commitment(row->commitment_id);
  if (!fixed) return std::nullopt;
  certificate::Certificate out;
  out.protocol = fixed->protocol;
  out.model_sha256 = row->model_sha256;
  out.listed = fixed->examples;
  Query rows = db_.query(
      "SELECT idx, label, predicted, n_a, p_lower, radius FROM certified_examples "
      "WHERE certificate_id = ? ORDER BY idx",
      certificate_id);
  while (rows.step()) {
    certificate::CertifiedExample example;
    example.index = static_cast<std::uint32_t>(rows.integer(0));
    example.label = static_cast<std::int32_t>(rows.integer(1));
    example.predicted = static_cast<std::int32_t>(rows.integer(2));
    example.n_a = static_cast<std::uint64_t>(rows.integer(3));
    example.p_lower = rows.real(4);
    example.radius = rows.real(5);
    out.examples.push_back(example);
  }
  return out;
}

std::int64_t Evidence::add_falsification(Transaction& transaction, const FalsificationRow& row,
                                         const std::string& at, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO falsifications (generation_id, certificate_id, requested, drawn, attacked, "
      "broken, examples, attack_rows, samples, seconds, created_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.generation_id, row.certificate_id, row.requested, row.found.drawn, row.found.attacked,
      static_cast<std::int64_t>(row.found.broken.size()), nlohmann::json(row.found.broken).dump(),
      row.attack_rows, row.samples, row.seconds, at);
  rows.push_back({"falsifications", id, id});
  return id;
}

std::optional<FalsificationRow> Evidence::falsification(std::int64_t certificate_id,
                                                        std::uint64_t requested) {
  Query row = db_.query(
      "SELECT id, generation_id, drawn, attacked, examples, attack_rows, samples, seconds, "
      "requested "
      "FROM falsifications WHERE certificate_id = ? AND (requested = ? OR broken > 0) "
      "ORDER BY broken DESC, id LIMIT 1",
      certificate_id, requested);
  if (!row.step()) return std::nullopt;
  FalsificationRow out;
  out.id = row.integer(0);
  out.generation_id = row.integer(1);
  out.certificate_id = certificate_id;
  out.requested = static_cast<std::uint64_t>(row.integer(8));
  out.found.drawn = static_cast<std::uint64_t>(row.integer(2));
  out.found.attacked = static_cast<std::uint64_t>(row.integer(3));
  const auto broken = nlohmann::json::parse(row.text(4), nullptr, false);
  for (const auto& index : broken) out.found.broken.push_back(index.get<std::uint32_t>());
  out.attack_rows = row.digest(5);
  out.samples = static_cast<std::uint64_t>(row.integer(6));
  out.seconds = row.real(7);
  return out;
}

std::int64_t Evidence::add_verdict(Transaction& transaction, const VerdictRow& verdict,
                                   const std::vector<policies::Gate>& gates,
                                   std::vector<RowRange>& rows) {
  Database& db = transaction.db();
  const std::int64_t id = db.insert(
      "INSERT INTO verdicts (generation_id, verdict, reason, policy_id, certificate_id, "
      "champion_certificate_id, root_certificate_id, level, created_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      verdict.generation_id, policies::to_string(verdict.verdict), verdict.reason,
      verdict.policy_id, verdict.certificate_id, verdict.champion_certificate_id,
      verdict.root_certificate_id, verdict.level, verdict.created_at);
  rows.push_back({"verdicts", id, id});
  for (const policies::Gate& gate : gates) {
    const std::int64_t gate_id = db.insert(
        "INSERT INTO gates (verdict_id, threshold_id, name, applicable, pass, dry_run, radius, "
        "observed, bound, required, p_value, count, examples, note) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, gate.threshold.id, gate.threshold.text(), gate.applicable, gate.pass,
        gate.threshold.dry_run, gate.threshold.radius, gate.observed, gate.bound, gate.required,
        gate.p_value, gate.count, gate.examples, gate.note);
    rows.push_back({"gates", gate_id, gate_id});
  }
  return id;
}

std::optional<VerdictRow> Evidence::verdict_of(std::int64_t generation_id) {
  Query row = db_.query(
      "SELECT id, generation_id, verdict, reason, policy_id, certificate_id, "
      "champion_certificate_id, root_certificate_id, level, created_at FROM verdicts "
      "WHERE generation_id = ?",
      generation_id);
  if (!row.step()) return std::nullopt;
  VerdictRow out;
  out.id = row.integer(0);
  out.generation_id = row.integer(1);
  out.verdict = require(policies::parse_verdict(row.text(2)));
  out.reason = row.text(3);
  out.policy_id = row.integer(4);
  out.certificate_id = row.integer(5);
  out.champion_certificate_id = row.optional_integer(6);
  out.root_certificate_id = row.optional_integer(7);
  out.level = row.real(8);
  out.created_at = row.text(9);
  return out;
}

std::vector<GateRow> Evidence::gates_of(std::int64_t verdict_id) {
  Query rows = db_.query(
      "SELECT t.id, t.metric, t.radius, t.comparison, t.baseline, t.value, t.dry_run, g.name, "
      "g.applicable, g.pass, g.observed, g.bound, g.required, g.p_value, g.count, g.examples, "
      "g.note FROM gates g JOIN thresholds t ON t.id = g.threshold_id WHERE g.verdict_id = ? "
      "ORDER BY g.id",
      verdict_id);
  std::vector<GateRow> out;
  while (rows.step()) {
    out.push_back({read_threshold(rows), rows.text(7), rows.integer(8) != 0, rows.integer(9) != 0,
                   rows.real(10), rows.real(11), rows.real(12), rows.real(13), rows.integer(14),
                   rows.integer(15), rows.text(16)});
  }
  return out;
}

std::int64_t Evidence::add_decision(Transaction& transaction, std::int64_t generation_id,
                                    const DecisionRow& decision, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO decisions (generation_id, decision, actor, reason, created_at) "
      "VALUES (?, ?, ?, ?, ?)",
      generation_id, decision.decision, decision.actor, decision.reason, decision.created_at);
  rows.push_back({"decisions", id, id});
  return id;
}

std::optional<DecisionRow> Evidence::decision_of(std::int64_t generation_id) {
  Query row =
      db_.query("SELECT decision, actor, reason, created_at FROM decisions WHERE generation_id = ?",
                generation_id);
  if (!row.step()) return std::nullopt;
  return DecisionRow{row.text(0), row.text(1), row.text(2), row.text(3)};
}

std::optional<ChampionRow> Evidence::champion(std::int64_t model_id) {
  return first_champion(
      db_.query(fmt::format("{} DESC LIMIT 1", kChampionColumns).c_str(), model_id));
}

std::optional<ChampionRow> Evidence::root(std::int64_t model_id) {
  return first_champion(db_.query(fmt::format("{} LIMIT 1", kChampionColumns).c_str(), model_id));
}

std::int64_t Evidence::add_champion(Transaction& transaction, std::int64_t model_id,
                                    const ChampionRow& next, std::vector<RowRange>& rows) {
  const auto previous = champion(model_id);
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO champions (model_id, generation_id, actor, reason, since) "
      "VALUES (?, ?, ?, ?, ?)",
      model_id, next.generation_id, next.actor, next.reason,
      previous ? std::max(previous->since, next.since) : next.since);
  rows.push_back({"champions", id, id});
  return id;
}

}  // namespace heirloom::registry
