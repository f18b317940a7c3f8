// Monte-Carlo sampling of a certification (docs/statistics.md sections 1 and 6): for each example
// the class counts of its selection draws and of its estimation draws, as many as its protocol's
// stopping rule asks for. No LibTorch in this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/certificate/counts.h"
#include "core/certificate/protocol.h"
#include "core/data/dataset.h"
#include "core/smooth/noise_key.h"

namespace heirloom::smooth {

struct CountTask {
  std::string_view model;                  // artifact bytes, whose SHA-256 the caller has checked
  std::string_view origin;                 // what to call them in errors
  const data::Dataset* holdout = nullptr;  // not owned
  std::vector<std::uint32_t> examples;     // indices into the holdout, in the order of the rows
  std::size_t first = 0;                   // position in `examples` to begin at
  NoiseContext noise;                      // classifier_id must be that of the artifact
  const certificate::Protocol* protocol = nullptr;  // not owned
  int threads = 1;
};

enum class Next { go_on, enough };

struct CountHooks {
  // One row, in order. Called by one thread at a time; `enough` ends the run well, an error badly.
  std::function<base::Result<Next>(const certificate::ExampleCounts&)> on_example;
  // Draws finished since the last call, padding not counted. One thread at a time. May be empty.
  std::function<void(std::uint64_t)> on_samples;
  // Asked before each forward pass; true ends the run with `unavailable`. May be empty.
  std::function<bool()> should_stop;
};

// Runs from position `first` to the end. Every pass has protocol->forward_batch rows and runs on
// one thread (core/smooth/noisy_votes.h); `threads` passes run at a time. The rows are the same for
// any number of threads, any split of `examples`, and any `first`. A draw whose largest logit is
// tied counts for no class. Errors: usage (wrong classifier_id, an index beyond the holdout, a
// protocol that is none), bad_data (the artifact does not fit; logits that are not finite, naming
// the example), unavailable (stopped).
base::Result<void> sample_counts(const CountTask& task, const CountHooks& hooks);

}  // namespace heirloom::smooth
