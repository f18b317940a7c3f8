// What a generation will be certified on, fixed and charged before the first draw
// (docs/statistics.md sections 3 and 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// The holdout a generation is judged on: its snapshot's own, or else the model's latest.
struct JudgedOn {
  registry::HoldoutRow holdout;
  registry::SnapshotRow snapshot;  // the one that brought it
  bool own = true;                 // false: the verdict is at best held
};
base::Result<JudgedOn> judged_on(registry::Registry& registry,
                                 const registry::GenerationRow& generation);

// `indices` of a holdout in an order that follows from its secret key and `purpose` alone.
base::Result<std::vector<std::uint32_t>> rank_examples(registry::Registry& registry,
                                                       const registry::HoldoutRow& holdout,
                                                       std::string_view purpose,
                                                       const std::vector<std::uint32_t>& indices);

// The `count` examples (0: all) of a holdout that every candidate is certified on: a subset that
// depends on the holdout's secret key alone, so that no submitter chooses it and paired tests see
// the same examples. Ascending indices.
base::Result<std::vector<std::uint32_t>> choose_examples(registry::Registry& registry,
                                                         const registry::HoldoutRow& holdout,
                                                         std::uint64_t count);

// The protocol under which `subject`'s artifact is certified for the verdict on `candidate` (the
// same generation, or a baseline of it). `candidate` has an artifact.
base::Result<certificate::Protocol> protocol_for(registry::Registry& registry,
                                                 const registry::GenerationRow& candidate,
                                                 const registry::GenerationRow& subject);

// The policy whose ledger a holdout lives by: that of the first candidate that was charged to it or
// to one it shares examples with. None while there was none.
std::optional<registry::PolicyRow> ledger_policy(registry::Registry& registry,
                                                 std::int64_t holdout_id);

// The level at which the next candidate on this holdout would be judged: min(1 - confidence, the
// ledger's). 0 when the holdout is exhausted. The ledger's terms are those of the first candidate
// that was charged: a later policy cannot give a holdout a new budget.
struct NextLevel {
  stats::LedgerTerms terms;
  std::int64_t candidate = 0;   // t
  std::int64_t promotions = 0;  // i
  double level = 0.0;
};
NextLevel next_level(registry::Registry& registry, const registry::PolicyRow& policy,
                     std::int64_t holdout_id);

// Finds the commitment for certifying `subject` towards the verdict on `candidate`, or writes it.
// Only a candidate's own is charged. Within `transaction`; new rows go to `rows`.
base::Result<registry::CommitmentRow> commit_certification(registry::Transaction& transaction,
                                                           registry::Registry& registry,
                                                           const registry::GenerationRow& candidate,
                                                           const registry::GenerationRow& subject,
                                                           std::vector<registry::RowRange>& rows);

// What lets a candidate's certification end early: none in exact mode, nor for a baseline, which a
// paired test needs whole.
std::vector<certificate::Floor> floors_of(registry::Registry& registry,
                                          const registry::CommitmentRow& commitment);

}  // namespace heirloom::daemon
