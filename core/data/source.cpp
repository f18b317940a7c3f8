#include "core/data/source.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "core/base/files.h"
#include "core/data/glyphs.h"
#include "core/data/idx.h"
#include "core/data/part.h"
#include "core/data/picture_folder.h"

namespace heirloom::data {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

bool parse_whole(std::string_view text, std::uint64_t& value) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && rest == text.data() + text.size();
}

// The one regular file in `folder` whose name contains both words in this order.
Result<fs::path> only_file(const fs::path& folder, std::string_view first,
                           std::string_view second) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().native();
    const std::size_t at = name.find(first);
    if (at != std::string::npos && name.find(second, at + first.size()) != std::string::npos) {
      found.push_back(it->path());
    }
  }
  if (error) return base::fail_errno("list", folder.native(), error.value());
  if (found.size() == 1) return found.front();
  std::sort(found.begin(), found.end());
  const std::string hint = "name the two files instead: images, labels";
  if (found.empty()) {
    return base::fail(ErrorKind::not_found,
                      fmt::format("{} holds no *{}*{}* file", folder.native(), first, second),
                      hint);
  }
  return base::fail(
      ErrorKind::bad_data,
      fmt::format("{} holds {} *{}*{}* files: {} and {}", folder.native(), found.size(), first,
                  second, found[0].filename().native(), found[1].filename().native()),
      hint);
}

Result<std::pair<fs::path, fs::path>> idx_paths(const std::vector<std::string>& paths) {
  if (paths.size() == 2) return std::pair<fs::path, fs::path>(paths[0], paths[1]);
  if (paths.size() != 1) {
    return base::fail(
        ErrorKind::usage,
        fmt::format("an idx part is a folder or two files, not {} paths", paths.size()),
        "images, labels");
  }
  std::error_code error;
  if (!fs::is_directory(paths[0], error)) {
    return base::fail(fs::exists(paths[0], error) ? ErrorKind::usage : ErrorKind::not_found,
                      fmt::format("{} is not a folder", paths[0]),
                      "an idx part is a folder, or two files: images, labels");
  }
  HEIRLOOM_ASSIGN(fs::path images, only_file(paths[0], "images", "idx3"));
  HEIRLOOM_ASSIGN(fs::path labels, only_file(paths[0], "labels", "idx1"));
  return std::pair(std::move(images), std::move(labels));
}

jobs::FileRef describe(const fs::path& path, std::string_view bytes) {
  return {.path = path.native(), .sha256 = base::sha256(bytes), .bytes = bytes.size()};
}

Result<ResolvedPart> resolve_idx(const jobs::DataSource& source, const jobs::InputShape& shape,
                                 std::int64_t classes) {
  HEIRLOOM_ASSIGN(const auto paths, idx_paths(source.paths));
  const fs::path images = fs::absolute(paths.first).lexically_normal();
  const fs::path labels = fs::absolute(paths.second).lexically_normal();
  HEIRLOOM_ASSIGN(const std::string image_bytes, base::read_file(images, kMaxDataFileBytes));
  HEIRLOOM_ASSIGN(const std::string label_bytes, base::read_file(labels, kMaxDataFileBytes));
  ResolvedPart resolved;
  HEIRLOOM_ASSIGN(resolved.dataset, parse_idx({images.native(), image_bytes},
                                              {labels.native(), label_bytes}, shape, classes));
  if (resolved.dataset.size() == 0) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} has no examples", images.native()));
  }
  resolved.part.files = {describe(images, image_bytes), describe(labels, label_bytes)};
  return resolved;
}

Result<ResolvedPart> resolve_cifar(const jobs::DataSource& source, const jobs::InputShape& shape,
                                   std::int64_t classes, PartRole role) {
  HEIRLOOM_ASSIGN(const std::vector<fs::path> files, cifar_files(source.paths, role));
  std::uint64_t bytes = 0;
  for (const fs::path& file : files) {
    std::error_code error;  // a file that is not there is refused below, with its name
    const std::uintmax_t size = fs::file_size(file, error);
    if (!error) bytes += std::min<std::uintmax_t>(size, kMaxDataFileBytes);
  }
  ResolvedPart resolved;
  HEIRLOOM_ASSIGN(resolved.dataset, empty_cifar(shape, classes, bytes));
  for (const fs::path& file : files) {
    HEIRLOOM_ASSIGN(const std::string content, base::read_file(file, kMaxDataFileBytes));
    HEIRLOOM_TRY(append_cifar({file.native(), content}, resolved.dataset));
    resolved.part.files.push_back(describe(file, content));
  }
  return resolved;
}

