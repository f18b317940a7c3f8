// The job of predicting images for somebody who asks: what the worker is told, and its counts. No
// registration or generation belongs to it, and its result is evidence for nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/digest.h"
#include "core/jobs/data_part.h"

namespace heirloom::jobs {

inline constexpr std::uint64_t kMaxPredictedImages = 64;

// A PNG, JPEG or IDX file; of an IDX file `count` images from number `first` on (count 0: all).
struct PredictFile {
  FileRef file;
  std::string name;  // what people call it
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  friend bool operator==(const PredictFile&, const PredictFile&) = default;
};

struct Predict {
  FileRef model;               // the artifact; the worker loads these bytes and no others
  base::Digest classifier_id;  // must be what the worker computes from those bytes
  std::string kernel;          // must be this worker's own, as for a certification
  std::int64_t forward_batch = 0;
  bool grid = false;  // noise on the grid of 1/255, if the model is certified with it
  std::uint64_t n0 = 0;
  std::uint64_t n = 0;
  double alpha = 0.0;
  // Fresh for each request, or made from its seed; never a holdout's.
  base::Digest noise_key;
  std::vector<PredictFile> files;  // at most kMaxPredictedImages images in all
};

// Counts of one image: per class, of n0 and of n draws (core/certificate/counts.h).
struct PredictedImage {
  std::string name;  // the file's, with "#17" for an image of an IDX file
  std::vector<std::uint32_t> select;
  std::vector<std::uint32_t> estimate;

  friend bool operator==(const PredictedImage&, const PredictedImage&) = default;
};

struct Predicted {
  std::vector<PredictedImage> images;  // in the order of the job's files
};

}  // namespace heirloom::jobs
