#include "core/data/picture_folder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "core/base/files.h"
#include "core/data/parallel.h"
#include "core/data/picture.h"
#include "core/jobs/data_part.h"

namespace heirloom::data {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kMaxPictureBytes = std::uint64_t{1} << 28;
constexpr std::array<std::string_view, 3> kEndings = {".png", ".jpg", ".jpeg"};

tl::unexpected<base::Error> refuse(const fs::path& path, std::string_view what,
                                   std::string hint = {}) {
  return base::fail(ErrorKind::bad_data, fmt::format("{} {}", path.native(), what),
                    std::move(hint));
}

// The entries of a folder in byte order. Refuses, in this order too, what no folder of pictures
// should have at any level.
Result<std::vector<fs::path>> entries_of(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    found.push_back(it->path());
  }
  if (error) return base::fail_errno("list", folder.native(), error.value());
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return a.filename().native() < b.filename().native();
  });
  for (const fs::path& path : found) {
    const std::string name = path.filename().native();
    const auto is_control = [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; };
    if (std::any_of(name.begin(), name.end(), is_control)) {
      return base::fail(ErrorKind::bad_data,
                        fmt::format("{} has a file whose name has a tab, a newline or another "
                                    "control character",
                                    folder.native()),
                        "rename it");
    }
    if (name.front() == '.') {
      return refuse(path, "is hidden", "a copy that is not finished looks like this: remove it");
    }
    if (fs::is_symlink(fs::symlink_status(path, error))) {
      return refuse(path, "is a symbolic link", "put the file itself in its place");
    }
  }
  return found;
}

bool ends_like_a_picture(const fs::path& path) {
  std::string ending = path.extension().native();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

Result<void> list_class(const fs::path& folder, std::uint16_t label,
                        std::vector<ManifestEntry>& entries) {
  HEIRLOOM_ASSIGN(const std::vector<fs::path> files, entries_of(folder));
  if (files.empty()) return refuse(folder, "has no pictures", "remove the folder, or fill it");
  const std::string name = folder.filename().native();
  for (const fs::path& file : files) {
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(file, error))) {
      return refuse(file, "is no regular file", "a class folder holds pictures, and no folders");
    }
    if (!ends_like_a_picture(file)) {
      return refuse(file, "is no .png, .jpg or .jpeg file",
                    "a class folder holds pictures and nothing else");
    }
    entries.push_back({name + "/" + file.filename().native(), 0, {}, label});
  }
  return {};
}

// The pixels of one file, or what is wrong with it: always the data's fault, not the program's.
Result<std::vector<std::uint8_t>> decode(const fs::path& path, std::string_view bytes,
                                         const jobs::InputShape& shape) {
  if (bytes.empty()) return refuse(path, "is empty");
  auto pixels = read_picture({path.native(), bytes}, shape, ChannelRule::exact);
  if (!pixels && pixels.error().kind == ErrorKind::unsupported) {
    pixels.error().kind = ErrorKind::bad_data;
  }
  return pixels;
}

Dataset dataset_for(const std::vector<ManifestEntry>& entries, const jobs::InputShape& shape,
                    std::int64_t classes) {
  Dataset dataset{.shape = shape, .classes = classes, .pixels = {}, .labels = {}};
  dataset.pixels.resize(entries.size() * static_cast<std::size_t>(shape.numel()));
  dataset.labels.reserve(entries.size());
  for (const ManifestEntry& entry : entries) dataset.labels.push_back(entry.label);
  return dataset;
}

void put(const std::vector<std::uint8_t>& pixels, std::size_t index, Dataset& dataset) {
  std::copy(pixels.begin(), pixels.end(),
            dataset.pixels.begin() + static_cast<std::ptrdiff_t>(index * pixels.size()));
}

