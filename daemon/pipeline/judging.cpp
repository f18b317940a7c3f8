// The judging stage: the policy's threshold rows are applied to the evidence, and the verdict is
// one transaction.
#include <fmt/format.h>

#include "daemon/pipeline/assessment.h"
#include "daemon/pipeline/stages.h"
#include "daemon/pipeline/transitions.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using policies::Verdict;
using registry::GenerationRow;
using registry::State;

State state_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::promoted:
      return State::promoted;
    case Verdict::rejected:
      return State::rejected;
    case Verdict::held:
      return State::held;
    case Verdict::error:
      break;
  }
  throw std::logic_error("a verdict of error is a failure, not a judgement");
}

// Stores verdict, gates and, for a promotion, the new champion; moves the generation.
void commit_verdict(registry::Registry& registry, const GenerationRow& generation,
                    registry::VerdictRow verdict, const std::vector<policies::Gate>& gates) {
  registry::Transaction transaction(registry.db);
  MoveNote note;
  note.reason = verdict.reason;
  verdict.created_at = registry.now();
  registry.evidence.add_verdict(transaction, verdict, gates, note.rows);
  if (verdict.verdict == Verdict::promoted) {
    registry.evidence.add_champion(
        transaction, generation.model_id,
        {0, generation.id, "heirloomd", verdict.reason, verdict.created_at}, note.rows);
  }
  GenerationRow next = generation;
  next.state = state_for(verdict.verdict);
  if (!move_generation(transaction, registry, generation, next, note)) return;
  transaction.commit();
}

// A champion that a person chose after the certifications: relative gates are judged against it.
base::Result<void> certify_again(registry::Registry& registry, const GenerationRow& generation,
                                 const GenerationRow& uncertified) {
  GenerationRow next = generation;
  next.state = State::certifying;
  registry::Transaction transaction(registry.db);
  const MoveNote note{"heirloomd",
                      fmt::format("{} has no certificate under this protocol", uncertified.label()),
                      {}};
  if (!move_generation(transaction, registry, generation, next, note)) return {};
  transaction.commit();
  return {};
}

}  // namespace

base::Result<void> judge_generation(registry::Registry& registry, const GenerationRow& generation) {
  HEIRLOOM_ASSIGN(const auto uncertified, next_to_certify(registry, generation));
  if (uncertified) return certify_again(registry, generation, *uncertified);
  HEIRLOOM_ASSIGN(Assessment assessment, assess(registry, generation));
  if (assessment.wants_attack()) {
    return base::fail(ErrorKind::internal, "the attack that the policy asks for is missing",
                      "`heirloom generation retry` makes it");
  }
  commit_verdict(registry, generation, std::move(assessment.verdict), assessment.judgement.gates);
  return {};
}

}  // namespace heirloom::daemon
