// Reads a file dropped into inbox/: it registers a version or a snapshot.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/jobs/data_part.h"
#include "core/jobs/model_spec.h"

namespace heirloom::config {

// kind: version, model, name, arch or torchscript: PATH, set: {key: value}, with an arch
// weights: PATH, and for a file sha256: {PATH: hex} and signature: PATH
struct InboxVersion {
  std::string model;
  std::string name;
  jobs::ArchSpec arch;
  // Path of the TorchScript module, or of a safetensors file of weights to begin with; or empty.
  std::string file{};
  std::map<std::string, base::Digest> sha256{};
  std::string signature{};  // path of the file's signature; or empty
};

// kind: snapshot, model, name, format, train: PATH or [PATH, ...], holdout: the same,
// sha256: {PATH: hex} for every file; of a folder of pictures, for the folder: that of its
// manifest; none for glyphs
struct InboxSnapshot {
  std::string model;
  std::string name;
  jobs::DataSource train;
  bool has_holdout = false;
  jobs::DataSource holdout;
  std::map<std::string, base::Digest> sha256;
};

using InboxRequest = std::variant<InboxVersion, InboxSnapshot>;

base::Result<InboxRequest> inbox_from_yaml(std::string_view text, std::string_view origin);

}  // namespace heirloom::config