Result<ResolvedPart> resolve_folder(const jobs::DataSource& source, const jobs::InputShape& shape,
                                    std::int64_t classes, int threads) {
  if (source.paths.size() != 1) {
    return base::fail(
        ErrorKind::usage,
        fmt::format("a part of pictures is one folder, not {} paths", source.paths.size()));
  }
  fs::path folder = fs::absolute(source.paths[0]).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // it ended in a slash
  HEIRLOOM_ASSIGN(PictureList list, list_pictures(folder, classes));
  ResolvedPart resolved;
  HEIRLOOM_ASSIGN(resolved.dataset, read_pictures(folder, list, shape, threads));
  resolved.manifest = manifest_text(list.entries);
  for (const ManifestEntry& entry : list.entries) {
    resolved.names.push_back((folder / entry.path).native());
  }
  resolved.part.folder = jobs::PictureFolder{.path = folder.native(),
                                             .classes = std::move(list.classes),
                                             .manifest = {.path = {},
                                                          .sha256 = base::sha256(resolved.manifest),
                                                          .bytes = resolved.manifest.size()}};
  return resolved;
}

Result<ResolvedPart> resolve_glyphs(const jobs::DataSource& source, const jobs::InputShape& shape,
                                    std::int64_t classes) {
  if (source.paths.size() != 1) {
    return base::fail(ErrorKind::usage, "a glyphs part is one SEED:COUNT");
  }
  HEIRLOOM_ASSIGN(const auto seed_and_count, parse_glyphs_source(source.paths[0]));
  ResolvedPart resolved;
  HEIRLOOM_ASSIGN(resolved.dataset,
                  draw_glyphs(seed_and_count.first, seed_and_count.second, shape, classes));
  resolved.part.glyphs_seed = seed_and_count.first;
  return resolved;
}

}  // namespace

Result<std::pair<std::uint64_t, std::uint64_t>> parse_glyphs_source(std::string_view text) {
  const std::size_t colon = text.find(':');
  std::uint64_t seed = 0;
  std::uint64_t count = 0;
  if (colon == std::string_view::npos || !parse_whole(text.substr(0, colon), seed) ||
      !parse_whole(text.substr(colon + 1), count) || count == 0 || count > kMaxGlyphs) {
    return base::fail(ErrorKind::usage,
                      fmt::format("\"{}\" is not SEED:COUNT of a glyphs part", text),
                      fmt::format("two whole numbers, COUNT from 1 to {}: 1:8000", kMaxGlyphs));
  }
  return std::pair(seed, count);
}

Result<ResolvedPart> resolve(const jobs::DataSource& source, const jobs::InputShape& shape,
                             std::int64_t classes, const ReadOptions& options) {
  const auto read = [&]() -> Result<ResolvedPart> {
    switch (source.format) {
      case jobs::DataFormat::idx:
        return resolve_idx(source, shape, classes);
      case jobs::DataFormat::cifar:
        return resolve_cifar(source, shape, classes, options.role);
      case jobs::DataFormat::folder:
        return resolve_folder(source, shape, classes, options.threads);
      case jobs::DataFormat::glyphs:
        return resolve_glyphs(source, shape, classes);
    }
    return base::fail(ErrorKind::internal, "a part of an unknown format");
  };
  HEIRLOOM_ASSIGN(ResolvedPart resolved, read());
  resolved.examples = example_digests(resolved.dataset, options.threads);
  resolved.part.format = source.format;
  resolved.part.examples = resolved.dataset.size();
  resolved.part.class_counts = class_counts(resolved.dataset);
  resolved.part.digest = part_digest(resolved.examples);
  return resolved;
}

Result<void> check_parts(const ResolvedPart& train, const ResolvedPart& holdout, int threads) {
  if (train.part.folder && holdout.part.folder &&
      train.part.folder->classes != holdout.part.folder->classes) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("the train part has the classes {}, but the holdout {}",
                                  jobs::in_words(train.part.folder->classes),
                                  jobs::in_words(holdout.part.folder->classes)),
                      "give the class folders of both the same names");
  }
  const auto shared = shared_image(train.dataset, holdout.dataset, threads);
  if (!shared) return {};
  const auto name = [](const ResolvedPart& part, std::size_t index) {
    return part.names.empty() ? fmt::format("image {}", index) : part.names[index];
  };
  return base::fail(ErrorKind::bad_data,
                    fmt::format("{} of the train part is also {} of the holdout",
                                name(train, shared->first), name(holdout, shared->second)),
                    "a holdout must not be trained on: remove it from one of them");
}

}  // namespace heirloom::data
