#include "core/data/cifar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace heirloom::data {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

constexpr jobs::InputShape kShape{3, 32, 32};

struct Version {
  std::string_view name;
  std::int64_t classes;
  std::size_t label_bytes;

  std::size_t row() const { return label_bytes + static_cast<std::size_t>(kShape.numel()); }
};
constexpr std::array<Version, 2> kVersions{{{"CIFAR-10", 10, 1}, {"CIFAR-100", 100, 2}}};
constexpr std::uint8_t kCoarseClasses = 20;

const Version* version_for(std::int64_t classes) {
  const auto* found = std::find_if(kVersions.begin(), kVersions.end(), [&](const Version& version) {
    return version.classes == classes;
  });
  return found == kVersions.end() ? nullptr : found;
}

// N of "data_batch_N.bin", 0 of any other name.
std::uint64_t batch_number(std::string_view name) {
  constexpr std::string_view before = "data_batch_";
  constexpr std::string_view after = ".bin";
  std::uint64_t number = 0;
  if (!name.starts_with(before) || !name.ends_with(after) ||
      name.size() <= before.size() + after.size()) {
    return 0;
  }
  const char* first = name.data() + before.size();
  const char* last = name.data() + name.size() - after.size();
  const auto [rest, error] = std::from_chars(first, last, number);
  return error == std::errc() && rest == last && *first != '0' ? number : 0;
}

// data_batch_1.bin to data_batch_N.bin of a folder; empty if there is none.
Result<std::vector<fs::path>> batches_of(const fs::path& folder) {
  std::map<std::uint64_t, fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::uint64_t number = batch_number(it->path().filename().native());
    if (number > 0) found.emplace(number, it->path());
  }
  if (error) return base::fail_errno("list", folder.native(), error.value());
  std::vector<fs::path> files;
  for (const auto& [number, path] : found) {
    if (number != files.size() + 1) {
      return base::fail(ErrorKind::bad_data,
                        fmt::format("{} has {}, but no data_batch_{}.bin", folder.native(),
                                    path.filename().native(), files.size() + 1),
                        "to train on some of the batches, name them one by one");
    }
    files.push_back(path);
  }
  return files;
}

Result<std::vector<fs::path>> files_of(const fs::path& folder, PartRole role) {
  const bool train = role == PartRole::train;
  std::vector<fs::path> of_ten;
  std::error_code ignored;
  if (train) {
    HEIRLOOM_ASSIGN(of_ten, batches_of(folder));
  } else if (fs::exists(folder / "test_batch.bin", ignored)) {
    of_ten = {folder / "test_batch.bin"};
  }
  const fs::path of_hundred = folder / (train ? "train.bin" : "test.bin");
  const bool hundred = fs::exists(of_hundred, ignored);
  if (hundred && !of_ten.empty()) {
    return base::fail(
        ErrorKind::bad_data,
        fmt::format("{} has both {} and {}", folder.native(), of_ten.front().filename().native(),
                    of_hundred.filename().native()),
        "name the files of the part one by one");
  }
  if (hundred) return std::vector<fs::path>{of_hundred};
  if (!of_ten.empty()) return of_ten;
  return base::fail(
      ErrorKind::not_found,
      fmt::format("{} has no {}", folder.native(),
                  train ? "data_batch_1.bin and no train.bin" : "test_batch.bin and no test.bin"),
      "the binary version of CIFAR is read, not the Python one; files of other names can be named "
      "one by one");
}

}  // namespace

Result<std::vector<fs::path>> cifar_files(const std::vector<std::string>& paths, PartRole role) {
  std::error_code ignored;
  if (paths.size() == 1 && fs::is_directory(paths[0], ignored)) {
    return files_of(fs::absolute(paths[0]).lexically_normal(), role);
  }
  std::vector<fs::path> files;
  for (const std::string& path : paths) {
    fs::path file = fs::absolute(path).lexically_normal();
    if (std::find(files.begin(), files.end(), file) != files.end()) {
      return base::fail(ErrorKind::bad_data, fmt::format("{} is named twice", file.native()));
    }
    files.push_back(std::move(file));
  }
  if (files.empty()) return base::fail(ErrorKind::usage, "a cifar part is a folder or files");
  return files;
}

Result<Dataset> empty_cifar(const jobs::InputShape& shape, std::int64_t classes,
                            std::uint64_t bytes) {
  const Version* version = version_for(classes);
  if (shape != kShape || version == nullptr) {
    return base::fail(
        ErrorKind::bad_data,
        fmt::format("CIFAR has images of shape [3, 32, 32] and 10 or 100 classes, but the model "
                    "takes [{}, {}, {}] and has {} classes",
                    shape.channels, shape.height, shape.width, classes));
  }
  Dataset dataset{.shape = shape, .classes = classes, .pixels = {}, .labels = {}};
  const auto rows = static_cast<std::size_t>(bytes / version->row());
  dataset.labels.reserve(rows);
  dataset.pixels.reserve(rows * static_cast<std::size_t>(shape.numel()));
  return dataset;
}

Result<void> append_cifar(const NamedBytes& file, Dataset& dataset) {
  const Version& version = *version_for(dataset.classes);
  const auto wrong = [&](std::string what, std::string hint = {}) {
    return base::fail(ErrorKind::bad_data, fmt::format("{}: {}", file.name, what), std::move(hint));
  };
  if (file.bytes.empty()) return wrong("the file is empty");
  if (file.bytes.size() % version.row() != 0) {
    std::string hint = "it may be cut short, packed, or no binary version of CIFAR";
    for (const Version& other : kVersions) {
      if (file.bytes.size() % other.row() != 0) continue;
      hint = fmt::format("it has the size of a {} file, for a model of {} classes", other.name,
                         other.classes);
    }
    return wrong(fmt::format("{} bytes are no whole number of {} rows of {} bytes",
                             file.bytes.size(), version.name, version.row()),
                 std::move(hint));
  }
  const std::size_t rows = file.bytes.size() / version.row();
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string_view row = file.bytes.substr(i * version.row(), version.row());
    const auto label = static_cast<std::uint8_t>(row[version.label_bytes - 1]);
    const bool coarse_fits =
        version.label_bytes == 1 || static_cast<std::uint8_t>(row[0]) < kCoarseClasses;
    if (label >= version.classes || !coarse_fits) {
      return wrong(fmt::format("row {} (byte {}) has a label that {} does not have", i,
                               i * version.row(), version.name),
                   "the file is damaged, or no binary version of CIFAR");
    }
    dataset.labels.push_back(label);
    dataset.pixels.insert(dataset.pixels.end(), row.begin() + version.label_bytes, row.end());
  }
  return {};
}

}  // namespace heirloom::data
