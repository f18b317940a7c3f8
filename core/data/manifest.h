// The manifest of a folder of pictures: which files it has, of which class, and what they hash to.
//
//   path	bytes	sha256	class
//   cat/0001.png	1432	6b86b273...	0
//   dog/IMG_7.jpg	2101	d4735e3a...	1
//
// A line a file, ended by a newline, columns parted by tabs. `path` is relative to the folder: the
// name of the class folder, a slash, the file's name. Sorted by class, then by name, in byte order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"

namespace heirloom::data {

struct ManifestEntry {
  std::string path;
  std::uint64_t bytes = 0;
  base::Digest sha256;
  std::uint16_t label = 0;

  friend bool operator==(const ManifestEntry&, const ManifestEntry&) = default;
};

std::string manifest_text(const std::vector<ManifestEntry>& entries);

// Errors (bad_data) name `origin` and the line.
base::Result<std::vector<ManifestEntry>> parse_manifest(std::string_view text,
                                                        std::string_view origin);

}  // namespace heirloom::data
