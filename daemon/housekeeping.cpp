#include "daemon/housekeeping.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "core/base/names.h"
#include "daemon/pipeline/champion_folder.h"
#include "registry/json_text.h"

namespace heirloom::daemon {
namespace {

using registry::Litter;
using Time = std::filesystem::file_time_type;

std::uint64_t size_of(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) {
    return std::filesystem::file_size(path, ignored);
  }
  std::uint64_t out = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path, ignored)) {
    if (entry.is_regular_file(ignored)) out += entry.file_size(ignored);
  }
  return out;
}

std::vector<std::filesystem::path> children(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool is_old(const std::filesystem::path& path, Time before) {
  std::error_code error;
  const Time written = std::filesystem::last_write_time(path, error);
  return !error && written < before;
}

// Folders of jobs that are not open: a failed one is left for whoever looks into it.
void add_job_folders(registry::Registry& registry, const StateFolder& state, Time before,
                     std::vector<Litter>& out) {
  std::set<std::string> open;
  for (const auto& job : registry.generations.open_jobs()) open.insert(std::to_string(job.id));
  for (const auto& folder : children(state.jobs())) {
    const std::string name = folder.filename().native();
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    const bool is_id = error == std::errc() && end == name.data() + name.size();
    if (!is_id || open.contains(name) || !is_old(folder, before)) continue;
    out.push_back({folder, size_of(folder)});
  }
}

// models/NAME/gN of a generation that is not champion: a rollback makes it again.
void add_published_copies(registry::Registry& registry, const StateFolder& state, Time before,
                          std::vector<Litter>& out) {
  for (const registry::ModelRow& model : registry.models.all()) {
    const auto champion = registry.evidence.champion(model.id);
    if (!champion) continue;
    const std::string current = registry.generations.get(champion->generation_id)->label();
    const auto link = champion_path(state, model.spec.name);
    std::error_code ignored;
    const std::string linked = std::filesystem::read_symlink(link, ignored).native();
    for (const auto& folder : children(link.parent_path())) {
      const std::string name = folder.filename().native();
      const bool copy = base::parse_generation(name).has_value();
      if (!copy || name == current || name == linked || !is_old(folder, before)) continue;
      out.push_back({folder, size_of(folder)});
    }
  }
}

}  // namespace

base::Result<std::vector<Litter>> clean(registry::Registry& registry, const StateFolder& state,
                                        const Cleaning& cleaning, const std::string& actor) {
  const Time before = Time::clock::now() - cleaning.older_than;
  HEIRLOOM_ASSIGN(std::vector<Litter> found,
                  registry::find_litter(registry.db, registry.artifacts, before));
  add_job_folders(registry, state, before, found);
  add_published_copies(registry, state, before, found);
  if (cleaning.dry_run || found.empty()) return found;

  std::uint64_t bytes = 0;
  for (const Litter& item : found) {
    std::error_code error;
    std::filesystem::remove_all(item.path, error);
    if (error) return base::fail_errno("remove", item.path.native(), error.value());
    bytes += item.bytes;
  }
  registry::Transaction transaction(registry.db);
  registry::EventDraft event;
  event.actor = actor;
  event.kind = "gc.done";
  event.payload = registry::json_text({{"removed", found.size()},
                                       {"bytes", bytes},
                                       {"older_than_seconds", cleaning.older_than.count()}});
  registry.audit.append(transaction, event);
  transaction.commit();
  return found;
}

}  // namespace heirloom::daemon
