// Monte-Carlo sampling of Cohen's CERTIFY (docs/statistics.md section 1): for each example, the
// class counts of n0 selection draws and of n fresh estimation draws. No statistics here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/certificate/counts.h"
#include "core/data/dataset.h"
#include "core/jobs/model_spec.h"
#include "core/smooth/noise_key.h"

namespace heirloom::smooth {

struct CountTask {
  std::string_view model;                  // artifact bytes, whose SHA-256 the caller has checked
  std::string_view origin;                 // what to call them in errors
  const data::Dataset* holdout = nullptr;  // not owned
  std::vector<std::uint32_t> examples;     // indices into the holdout, in the order of the rows
  std::size_t first = 0;                   // position in `examples` to begin at
  NoiseContext noise;                      // classifier_id must be that of the artifact
  std::uint64_t n0 = 0;                    // 1 to 2^32 - 1, as is n
  std::uint64_t n = 0;
  std::int64_t forward_batch = 0;  // B, rows of each forward pass (core/smooth/kernel.h)
  int threads = 1;
};

struct CountHooks {
  // One row, in order. Called by one thread at a time; an error ends the run.
  std::function<base::Result<void>(const certificate::ExampleCounts&)> on_example;
  // Draws finished since the last call, padding not counted. One thread at a time. May be empty.
  std::function<void(std::uint64_t)> on_samples;
  // Asked before each forward pass; true ends the run with `unavailable`. May be empty.
  std::function<bool()> should_stop;
};

// Runs from position `first` to the end. Draw j of a purpose is row j mod B of its forward pass j
// div B; each pass has B rows (zeros after the last draw) and runs on one thread; `threads` passes
// run at a time. So the counts are the same for any number of threads, any split of `examples`, and
// any `first`. A draw whose largest logit is tied counts for no class. Errors: usage (wrong
// classifier_id, an index beyond the holdout, counts out of range), bad_data (the artifact does not
// fit; logits that are not finite, naming the example), unavailable (stopped).
base::Result<void> sample_counts(const CountTask& task, const CountHooks& hooks);

}  // namespace heirloom::smooth
