#include "bundle/bundle_files.h"

#include <algorithm>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "core/base/files.h"

namespace heirloom::bundle {
namespace {

using base::ErrorKind;

constexpr std::uint64_t kMaxBytes = std::uint64_t{4} << 30;
constexpr std::string_view kArtifacts = "artifacts/";
constexpr std::string_view kBundle = "bundle.json";
constexpr std::string_view kModel = "model.pt";

using Files = std::map<std::string, std::string>;  // by name within the folder

bool belongs(std::string_view name) {
  return name == kBundle || name == kModel || name.substr(0, kArtifacts.size()) == kArtifacts;
}

base::Result<Files> read_folder(const std::filesystem::path& folder) {
  Files out;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    if (!entry.is_regular_file() || !belongs(name)) continue;
    HEIRLOOM_ASSIGN(out[name], base::read_file(entry.path(), kMaxBytes));
  }
  if (error) return base::fail_errno("read", folder.native(), error.value());
  return out;
}

// The text of a header field, without what pads it.
std::string_view header_field(std::string_view header, std::size_t from, std::size_t size) {
  const std::string_view field = header.substr(from, size);
  return field.substr(0, std::min(field.find('\0'), field.size()));
}

std::optional<std::uint64_t> octal(std::string_view text) {
  std::uint64_t value = 0;
  bool any = false;
  for (const char c : text) {
    if (c == ' ') continue;
    if (c < '0' || c > '7' || value > (kMaxBytes >> 3)) return std::nullopt;
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
    any = true;
  }
  return any ? std::optional(value) : std::nullopt;
}

// The name without the folder that was packed, if it was.
std::string within_folder(std::string_view name) {
  while (name.substr(0, 2) == "./") name.remove_prefix(2);
  for (std::string_view rest = name; !rest.empty();) {
    if (belongs(rest)) return std::string(rest);
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  return std::string(name);
}

base::Result<Files> read_tar(std::string_view tar, const std::string& origin) {
  constexpr std::size_t kBlock = 512;
  const auto bad = [&] {
    return base::fail(ErrorKind::bad_data, origin + " is neither a folder nor a tar file");
  };
  Files out;
  while (tar.size() >= kBlock) {
    const std::string_view header = tar.substr(0, kBlock);
    tar.remove_prefix(kBlock);
    if (header.find_first_not_of('\0') == std::string_view::npos) return out;  // the end
    const auto size = octal(header_field(header, 124, 12));
    if (header.substr(257, 5) != "ustar" || !size || *size > tar.size()) return bad();
    const char type = header[156];
    std::string name(header_field(header, 0, 100));
    if (const auto prefix = header_field(header, 345, 155);
        header[262] == '\0' && !prefix.empty()) {
      name = fmt::format("{}/{}", prefix, name);
    }
    const std::string inner = within_folder(name);
    if ((type == '0' || type == '\0') && belongs(inner)) {
      out[inner] = std::string(tar.substr(0, static_cast<std::size_t>(*size)));
    }
    const std::size_t padded = (static_cast<std::size_t>(*size) + kBlock - 1) / kBlock * kBlock;
    tar.remove_prefix(std::min(padded, tar.size()));
  }
  return bad();
}

}  // namespace

base::Result<void> write_bundle(const std::filesystem::path& folder, const BundleFiles& files) {
  std::error_code error;
  if (std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error)) {
    return base::fail(ErrorKind::conflict, fmt::format("{} is not empty", folder.native()),
                      "name a folder that does not exist yet");
  }
  std::filesystem::create_directories(folder / "artifacts", error);
  if (error) return base::fail_errno("create", folder.native(), error.value());
  for (const auto& [hex, bytes] : files.bundle.artifacts) {
    HEIRLOOM_TRY(base::write_file_atomically(folder / "artifacts" / hex, bytes));
  }
  if (files.model) HEIRLOOM_TRY(base::write_file_atomically(folder / kModel, *files.model));
  return base::write_file_atomically(folder / kBundle, to_json(files.bundle) + "\n");
}

base::Result<BundleFiles> read_bundle(const std::filesystem::path& path) {
  Files files;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    HEIRLOOM_ASSIGN(files, read_folder(path));
  } else {
    HEIRLOOM_ASSIGN(const std::string tar, base::read_file(path, kMaxBytes));
    HEIRLOOM_ASSIGN(files, read_tar(tar, path.native()));
  }
  const auto found = files.find(std::string(kBundle));
  if (found == files.end()) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} has no bundle.json", path.native()));
  }
  BundleFiles out;
  HEIRLOOM_ASSIGN(out.bundle, from_json(found->second, path.native()));
  for (auto& [name, bytes] : files) {
    if (name == kModel) {
      out.model = std::move(bytes);
    } else if (name.substr(0, kArtifacts.size()) == kArtifacts) {
      out.bundle.artifacts[name.substr(kArtifacts.size())] = std::move(bytes);
    }
  }
  return out;
}

}  // namespace heirloom::bundle
