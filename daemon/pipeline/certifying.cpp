// The certifying stage: counts become certificates, of the candidate and of the baselines that its
// gates are measured from.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/certificate/summary.h"
#include "core/certificate/tsv.h"
#include "daemon/certificate_metrics.h"
#include "daemon/pipeline/commitment.h"
#include "daemon/pipeline/falsifying.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/pipeline/stages.h"
#include "daemon/pipeline/transitions.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using registry::GenerationRow;
using registry::State;

constexpr std::uint64_t kMaxCountsBytes = std::uint64_t{1} << 30;

// Whether the candidate's certification ended early: it can only be rejected.
bool ended_early(registry::Registry& registry, const GenerationRow& candidate) {
  const auto commitment = registry.evidence.commitment_of(candidate.id);
  const auto row =
      commitment ? registry.evidence.certificate_of_commitment(commitment->id) : std::nullopt;
  return row && row->summary.examples < commitment->examples.size();
}

// The generations whose certificates the verdict needs, the candidate first.
std::vector<GenerationRow> subjects_of(registry::Registry& registry,
                                       const GenerationRow& candidate) {
  std::vector<GenerationRow> out = {candidate};
  if (ended_early(registry, candidate)) return out;
  const auto add = [&](const std::optional<registry::ChampionRow>& baseline) {
    if (!baseline) return;
    if (auto generation = registry.generations.get(baseline->generation_id)) {
      out.push_back(*std::move(generation));
    }
  };
  const auto policy = registry.models.policy(candidate.policy_id);
  if (policies::measures_from(policy->thresholds, policies::Baseline::champion)) {
    add(registry.evidence.champion(candidate.model_id));
  }
  if (policies::measures_from(policy->thresholds, policies::Baseline::root))
    add(registry.evidence.root(candidate.model_id));
  return out;
}

// Certified accuracy at the papers' radii and at those of the policy's gates: what lists show.
std::string curve_json(const certificate::Certificate& certificate,
                       const registry::PolicyRow& policy) {
  const certificate::Protocol& protocol = certificate.protocol;
  std::vector<double> radii = protocol.radii;  // all that gate mode decides
  if (protocol.mode != certificate::Mode::gate) {
    radii = certificate::paper_radii(certificate::radius_ceiling(protocol));
    for (const policies::Threshold& threshold : policy.thresholds) {
      radii.push_back(threshold.radius);
    }
  }
  nlohmann::json out = nlohmann::json::object();
  for (const double radius : radii) {
    out[certificate::radius_key(radius)] =
        certificate::certified_accuracy(certificate.examples, radius);
  }
  return out.dump();
}

// The certificate that follows from the worker's counts: bounds and radii are computed here.
base::Result<certificate::Certificate> certificate_from_counts(
    registry::Registry& registry, const GenerationRow& subject,
    const registry::CommitmentRow& commitment, std::string_view counts_text) {
  HEIRLOOM_ASSIGN(const auto counts,
                  certificate::counts_from_tsv(counts_text, "the worker's counts"));
  const auto model = registry.models.get(subject.model_id);
  return certificate::certify(commitment.protocol, *subject.model_sha256, model->spec.classes,
                              commitment.examples, counts, floors_of(registry, commitment));
}

// Commits to the certification of `subject` and opens its job, in one transaction.
base::Result<void> open_certification(registry::Registry& registry, const GenerationRow& generation,
                                      const GenerationRow& subject) {
  registry::Transaction transaction(registry.db);
  registry::EventDraft event;
  HEIRLOOM_TRY(commit_certification(transaction, registry, generation, subject, event.rows));
  registry::JobRow job;
  job.kind = "certify";
  job.generation_id = generation.id;
  job.subject_id = subject.id;
  registry.generations.add_job(transaction, job, registry.now());
  if (!event.rows.empty()) {
    event.actor = "heirloomd";
    event.kind = "certification.committed";
    event.model = registry.models.get(generation.model_id)->spec.name;
    event.generation = subject.number;
    event.payload = nlohmann::json{{"for", generation.label()}}.dump();
    registry.audit.append(transaction, event);
  }
  transaction.commit();
  return {};
}

}  // namespace

