// Two sets of examples, compared as a smoothed classifier sees them (docs/drift.md). No LibTorch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/digest.h"
#include "core/certificate/outputs.h"
#include "core/certificate/protocol.h"
#include "core/jobs/drift.h"

namespace heirloom::smooth {

struct DriftSamples {
  std::span<const certificate::OutputRow> reference;  // not empty
  std::span<const certificate::OutputRow> batch;      // not empty
  // Class counts, of more examples than have outputs.
  std::span<const std::uint64_t> reference_labels;
  std::span<const std::uint64_t> batch_labels;
};

// How many rows are certified at `radius`: pA by Clopper-Pearson from hits of protocol.n draws.
jobs::Coverage coverage_of(std::span<const certificate::OutputRow> rows,
                           const certificate::Protocol& protocol, double radius);

// The planned tests that have a p-value, in their order. Each draws permutations from its own
// stream of `seed`, as many as its level needs (core/stats/permutation.h). The discrepancy takes
// kMostPoints rows of the reference, chosen by it too, where there are more.
inline constexpr std::size_t kMostPoints = 1000;
std::vector<jobs::DriftStatistic> compare(const DriftSamples& samples,
                                          std::span<const jobs::PlannedTest> tests,
                                          const base::Digest& seed);

// Population stability index of the largest output, in ten bins.
double stability_of(const DriftSamples& samples);

}  // namespace heirloom::smooth
