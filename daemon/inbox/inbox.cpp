#include "daemon/inbox/inbox.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include "config/inbox_yaml.h"
#include "core/base/files.h"
#include "daemon/commands.h"

namespace heirloom::daemon {
namespace {

constexpr std::uint64_t kMaxBytes = 256 * 1024;
constexpr std::string_view kActorPrefix = "inbox:";

bool is_candidate(const std::filesystem::path& file) {
  const std::string name = file.filename().native();
  const auto extension = file.extension();
  return name.front() != '.' && (extension == ".yaml" || extension == ".yml");
}

base::Result<std::optional<std::string>> read_signature(const std::filesystem::path& path) {
  if (path.empty()) return std::nullopt;
  if (!path.is_absolute()) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("\"{}\" is not an absolute path", path.native()),
                      "the daemon does not share your working folder");
  }
  HEIRLOOM_ASSIGN(std::string envelope, base::read_file(path, audit::kMaxVersionSignatureBytes));
  return std::optional(std::move(envelope));
}

}  // namespace

Inbox::Scan Inbox::scan() {
  Scan out;
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(state_.inbox(), error)) {
    if (is_candidate(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());  // registrations run in order: by name, not by time
  std::map<std::string, Seen> now;
  for (const auto& file : files) {
    struct stat info {};
    if (::lstat(file.c_str(), &info) != 0) continue;  // gone meanwhile
    if (!S_ISREG(info.st_mode)) {
      refuse(file, {base::ErrorKind::bad_data, "it is not a regular file", ""});
      continue;
    }
    const Seen seen{static_cast<std::uint64_t>(info.st_size),
                    info.st_ctim.tv_sec * std::int64_t{1'000'000'000} + info.st_ctim.tv_nsec};
    const std::string name = file.filename().native();
    const auto before = seen_.find(name);
    if (before == seen_.end() || before->second != seen) {
      now[name] = seen;
      out.unsettled = true;
      continue;
    }
    if (auto taken = take_guarded(file); !taken) {
      refuse(file, taken.error());
    } else {
      out.changed = true;
    }
  }
  seen_ = std::move(now);
  return out;
}

// A file must not end the daemon, whatever is in it: it would do so again at every start.
base::Result<void> Inbox::take_guarded(const std::filesystem::path& file) {
  try {
    return take(file);
  } catch (const registry::DatabaseFailure&) {
    throw;
  } catch (const std::exception& bug) {
    return base::fail(base::ErrorKind::internal, bug.what());
  }
}

base::Result<void> Inbox::take(const std::filesystem::path& file) {
  HEIRLOOM_ASSIGN(const std::string text, base::read_file(file, kMaxBytes));
  const std::string name = file.filename().native();
  HEIRLOOM_ASSIGN(const config::InboxRequest request, config::inbox_from_yaml(text, name));
  const std::string actor = std::string(kActorPrefix) + name;
  if (const auto* version = std::get_if<config::InboxVersion>(&request)) {
    HEIRLOOM_ASSIGN(const auto envelope, read_signature(version->signature));
    HEIRLOOM_TRY(register_version(registry_, signers_, *version, envelope, actor));
  } else {
    HEIRLOOM_TRY(register_snapshot(registry_, std::get<config::InboxSnapshot>(request), actor));
  }
  // After the commit: a crash in between takes the file again, which changes nothing.
  std::error_code error;
  std::filesystem::rename(file, state_.accepted() / name, error);
  if (error) return base::fail_errno("move", file.native(), error.value());
  spdlog::info("inbox: took {}", name);
  return {};
}

void Inbox::refuse(const std::filesystem::path& file, const base::Error& error) {
  const std::string name = file.filename().native();
  spdlog::warn("inbox: refused {}: {}", name, error.text());
  const auto reason = state_.refused() / (name + ".reason.txt");
  std::error_code moved;
  if (auto written = base::write_file_atomically(reason, error.text() + "\n"); !written) {
    spdlog::error("inbox: {}", written.error().text());
  }
  std::filesystem::rename(file, state_.refused() / name, moved);
  if (moved) spdlog::error("inbox: cannot move {}: {}", file.native(), moved.message());
}

void Inbox::sweep_refused() {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(state_.accepted(), error)) {
    files.push_back(entry.path());
  }
  for (const auto& file : files) {
    const std::string actor = std::string(kActorPrefix) + file.filename().native();
    if (const auto refused = registry_.catalog.last_registration_by(actor);
        refused && refused->state == "refused" && refused->error) {
      refuse(file, *refused->error);
    }
  }
}

}  // namespace heirloom::daemon
