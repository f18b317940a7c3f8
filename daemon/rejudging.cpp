#include "daemon/rejudging.h"

#include <optional>

#include <fmt/format.h>

#include "core/jobs/result.h"
#include "daemon/pipeline/assessment.h"
#include "daemon/pipeline/commitment.h"
#include "daemon/pipeline/sealing.h"
#include "policies/reservation.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using certificate::Certificate;
using policies::Baseline;
using registry::GenerationRow;

// Who the verdict was, or would have been, measured from. There was none before the first.
std::optional<registry::ChampionRow> holder_at(registry::Registry& registry,
                                               const registry::VerdictRow& verdict,
                                               const GenerationRow& generation, Baseline baseline) {
  if (baseline == Baseline::champion) {
    return registry.champions.before(generation.model_id, generation.id, verdict.created_at);
  }
  const auto root = registry.evidence.root(generation.model_id);
  const bool there =
      root && root->generation_id != generation.id && root->since <= verdict.created_at;
  return there ? root : std::nullopt;
}

base::Result<std::optional<Certificate>> baseline_certificate(
    registry::Registry& registry, const registry::VerdictRow& verdict,
    const GenerationRow& generation, const registry::CommitmentRow& commitment, Baseline baseline) {
  const auto holder = holder_at(registry, verdict, generation, baseline);
  if (!holder) return std::optional<Certificate>();
  const auto subject = registry.generations.get(holder->generation_id);
  HEIRLOOM_ASSIGN(const auto protocol, protocol_for(registry, generation, *subject));
  const auto known = registry.evidence.find_commitment(*subject->classifier_id,
                                                       commitment.holdout_id, protocol.id());
  const auto row = known ? registry.evidence.certificate_of_commitment(known->id) : std::nullopt;
  if (!row) {
    return base::fail(ErrorKind::conflict,
                      fmt::format("{}, the {} of that time, has no certificate under its protocol",
                                  subject->label(), policies::to_string(baseline)),
                      "a new generation under this policy certifies both");
  }
  return registry.evidence.certificate(row->id);
}

}  // namespace

base::Result<Rejudged> rejudge(registry::Registry& registry, const GenerationRow& generation,
                               const policies::Policy& policy) {
  const auto verdict = registry.evidence.verdict_of(generation.id);
  if (!verdict) {
    return base::fail(
        ErrorKind::conflict,
        fmt::format("{} has no verdict and so nothing to judge again", generation.label()));
  }
  HEIRLOOM_TRY(check_figures_open(registry, generation));
  const auto row = registry.evidence.certificate_row(verdict->certificate_id);
  const auto commitment = registry.evidence.commitment(row->commitment_id);
  const auto candidate = registry.evidence.certificate(row->id);
  const auto model = registry.models.get(generation.model_id);
  std::optional<Certificate> champion;
  std::optional<Certificate> root;
  if (!candidate->curtailed() && policies::measures_from(policy.promote, Baseline::champion)) {
    HEIRLOOM_ASSIGN(champion, baseline_certificate(registry, *verdict, generation, *commitment,
                                                   Baseline::champion));
  }
  if (!candidate->curtailed() && policies::measures_from(policy.promote, Baseline::root)) {
    HEIRLOOM_ASSIGN(
        root, baseline_certificate(registry, *verdict, generation, *commitment, Baseline::root));
  }
  policies::JudgeInput input;
  input.thresholds = policy.promote;
  input.level = policies::gate_level(policy.confidence,
                                     ledger_policy(registry, commitment->holdout_id)->holdout,
                                     commitment->candidate, commitment->promotions);
  input.candidate = &*candidate;
  input.classes = model->spec.classes;
  if (champion) input.champion = &*champion;
  if (root) input.root = &*root;
  if (const auto training = registry.generations.training(generation.id)) {
    input.training_seconds = jobs::training_seconds(training->report);
  }
  const auto attack = registry.evidence.falsification(row->id, policy.certify.falsify_examples);
  if (attack) input.falsification = &attack->found;
  Rejudged out;
  out.level = input.level;
  out.alpha = candidate->protocol.alpha;
  HEIRLOOM_ASSIGN(out.judgement, policies::judge(input));
  HEIRLOOM_ASSIGN(const JudgedOn on, judged_on(registry, generation));
  policies::reserve(out.judgement, reservation_of(registry, generation, policy.approval, on));
  return out;
}

}  // namespace heirloom::daemon
