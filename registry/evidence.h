// What verdicts rest on and lead to: commitments (what was fixed before the first draw),
// certificates, attacks on them, verdicts with their gates, people's decisions, and who was
// champion from when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/digest.h"
#include "core/certificate/certificate.h"
#include "core/certificate/falsification.h"
#include "core/certificate/summary.h"
#include "policies/judge.h"
#include "registry/audit/covered_rows.h"
#include "registry/db/database.h"

namespace heirloom::registry {

struct CommitmentRow {
  std::int64_t id = 0;
  std::int64_t generation_id = 0;
  std::int64_t holdout_id = 0;
  std::int64_t policy_id = 0;
  base::Digest classifier_id;
  certificate::Protocol protocol;
  std::vector<std::uint32_t> examples;  // indices into the holdout, ascending
  base::Digest key_commitment;
  bool charged = true;          // false: a baseline certified again for a paired comparison
  std::int64_t candidate = 0;   // t (docs/statistics.md section 5)
  std::int64_t promotions = 0;  // i
  double level = 0.0;
};

// What lists show of a commitment: its list of examples is long, and they need its length.
struct CommitmentTerms {
  std::int64_t id = 0;
  std::int64_t holdout_id = 0;
  certificate::Mode mode = certificate::Mode::exact;
  std::uint64_t n0 = 0;
  std::string precision;
  std::size_t listed = 0;
  double level = 0.0;
};

struct CertificateRow {
  std::int64_t id = 0;
  std::int64_t commitment_id = 0;
  std::int64_t generation_id = 0;
  base::Digest model_sha256;
  base::Digest counts;  // artifact
  base::Digest log;     // artifact
  certificate::Summary summary;
  std::string certified_accuracy;  // JSON object: radius to share
  std::uint64_t samples = 0;
  double seconds = 0.0;
};

struct FalsificationRow {
  std::int64_t id = 0;
  std::int64_t generation_id = 0;  // the candidate for which it was made
  std::int64_t certificate_id = 0;
  std::uint64_t requested = 0;  // falsify.examples
  certificate::Falsification found;
  base::Digest attack_rows;  // artifact
  std::uint64_t samples = 0;
  double seconds = 0.0;
};

struct VerdictRow {
  std::int64_t id = 0;
  std::int64_t generation_id = 0;
  policies::Verdict verdict = policies::Verdict::held;
  std::string reason;
  std::int64_t policy_id = 0;
  std::int64_t certificate_id = 0;
  std::optional<std::int64_t> champion_certificate_id;
  std::optional<std::int64_t> root_certificate_id;
  double level = 0.0;
  std::string created_at;
};

struct GateRow {
  policies::Threshold threshold;  // its row, by which the gate was judged
  std::string text;               // the threshold in words
  bool applicable = true;
  bool pass = false;
  double observed = 0.0;
  double bound = 0.0;
  double required = 0.0;
  double p_value = 0.0;
  std::int64_t count = 0;
  std::int64_t examples = 0;
  std::string note;
};

struct DecisionRow {
  std::string decision;  // "approved" or "rejected"
  std::string actor;
  std::string reason;
  std::string created_at;
};

struct ChampionRow {
  std::int64_t id = 0;
  std::int64_t generation_id = 0;
  std::string actor;
  std::string reason;
  std::string since;
};

class Evidence {
 public:
  explicit Evidence(Database& db) : db_(db) {}

  // Candidates charged to, and promotions given on, any of these holdouts (a family that shares
  // examples): t - 1 and i of the ledger.
  struct Spent {
    std::int64_t candidates = 0;
    std::int64_t promotions = 0;
  };
  Spent spent(const std::vector<std::int64_t>& holdouts);

  // The policy of the first candidate charged to any of these holdouts: its ledger terms are the
  // ones the holdout lives by.
  std::optional<std::int64_t> first_charged_policy(const std::vector<std::int64_t>& holdouts);

  // The first commitment charged to any of them.
  std::optional<std::int64_t> first_charged(const std::vector<std::int64_t>& holdouts);

  std::optional<CommitmentRow> commitment(std::int64_t id);
  std::optional<CommitmentRow> find_commitment(const base::Digest& classifier_id,
                                               std::int64_t holdout_id,
                                               const base::Digest& protocol_id);
  // The terms of commitment_of(), kept in memory once read: they never change.
  std::optional<CommitmentTerms> terms_of(std::int64_t generation_id);

  // The charged commitment of a generation: the one it is judged on.
  std::optional<CommitmentRow> commitment_of(std::int64_t generation_id);
  std::int64_t add_commitment(Transaction& transaction, const CommitmentRow& commitment,
                              const std::string& at, std::vector<RowRange>& rows);

  std::int64_t add_certificate(Transaction& transaction, const CertificateRow& row,
                               const certificate::Certificate& certificate, const std::string& at,
                               std::vector<RowRange>& rows);
  std::optional<CertificateRow> certificate_row(std::int64_t id);
  std::optional<CertificateRow> certificate_of_commitment(std::int64_t commitment_id);
  // A certificate with its examples, as it was stored.
  std::optional<certificate::Certificate> certificate(std::int64_t certificate_id);

  std::int64_t add_falsification(Transaction& transaction, const FalsificationRow& row,
                                 const std::string& at, std::vector<RowRange>& rows);
  // The attack on this certificate with `requested` examples; but one that broke something stands
  // against the certificate however many examples are asked for later.
  std::optional<FalsificationRow> falsification(std::int64_t certificate_id,
                                                std::uint64_t requested);

  std::int64_t add_verdict(Transaction& transaction, const VerdictRow& verdict,
                           const std::vector<policies::Gate>& gates, std::vector<RowRange>& rows);
  std::optional<VerdictRow> verdict_of(std::int64_t generation_id);
  std::vector<GateRow> gates_of(std::int64_t verdict_id);

  std::int64_t add_decision(Transaction& transaction, std::int64_t generation_id,
                            const DecisionRow& decision, std::vector<RowRange>& rows);
  std::optional<DecisionRow> decision_of(std::int64_t generation_id);

  std::optional<ChampionRow> champion(std::int64_t model_id);
  // The first promoted generation.
  std::optional<ChampionRow> root(std::int64_t model_id);
  // Its `since` is never before that of an earlier one: a clock that was set back makes no two
  // champions of one instant.
  std::int64_t add_champion(Transaction& transaction, std::int64_t model_id,
                            const ChampionRow& next, std::vector<RowRange>& rows);

 private:
  Database& db_;
  std::unordered_map<std::int64_t, CommitmentTerms> terms_;  // by commitment
};

}  // namespace heirloom::registry
