#include "daemon/pipeline/commitment.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

base::Result<std::vector<base::Digest>> example_digests(registry::Registry& registry,
                                                        const registry::HoldoutRow& holdout) {
  HEIRLOOM_ASSIGN(const std::string bytes, registry.artifacts.get(holdout.example_digests));
  std::vector<base::Digest> out(static_cast<std::size_t>(holdout.examples));
  if (bytes.size() != out.size() * sizeof(base::Digest)) {
    return base::fail(ErrorKind::tampered,
                      fmt::format("holdout {} has {} examples, but {} bytes of digests",
                                  holdout.digest.hex(), holdout.examples, bytes.size()));
  }
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

}  // namespace

base::Result<JudgedOn> judged_on(registry::Registry& registry,
                                 const registry::GenerationRow& generation) {
  const auto own = registry.catalog.snapshot(generation.snapshot_id);
  auto source =
      own && own->holdout_id ? own : registry.catalog.latest_holdout_snapshot(generation.model_id);
  // Once committed, the choice stands: data that arrive later change nothing for this generation.
  if (const auto committed = registry.evidence.commitment_of(generation.id)) {
    source = registry.catalog.snapshot_with_holdout(committed->holdout_id);
  }
  if (!source) {
    return base::fail(ErrorKind::not_found, "no snapshot of the model has a labelled holdout",
                      "`heirloom data add` with --holdout");
  }
  const auto holdout = registry.catalog.holdout(*source->holdout_id);
  if (!holdout) return base::fail(ErrorKind::internal, "a snapshot names a holdout that is gone");
  return JudgedOn{*holdout, *source, own && own->holdout_id == source->holdout_id};
}

