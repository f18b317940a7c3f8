// One part (train or holdout) of a snapshot: where its bytes are and what they must hash to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"

namespace heirloom::jobs {

enum class DataFormat {
  idx,     // MNIST-like: an images file and a labels file, plain or .gz
  cifar,   // the binary version of CIFAR-10 or CIFAR-100
  folder,  // pictures, a sub-folder a class
  glyphs,  // drawn by core/data: a seed and a count, no files
};

std::string_view to_string(DataFormat format);
base::Result<DataFormat> parse_data_format(std::string_view text);

// How many paths a part of that format can have: idx 2, cifar any number, the others 1.
std::size_t most_paths(DataFormat format);

// A file as it was when it was registered. `path` is absolute.
struct FileRef {
  std::string path;
  base::Digest sha256;
  std::uint64_t bytes = 0;

  friend bool operator==(const FileRef&, const FileRef&) = default;
};

// What a user asked for: paths as given (idx: [images, labels] or [folder]; cifar: files or
// [folder]; folder: [folder]; glyphs: one "seed:COUNT"). Nothing has been read yet.
struct DataSource {
  DataFormat format = DataFormat::idx;
  std::vector<std::string> paths;

  friend bool operator==(const DataSource&, const DataSource&) = default;
};

// A folder of pictures. Its files are not listed here, there may be too many: the manifest
// (core/data/manifest.h) pins each of them and is an artifact.
struct PictureFolder {
  std::string path;                  // absolute
  std::vector<std::string> classes;  // the sub-folders' names in byte order: a label is a place
  // Rows name it by its hash and have no path; a job is told where it is.
  FileRef manifest;

  friend bool operator==(const PictureFolder&, const PictureFolder&) = default;
};

// What the inspect job found there. `digest` covers every example with its label and order, so a
// part of no files (glyphs) is pinned as firmly as one of files.
struct DataPart {
  DataFormat format = DataFormat::idx;
  std::vector<FileRef> files;     // idx: images, labels; cifar: in order; else empty
  std::uint64_t glyphs_seed = 0;  // glyphs only
  std::uint64_t examples = 0;
  std::vector<std::uint64_t> class_counts;  // [classes]
  base::Digest digest;
  std::optional<PictureFolder> folder{};  // folder only

  friend bool operator==(const DataPart&, const DataPart&) = default;
};

// A holdout's id: SHA-256 over its sorted example digests, so that neither the
// order nor the files it came in matter.
base::Digest holdout_id(std::vector<base::Digest> example_digests);

// "cat, dog, emu"; of many, the first hundred and how many more.
std::string in_words(const std::vector<std::string>& classes);

// As stored in a snapshot's row.
std::string to_json(const DataPart& part);
base::Result<DataPart> data_part_from_json(std::string_view text);

}  // namespace heirloom::jobs