// The bytes of a registered file, which are those that were registered.
Result<std::string> reread(const fs::path& path, const ManifestEntry& entry) {
  auto bytes = base::read_file(path, kMaxPictureBytes);
  if (!bytes && bytes.error().kind == ErrorKind::not_found) {
    return refuse(path, "is gone, but was there when the snapshot was registered",
                  "put the same file back, or register what is there as a new snapshot");
  }
  if (!bytes) return bytes;
  const base::Digest actual = base::sha256(*bytes);
  if (bytes->size() == entry.bytes && actual == entry.sha256) return bytes;
  return refuse(path,
                fmt::format("has changed since the snapshot was registered: it has {} bytes with "
                            "SHA-256 {}, but {} with {} were recorded",
                            bytes->size(), actual.hex(), entry.bytes, entry.sha256.hex()),
                "put the same file back, or register what is there as a new snapshot");
}

}  // namespace

Result<PictureList> list_pictures(const fs::path& folder, std::int64_t classes) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return base::fail(fs::exists(folder, error) ? ErrorKind::usage : ErrorKind::not_found,
                      fmt::format("{} is not a folder", folder.native()),
                      "it holds a folder a class, each with its pictures");
  }
  HEIRLOOM_ASSIGN(const std::vector<fs::path> folders, entries_of(folder));
  PictureList list;
  for (const fs::path& path : folders) {
    if (!fs::is_directory(path, error)) {
      return refuse(path, "is no folder",
                    "beside the class folders there must be nothing: whether it matters is not "
                    "known here");
    }
    list.classes.push_back(path.filename().native());
  }
  if (classes > kMaxClasses) {
    return base::fail(ErrorKind::unsupported,
                      fmt::format("a folder has at most {} classes here", kMaxClasses));
  }
  if (static_cast<std::int64_t>(list.classes.size()) != classes) {
    return base::fail(
        ErrorKind::bad_data,
        fmt::format("{} has {} class folders ({}), but the model has {} classes", folder.native(),
                    list.classes.size(), jobs::in_words(list.classes), classes));
  }
  for (std::size_t i = 0; i < folders.size(); ++i) {
    HEIRLOOM_TRY(list_class(folders[i], static_cast<std::uint16_t>(i), list.entries));
  }
  return list;
}

Result<Dataset> read_pictures(const fs::path& folder, PictureList& list,
                              const jobs::InputShape& shape, int threads) {
  Dataset dataset =
      dataset_for(list.entries, shape, static_cast<std::int64_t>(list.classes.size()));
  HEIRLOOM_TRY(for_each_item(list.entries.size(), threads, [&](std::size_t i) -> Result<void> {
    ManifestEntry& entry = list.entries[i];
    const fs::path path = folder / entry.path;
    HEIRLOOM_ASSIGN(const std::string bytes, base::read_file(path, kMaxPictureBytes));
    HEIRLOOM_ASSIGN(const std::vector<std::uint8_t> pixels, decode(path, bytes, shape));
    entry.bytes = bytes.size();
    entry.sha256 = base::sha256(bytes);
    put(pixels, i, dataset);
    return {};
  }));
  return dataset;
}

Result<Dataset> reread_pictures(const fs::path& folder, const std::vector<ManifestEntry>& entries,
                                const jobs::InputShape& shape, std::int64_t classes, int threads) {
  for (const ManifestEntry& entry : entries) {
    if (entry.label >= classes) {
      return refuse(folder / entry.path, fmt::format("has label {} of {}", entry.label, classes));
    }
  }
  Dataset dataset = dataset_for(entries, shape, classes);
  HEIRLOOM_TRY(for_each_item(entries.size(), threads, [&](std::size_t i) -> Result<void> {
    const fs::path path = folder / entries[i].path;
    HEIRLOOM_ASSIGN(const std::string bytes, reread(path, entries[i]));
    HEIRLOOM_ASSIGN(const std::vector<std::uint8_t> pixels, decode(path, bytes, shape));
    put(pixels, i, dataset);
    return {};
  }));
  return dataset;
}

}  // namespace heirloom::data
