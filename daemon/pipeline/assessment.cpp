#include "daemon/pipeline/assessment.h"

#include <fmt/format.h>

#include "daemon/pipeline/commitment.h"
#include "daemon/pipeline/sealing.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using policies::Verdict;
using registry::GenerationRow;

struct Exhibit {
  std::int64_t certificate_id = 0;
  certificate::Certificate certificate;
};

// The certificate of `subject` under the protocol of the verdict on `candidate`, after its rows
// were found to be what the chain recorded.
base::Result<Exhibit> exhibit(registry::Registry& registry, const GenerationRow& candidate,
                              const GenerationRow& subject) {
  HEIRLOOM_ASSIGN(const auto protocol, protocol_for(registry, candidate, subject));
  HEIRLOOM_ASSIGN(const JudgedOn on, judged_on(registry, candidate));
  const auto commitment =
      registry.evidence.find_commitment(*subject.classifier_id, on.holdout.id, protocol.id());
  if (!commitment) return base::fail(ErrorKind::internal, "no commitment to judge by");
  const auto row = registry.evidence.certificate_of_commitment(commitment->id);
  if (!row) return base::fail(ErrorKind::internal, "no certificate to judge by");
  if (row->model_sha256 != *subject.model_sha256) {
    return base::fail(ErrorKind::tampered,
                      fmt::format("the certificate of {} is of another artifact", subject.label()),
                      "`heirloom audit verify` shows the extent");
  }
  HEIRLOOM_TRY(registry.audit.check_generation(subject.id));
  HEIRLOOM_TRY(registry.audit.check_row("commitments", commitment->id));
  HEIRLOOM_TRY(registry.audit.check_row("certificates", row->id));
  HEIRLOOM_TRY(registry.audit.check_row("certified_examples", row->id));
  auto certificate = registry.evidence.certificate(row->id);
  return Exhibit{row->id, *std::move(certificate)};
}

base::Result<void> check_policy_rows(registry::Registry& registry,
                                     const registry::PolicyRow& policy) {
  HEIRLOOM_TRY(registry.audit.check_row("policies", policy.id));  // and its options
  for (const policies::Threshold& threshold : policy.thresholds) {
    HEIRLOOM_TRY(registry.audit.check_row("thresholds", threshold.id));
  }
  return {};
}

// A baseline generation's exhibit, when the policy has a gate that is measured from it. A candidate
// whose certification ended early fails without.
base::Result<std::optional<Exhibit>> baseline_exhibit(
    registry::Registry& registry, const GenerationRow& candidate, bool candidate_is_whole,
    const registry::PolicyRow& policy, policies::Baseline baseline,
    const std::optional<registry::ChampionRow>& holder) {
  if (!candidate_is_whole || !policies::measures_from(policy.thresholds, baseline) || !holder) {
    return std::optional<Exhibit>();
  }
  HEIRLOOM_TRY(registry.audit.check_row("champions", holder->id));
  const auto subject = registry.generations.get(holder->generation_id);
  HEIRLOOM_ASSIGN(Exhibit found, exhibit(registry, candidate, *subject));
  return std::optional<Exhibit>(std::move(found));
}

// The attack on the candidate's certificate that the policy asks for, if it was made.
base::Result<std::optional<registry::FalsificationRow>> falsification(
    registry::Registry& registry, const Exhibit& candidate, const registry::PolicyRow& policy) {
  auto found =
      registry.evidence.falsification(candidate.certificate_id, policy.certify.falsify_examples);
  if (found) HEIRLOOM_TRY(registry.audit.check_row("falsifications", found->id));
  return found;
}

}  // namespace

policies::Reservation reservation_of(registry::Registry& registry, const GenerationRow& generation,
                                     policies::Approval approval, const JudgedOn& on) {
  policies::Reservation out;
  out.manual_approval = approval == policies::Approval::manual;
  if (!on.own) out.borrowed_from = on.snapshot.name;
  if (generation.teacher_id && registry.champions.bar_of(*generation.teacher_id)) {
    out.barred_teacher = registry.generations.get(*generation.teacher_id)->label();
  }
  return out;
}

base::Result<Assessment> assess(registry::Registry& registry, const GenerationRow& generation) {
  const auto policy = registry.models.policy(generation.policy_id);
  const auto model = registry.models.get(generation.model_id);
  if (!policy || !model) return base::fail(ErrorKind::internal, "a generation without a policy");
  HEIRLOOM_TRY(check_policy_rows(registry, *policy));
  HEIRLOOM_ASSIGN(const JudgedOn on, judged_on(registry, generation));
  HEIRLOOM_ASSIGN(const Exhibit candidate, exhibit(registry, generation, generation));
  const bool whole = !candidate.certificate.curtailed();
  HEIRLOOM_ASSIGN(
      const auto champion,
      baseline_exhibit(registry, generation, whole, *policy, policies::Baseline::champion,
                       registry.evidence.champion(generation.model_id)));
  HEIRLOOM_ASSIGN(const auto root,
                  baseline_exhibit(registry, generation, whole, *policy, policies::Baseline::root,
                                   registry.evidence.root(generation.model_id)));
  const auto protocol = protocol_for(registry, generation, generation);
  const auto commitment =
      registry.evidence.find_commitment(*generation.classifier_id, on.holdout.id, protocol->id());

  policies::JudgeInput input;
  input.thresholds = policy->thresholds;
  input.level = commitment->level;
  input.candidate = &candidate.certificate;
  input.classes = model->spec.classes;
  if (champion) input.champion = &champion->certificate;
  if (root) input.root = &root->certificate;
  input.sealed = judged_sealed(registry, *policy, on.holdout.id);
  if (const auto training = registry.generations.training(generation.id)) {
    HEIRLOOM_TRY(registry.audit.check_row("trainings", training->id));
    input.training_seconds = jobs::training_seconds(training->report);
  }
  HEIRLOOM_ASSIGN(const auto attack, falsification(registry, candidate, *policy));
  if (attack) input.falsification = &attack->found;
  HEIRLOOM_ASSIGN(policies::Judgement judgement, policies::judge(input));
  policies::reserve(judgement, reservation_of(registry, generation, policy->approval, on));

  Assessment out;
  out.falsify_examples = policy->certify.falsify_examples;
  out.attacked = attack.has_value();
  registry::VerdictRow& verdict = out.verdict;
  verdict.generation_id = generation.id;
  verdict.verdict = judgement.verdict;
  verdict.reason = judgement.reason;
  verdict.policy_id = policy->id;
  verdict.certificate_id = candidate.certificate_id;
  if (champion) verdict.champion_certificate_id = champion->certificate_id;
  if (root) verdict.root_certificate_id = root->certificate_id;
  verdict.level = commitment->level;
  out.judgement = std::move(judgement);
  return out;
}

}  // namespace heirloom::daemon
