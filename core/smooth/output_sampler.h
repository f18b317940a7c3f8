// The smoothed classifier's outputs on single examples (docs/drift.md): mean softmax outputs, and
// counts that a class and its certificate follow from. No LibTorch in this header.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/certificate/outputs.h"
#include "core/certificate/protocol.h"
#include "core/data/dataset.h"
#include "core/smooth/noise_key.h"

namespace heirloom::smooth {

struct OutputTask {
  std::string_view model;                 // artifact bytes, whose SHA-256 the caller has checked
  std::string_view origin;                // what to call them in errors
  const data::Dataset* images = nullptr;  // not owned
  std::vector<std::uint32_t> examples;    // indices into the images, in the order of the rows
  NoiseContext noise;                     // classifier_id must be that of the artifact
  const certificate::Protocol* protocol = nullptr;  // not owned; exact mode
  int threads = 1;
};

struct OutputHooks {
  // After each example, with how many are done. One thread at a time. May be empty.
  std::function<void(std::size_t)> on_example;
  // Asked before each example, one thread at a time; true ends the run with `unavailable`. May be
  // empty.
  std::function<bool()> should_stop;
};

// One row an example: the same for any number of threads and for any other examples beside it. The
// streams are those of a certification, so the secret must not be a holdout's. Errors: usage (an
// index beyond the images, wrong classifier_id), bad_data (as in sample_counts), unavailable.
base::Result<std::vector<certificate::OutputRow>> sample_outputs(const OutputTask& task,
                                                                 const OutputHooks& hooks);

}  // namespace heirloom::smooth