base::Result<void> finish_certification(registry::Registry& registry, const registry::JobRow& job,
                                        const jobs::JobResult& result,
                                        const std::filesystem::path& output) {
  const auto* certified = std::get_if<jobs::Certified>(&*result.outcome);
  if (certified == nullptr) {
    return base::fail(ErrorKind::internal,
                      "the worker answered a certification with something else");
  }
  const auto generation = registry.generations.get(*job.generation_id);
  if (!generation || !awaits(*generation, State::certifying, result)) return {};
  const auto subject = registry.generations.get(job.subject_id.value_or(0));
  if (!subject) return base::fail(ErrorKind::internal, "the job's subject is gone");
  HEIRLOOM_TRY(registry.audit.check_generation(generation->id));
  HEIRLOOM_TRY(registry.audit.check_generation(subject->id));
  HEIRLOOM_ASSIGN(const auto protocol, protocol_for(registry, *generation, *subject));
  HEIRLOOM_ASSIGN(const JudgedOn on, judged_on(registry, *generation));
  const auto commitment =
      registry.evidence.find_commitment(*subject->classifier_id, on.holdout.id, protocol.id());
  if (!commitment) return base::fail(ErrorKind::internal, "counts without a commitment");

  HEIRLOOM_ASSIGN(const std::string text,
                  base::read_verified(output / certified->counts.name, kMaxCountsBytes,
                                      certified->counts.sha256));
  HEIRLOOM_ASSIGN(const auto certificate,
                  certificate_from_counts(registry, *subject, *commitment, text));
  registry::CertificateRow row;
  row.commitment_id = commitment->id;
  row.generation_id = subject->id;
  row.model_sha256 = *subject->model_sha256;
  HEIRLOOM_ASSIGN(row.counts, registry.artifacts.put(text));
  HEIRLOOM_ASSIGN(row.log, registry.artifacts.put(certificate::to_tsv(certificate)));
  row.summary = certificate::summarize(certificate.examples);
  row.certified_accuracy = curve_json(certificate, *registry.models.policy(generation->policy_id));
  row.samples = certified->samples;
  row.seconds = result.seconds;

  registry::Transaction transaction(registry.db);
  registry::EventDraft event;
  event.actor = "heirloomd";
  event.kind = "certificate.stored";
  event.model = registry.models.get(generation->model_id)->spec.name;
  event.generation = subject->number;
  const bool sealed = judged_sealed(registry, *registry.models.policy(generation->policy_id),
                                    commitment->holdout_id);
  event.payload =
      nlohmann::json{{"for", generation->label()},
                     {"examples", sealed ? nlohmann::json() : nlohmann::json(row.summary.examples)},
                     {"acr", sealed ? nlohmann::json() : metrics_json(row, *commitment)["acr"]},
                     {"samples", sealed ? nlohmann::json() : nlohmann::json(row.samples)}}
          .dump();
  registry.evidence.add_certificate(transaction, row, certificate, registry.now(), event.rows);
  registry.generations.close_job(transaction, job.id, "done");
  registry.audit.append(transaction, event);
  transaction.commit();
  return {};
}

base::Result<std::optional<GenerationRow>> next_to_certify(registry::Registry& registry,
                                                           const GenerationRow& generation) {
  HEIRLOOM_ASSIGN(const JudgedOn on, judged_on(registry, generation));
  for (GenerationRow& subject : subjects_of(registry, generation)) {
    HEIRLOOM_ASSIGN(const auto protocol, protocol_for(registry, generation, subject));
    const auto known =
        registry.evidence.find_commitment(*subject.classifier_id, on.holdout.id, protocol.id());
    if (known && registry.evidence.certificate_of_commitment(known->id)) continue;
    return std::optional(std::move(subject));
  }
  return std::optional<GenerationRow>();
}

base::Result<void> continue_certifying(registry::Registry& registry,
                                       const GenerationRow& generation) {
  HEIRLOOM_ASSIGN(const auto subject, next_to_certify(registry, generation));
  if (subject) return open_certification(registry, generation, *subject);
  HEIRLOOM_ASSIGN(const bool waits, continue_falsifying(registry, generation));
  if (waits) return {};
  GenerationRow next = generation;
  next.state = State::judging;
  registry::Transaction transaction(registry.db);
  if (!move_generation(transaction, registry, generation, next, {})) return {};
  transaction.commit();
  return {};
}

}  // namespace heirloom::daemon
