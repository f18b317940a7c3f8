#include "daemon/bundling.h"

#include <fmt/format.h>

#include "daemon/views/views.h"
#include "registry/audit/extractor.h"

namespace heirloom::daemon {
namespace {

// The chain is taken along up to its head while it is no longer than this.
constexpr std::int64_t kMostLinks = 20'000;

void add_policy(registry::Extractor& rows, std::int64_t policy_id) {
  rows.add("policies", policy_id);
  rows.add("certify_options", policy_id);
  rows.add("policy_options", policy_id);
  rows.add_where("thresholds", "policy_id", policy_id);
}

// A version with its file, and who signed that.
base::Result<void> add_version(registry::Registry& registry, registry::Extractor& rows,
                               bundle::Bundle& out, std::int64_t version_id) {
  rows.add("versions", version_id);
  rows.add("version_files", version_id);
  const auto signature = registry.signatures.of_version(version_id);
  if (!signature) return {};
  rows.add("registration_signatures", signature->registration_id);
  HEIRLOOM_ASSIGN(out.artifacts[signature->envelope.hex()],
                  registry.artifacts.get(signature->envelope));
  return {};
}

base::Result<void> add_generation(registry::Registry& registry, registry::Extractor& rows,
                                  bundle::Bundle& out, std::int64_t generation_id) {
  rows.add("generations", generation_id);
  rows.add_where("bars", "generation_id", generation_id);
  rows.add_where("champions", "generation_id", generation_id);
  rows.add_where("trainings", "generation_id", generation_id);
  if (const auto row = registry.generations.get(generation_id)) {
    HEIRLOOM_TRY(add_version(registry, rows, out, row->version_id));
    rows.add("snapshots", row->snapshot_id);
  }
  return {};
}

// A certificate with what it was committed to, and its counts.
base::Result<void> add_certificate(registry::Registry& registry, registry::Extractor& rows,
                                   bundle::Bundle& out, std::int64_t certificate_id) {
  const auto row = registry.evidence.certificate_row(certificate_id);
  if (!row) return base::fail(base::ErrorKind::internal, "a verdict names no certificate");
  rows.add("certificates", row->id);
  rows.add("certified_examples", row->id);
  rows.add("commitments", row->commitment_id);
  rows.add_where("falsifications", "certificate_id", row->id);
  if (const auto commitment = registry.evidence.commitment(row->commitment_id)) {
    add_policy(rows, commitment->policy_id);
    rows.add("holdouts", commitment->holdout_id);
    rows.add_where("snapshots", "holdout_id", commitment->holdout_id);
    const auto family = registry.catalog.holdout_family(commitment->holdout_id);
    if (const auto first = registry.evidence.first_charged(family)) {
      rows.add("commitments", *first);
      add_policy(rows, registry.evidence.commitment(*first)->policy_id);
    }
  }
  HEIRLOOM_TRY(add_generation(registry, rows, out, row->generation_id));
  HEIRLOOM_ASSIGN(out.artifacts[row->counts.hex()], registry.artifacts.get(row->counts));
  return {};
}

}  // namespace

base::Result<bundle::Bundle> bundle_of(registry::Registry& registry,
                                       const registry::GenerationRow& generation,
                                       const base::SigningKey* key) {
  const auto verdict = registry.evidence.verdict_of(generation.id);
  if (!verdict) {
    return base::fail(base::ErrorKind::not_found,
                      fmt::format("{} has no verdict yet", generation.label()));
  }
  bundle::Bundle out;
  out.model = registry.models.get(generation.model_id)->spec.name;
  out.generation = generation.label();
  registry::Extractor rows(registry.db);
  rows.add("models", generation.model_id);
  add_policy(rows, generation.policy_id);
  HEIRLOOM_TRY(add_generation(registry, rows, out, generation.id));
  if (generation.teacher_id) {
    HEIRLOOM_TRY(add_generation(registry, rows, out, *generation.teacher_id));
  }
  rows.add("verdicts", verdict->id);
  rows.add_where("gates", "verdict_id", verdict->id);
  rows.add_where("decisions", "generation_id", generation.id);
  rows.add_events_about(out.model, generation.number);
  for (const auto& id : {std::optional(verdict->certificate_id), verdict->champion_certificate_id,
                         verdict->root_certificate_id}) {
    if (id) HEIRLOOM_TRY(add_certificate(registry, rows, out, *id));
  }
  out.events = rows.events();
  out.links = rows.links_after(out.events.front().event.seq, kMostLinks);
  const registry::Head head = registry.audit.head();
  out.head_seq = head.seq;
  out.head = head.hash;
  const Json head_json = audit_head_view(registry, key);
  if (!head_json["envelope"].is_null()) out.head_envelope = head_json["envelope"].dump();
  return out;
}

}  // namespace heirloom::daemon
