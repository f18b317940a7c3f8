#include "core/audit/covered_tables.h"

#include <array>

namespace heirloom::audit {
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
    CoveredTable{"policy_options", "policy_id", "policy_id, approval, sealed", "policy_id"},
    CoveredTable{"versions", "id",
                 "id, model_id, registration_id, name, arch, parameters, weights, created_at",
                 "id"},
    CoveredTable{"version_files", "version_id", "version_id, sha256, bytes", "version_id"},
    CoveredTable{"registration_signatures", "registration_id",
                 "registration_id, envelope, sha256, key_id, public_key", "registration_id"},
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
    CoveredTable{"trainings", "id", "id, generation_id, report", "id"},
    CoveredTable{"trained_weights", "id", "id, generation_id, sha256, bytes", "id"},
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
    CoveredTable{"drift_checks", "id",
                 "id, model_id, snapshot_id, champion_id, policy_id, reference_id, reference_key, "
                 "job_id, plan, created_at",
                 "id"},
    CoveredTable{"drift_reports", "id",
                 "id, check_id, band, alarm, error, report, outputs, reference_outputs, samples, "
                 "seconds, created_at",
                 "id"},
    CoveredTable{"drift_acknowledgements", "id", "id, report_id, actor, reason, created_at", "id"},
    CoveredTable{"pauses", "id", "id, model_id, paused, actor, reason, created_at", "id"},
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
    CoveredTable{"unsealings", "id", "id, holdout_id, actor, reason, created_at", "id"},
};

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

}  // namespace heirloom::audit
