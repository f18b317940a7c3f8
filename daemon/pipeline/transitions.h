// The state machine of a generation (docs/ARCHITECTURE.md), as a table, and the one function that
// moves a generation and records the move.
#pragma once

#include <string>
#include <vector>

#include "core/jobs/result.h"
#include "registry/registry.h"

namespace heirloom::daemon {

bool may_move(registry::State from, registry::State to);

struct MoveNote {
  std::string actor = "heirloomd";
  std::string reason;                    // for people; may be empty
  std::vector<registry::RowRange> rows;  // written in the same transaction
};

// Changes the row from `from` to `to` and appends "generation.<state>" to the chain. False when
// the generation is no longer where `from` says: then nothing was changed, and the caller abandons
// its transaction.
bool move_generation(registry::Transaction& transaction, registry::Registry& registry,
                     const registry::GenerationRow& from, const registry::GenerationRow& to,
                     const MoveNote& note);

// Whether `result` is of the attempt that this generation, in `state`, waits for.
bool awaits(const registry::GenerationRow& generation, registry::State state,
            const jobs::JobResult& result);

// The first event of a generation: it is queued.
void record_queued(registry::Transaction& transaction, registry::Registry& registry,
                   const registry::GenerationRow& generation, const MoveNote& note);

}  // namespace heirloom::daemon
