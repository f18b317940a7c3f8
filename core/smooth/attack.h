// Falsification: for certified examples, a search for an image inside the certified ball that the
// smoothed classifier gives to another class (docs/statistics.md section 8). No LibTorch in this
// header.
//
// The search is projected gradient ascent on SmoothAdv's loss (Salman et al. 2019) with steps of
// equal length, from several starts. What it found is then voted on with fresh noise, by the same
// forward passes as in certification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/certificate/falsification.h"
#include "core/data/dataset.h"
#include "core/smooth/noise_key.h"

namespace heirloom::smooth {

// `restarts` climbs of `steps` steps of length 2 epsilon / steps, each up the slope over `draws`
// draws that no other step has: with the same ones throughout, a climb would fit the noise. The
// first climb starts at the example, the others halfway to the sphere in a random direction.
struct AttackSearch {
  std::uint32_t draws = 0;  // m
  std::uint32_t steps = 0;  // T
  std::uint32_t restarts = 0;
};

// Many short climbs, since the slope is mostly the same everywhere, and a long one for the rest.
inline const std::vector<AttackSearch> kAttackSearches = {{32, 20, 4}, {128, 100, 1}};

struct AttackTask {
  std::string_view model;                  // artifact bytes, whose SHA-256 the caller has checked
  std::string_view origin;                 // what to call them in errors
  const data::Dataset* holdout = nullptr;  // not owned
  std::vector<certificate::AttackTarget> targets;
  std::size_t first = 0;           // position in `targets` to begin at
  NoiseContext noise;              // classifier_id must be that of the artifact
  bool grid = false;               // the found images are rounded to whole 255ths, too
  std::int64_t forward_batch = 0;  // of the votes (core/smooth/kernel.h)
  std::vector<AttackSearch> searches = kAttackSearches;
  int threads = 1;
};

struct AttackHooks {
  // One row, in the order of the targets. One thread at a time; an error ends the run.
  std::function<base::Result<void>(const certificate::AttackRow&)> on_example;
  // Noisy copies classified since the last call. One thread at a time. May be empty.
  std::function<void(std::uint64_t)> on_samples;
  // Asked before each step, one thread at a time; true ends the run with `unavailable`. May be
  // empty.
  std::function<bool()> should_stop;
};

// All noise is of purpose `attack`: draws 0 to 2^30 for the search, those from 2^30 on to choose
// among the images found, and 10,000 from 2^31 on (each at the next multiple of forward_batch) to
// confirm the one chosen. So the rows are the same for any number of threads and any `first`.
// Errors: usage (wrong classifier_id, a target that cannot be), bad_data (the artifact does not
// fit, or has no gradients), unavailable (stopped).
base::Result<void> attack(const AttackTask& task, const AttackHooks& hooks);

}  // namespace heirloom::smooth
