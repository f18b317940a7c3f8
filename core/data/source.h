// From what a user named to what is there: finds the files, reads and describes a snapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/data/cifar.h"
#include "core/data/dataset.h"
#include "core/jobs/data_part.h"

namespace heirloom::data {

// A part as it is now: the description to register, and the examples.
struct ResolvedPart {
  jobs::DataPart part;
  Dataset dataset;
  std::vector<base::Digest> examples;  // digest of each example, in order
  std::string manifest;                // folder only: its text, which part.folder names
  std::vector<std::string> names;      // folder only: the file of each example
};

struct ReadOptions {
  PartRole role = PartRole::train;  // of a folder of CIFAR files, which has both
  int threads = 1;
};

// Reads a source; each path becomes absolute. idx: the two paths [images, labels], or one folder
// that holds exactly one "*images*idx3*" and one "*labels*idx1*" file. cifar: files, or one folder
// (core/data/cifar.h). folder: one folder (core/data/picture_folder.h). glyphs: one "SEED:COUNT".
// Errors: usage, not_found, bad_data; a part without examples is one of them.
base::Result<ResolvedPart> resolve(const jobs::DataSource& source, const jobs::InputShape& shape,
                                   std::int64_t classes, const ReadOptions& options = {});

// Refuses a snapshot whose parts do not go together: an image that is both trained on and held out
// (names both), or folders of other classes (names all).
base::Result<void> check_parts(const ResolvedPart& train, const ResolvedPart& holdout,
                               int threads = 1);

// "SEED:COUNT", strictly: (seed, count), count positive.
base::Result<std::pair<std::uint64_t, std::uint64_t>> parse_glyphs_source(std::string_view text);

}  // namespace heirloom::data