base::Result<std::vector<std::uint32_t>> rank_examples(registry::Registry& registry,
                                                       const registry::HoldoutRow& holdout,
                                                       std::string_view purpose,
                                                       const std::vector<std::uint32_t>& indices) {
  HEIRLOOM_ASSIGN(const base::Digest key, registry.catalog.noise_key(holdout.id));
  HEIRLOOM_ASSIGN(const std::vector<base::Digest> digests, example_digests(registry, holdout));
  std::vector<std::pair<base::Digest, std::uint32_t>> ranked;
  ranked.reserve(indices.size());
  for (const std::uint32_t index : indices) {
    const std::string message =
        base::FieldEncoder().text(purpose).digest(digests[index]).integer(index).encoded();
    ranked.emplace_back(base::hmac_sha256(key, message), index);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::uint32_t> out;
  out.reserve(ranked.size());
  for (const auto& [rank, index] : ranked) out.push_back(index);
  return out;
}

base::Result<std::vector<std::uint32_t>> choose_examples(registry::Registry& registry,
                                                         const registry::HoldoutRow& holdout,
                                                         std::uint64_t count) {
  std::vector<std::uint32_t> indices(static_cast<std::size_t>(holdout.examples));
  std::iota(indices.begin(), indices.end(), 0U);
  if (count == 0 || count == indices.size()) return indices;
  if (count > indices.size()) {
    return base::fail(
        ErrorKind::conflict,
        fmt::format("the policy certifies {} examples, the holdout has {}", count, indices.size()),
        "lower certify.examples or add a larger holdout, then register the version "
        "under a new name: a generation keeps the policy and data it was queued with");
  }
  HEIRLOOM_ASSIGN(indices, rank_examples(registry, holdout, "heirloom/examples/v1", indices));
  indices.resize(static_cast<std::size_t>(count));
  std::sort(indices.begin(), indices.end());
  return indices;
}

base::Result<certificate::Protocol> protocol_for(registry::Registry& registry,
                                                 const registry::GenerationRow& candidate,
                                                 const registry::GenerationRow& subject) {
  const auto policy = registry.models.policy(candidate.policy_id);
  const auto model = registry.models.get(candidate.model_id);
  if (!policy || !model || !candidate.kernel || !subject.forward_batch) {
    return base::fail(ErrorKind::internal, "a generation without a policy, model or artifact");
  }
  HEIRLOOM_ASSIGN(const JudgedOn on, judged_on(registry, candidate));
  HEIRLOOM_ASSIGN(const auto examples,
                  choose_examples(registry, on.holdout, policy->certify.examples));
  certificate::Protocol protocol =
      policies::protocol_terms(policy->certify, policy->thresholds, model->spec.sigma);
  protocol.kernel = *candidate.kernel;
  protocol.forward_batch = *subject.forward_batch;
  // The artifact's: it was exported under the policy that its generation was queued with.
  const auto own_policy = registry.models.policy(subject.policy_id);
  protocol.precision = jobs::to_string(own_policy->certify.precision);
  protocol.holdout_id = on.holdout.digest;
  protocol.examples = certificate::example_list_digest(examples);
  return protocol;
}

std::optional<registry::PolicyRow> ledger_policy(registry::Registry& registry,
                                                 std::int64_t holdout_id) {
  const auto first =
      registry.evidence.first_charged_policy(registry.catalog.holdout_family(holdout_id));
  return first ? registry.models.policy(*first) : std::nullopt;
}

NextLevel next_level(registry::Registry& registry, const registry::PolicyRow& policy,
                     std::int64_t holdout_id) {
  const auto family = registry.catalog.holdout_family(holdout_id);
  const auto spent = registry.evidence.spent(family);
  NextLevel next;
  next.terms = ledger_policy(registry, holdout_id).value_or(policy).holdout;
  next.candidate = spent.candidates + 1;
  next.promotions = spent.promotions;
  next.level = policies::gate_level(policy.confidence, next.terms, next.candidate, next.promotions);
  return next;
}

base::Result<registry::CommitmentRow> commit_certification(registry::Transaction& transaction,
                                                           registry::Registry& registry,
                                                           const registry::GenerationRow& candidate,
                                                           const registry::GenerationRow& subject,
                                                           std::vector<registry::RowRange>& rows) {
  HEIRLOOM_ASSIGN(const certificate::Protocol protocol, protocol_for(registry, candidate, subject));
  HEIRLOOM_ASSIGN(const JudgedOn on, judged_on(registry, candidate));
  if (auto known =
          registry.evidence.find_commitment(*subject.classifier_id, on.holdout.id, protocol.id())) {
    return *std::move(known);
  }
  const auto policy = registry.models.policy(candidate.policy_id);
  HEIRLOOM_ASSIGN(auto examples, choose_examples(registry, on.holdout, policy->certify.examples));

  registry::CommitmentRow row;
  row.generation_id = subject.id;
  row.holdout_id = on.holdout.id;
  row.policy_id = candidate.policy_id;
  row.classifier_id = *subject.classifier_id;
  row.protocol = protocol;
  row.examples = std::move(examples);
  row.key_commitment = on.holdout.key_commitment;
  row.charged = subject.id == candidate.id;
  if (row.charged) {
    const NextLevel next = next_level(registry, *policy, on.holdout.id);
    row.candidate = next.candidate;
    row.promotions = next.promotions;
    row.level = next.level;
  }
  row.id = registry.evidence.add_commitment(transaction, row, registry.now(), rows);
  return row;
}

std::vector<certificate::Floor> floors_of(registry::Registry& registry,
                                          const registry::CommitmentRow& commitment) {
  // Exact mode is for figures, also of what fails. An exhausted holdout lets nothing pass; the
  // judge says so, on complete evidence.
  const bool exact = commitment.protocol.mode == certificate::Mode::exact;
  if (exact || !commitment.charged || !(commitment.level > 0.0)) return {};
  const auto policy = registry.models.policy(commitment.policy_id);
  if (!policy) return {};
  return policies::floors(policy->thresholds, static_cast<std::int64_t>(commitment.examples.size()),
                          commitment.level, commitment.protocol.alpha);
}

}  // namespace heirloom::daemon
