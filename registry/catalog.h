// What users registered: versions (architectures) and snapshots (states of the data), each first a
// registration that a worker inspects; and the holdouts that snapshots bring.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/jobs/job.h"
#include "core/jobs/result.h"
#include "registry/audit/covered_rows.h"
#include "registry/db/database.h"

namespace heirloom::registry {

enum class RegistrationKind { version, snapshot };
std::string_view to_string(RegistrationKind kind);

struct RegistrationRow {
  std::int64_t id = 0;
  std::int64_t model_id = 0;
  std::string kind;  // "version" or "snapshot"
  std::string name;
  jobs::Task request;  // InspectVersion or InspectSnapshot
  // Files that must have these bytes (an inbox file says so); others may have any.
  std::map<std::string, base::Digest> expected;
  std::string state;  // "inspecting", "registered" or "refused"
  std::optional<base::Error> error;
  std::string actor;
  std::string created_at;
};

// An artifact that belongs to a version.
struct VersionFile {
  base::Digest sha256;
  std::uint64_t bytes = 0;
};

struct VersionRow {
  std::int64_t id = 0;
  std::int64_t model_id = 0;
  std::string name;
  jobs::ArchSpec arch;
  // The TorchScript module that it is, or safetensors weights that its trainings begin with.
  std::optional<VersionFile> file;
};

struct SnapshotRow {
  std::int64_t id = 0;
  std::int64_t model_id = 0;
  std::string name;
  jobs::DataPart train;
  std::optional<jobs::DataPart> holdout;
  std::optional<std::int64_t> holdout_id;
  base::Digest train_images;                   // artifact: sorted image digests
  std::optional<base::Digest> holdout_images;  // the same
};

struct HoldoutRow {
  std::int64_t id = 0;
  std::int64_t model_id = 0;
  base::Digest digest;  // what the world calls the holdout's id
  std::int64_t examples = 0;
  base::Digest example_digests;  // artifact
  base::Digest key_commitment;
};

class Catalog {
 public:
  explicit Catalog(Database& db) : db_(db) {}

  // Registrations, which move from inspecting to registered or refused.
  // `refused`: it is stored as refused from the first, for that reason.
  std::int64_t add_registration(Transaction& transaction, std::int64_t model_id,
                                RegistrationKind kind, const std::string& name,
                                const jobs::Task& request,
                                const std::map<std::string, base::Digest>& expected,
                                const std::string& actor, const std::string& at,
                                const std::optional<base::Error>& refused = std::nullopt);
  std::optional<RegistrationRow> registration(std::int64_t id);
  // The one of that name that is not refused.
  std::optional<RegistrationRow> live_registration(std::int64_t model_id, RegistrationKind kind,
                                                   std::string_view name);
  // The newest version registration of that name, refused or not.
  std::optional<RegistrationRow> newest_registration(std::int64_t model_id, std::string_view name);
  std::vector<RegistrationRow> inspecting();
  // The newest registration that `actor` asked for.
  std::optional<RegistrationRow> last_registration_by(std::string_view actor);
  // False when the registration was no longer inspecting: then nothing was changed.
  bool refuse(Transaction& transaction, std::int64_t id, const base::Error& error);
  bool mark_registered(Transaction& transaction, std::int64_t id);

  std::int64_t add_version(Transaction& transaction, const RegistrationRow& registration,
                           const jobs::InspectVersion& request, const jobs::VersionInspected& found,
                           const std::string& at, std::vector<RowRange>& rows);
  std::optional<VersionRow> version(std::int64_t id);
  std::optional<VersionRow> version_named(std::int64_t model_id, std::string_view name);

  // A holdout of these examples, new or already known to the model. A new one gets `noise_key`.
  std::int64_t ensure_holdout(Transaction& transaction, std::int64_t model_id,
                              const jobs::SnapshotInspected& found, const base::Digest& noise_key,
                              const std::string& at, std::vector<RowRange>& rows);
  void add_overlap(Transaction& transaction, std::int64_t holdout_id, std::int64_t older_id,
                   std::vector<RowRange>& rows);
  std::optional<HoldoutRow> holdout(std::int64_t id);
  std::vector<HoldoutRow> holdouts(std::int64_t model_id);
  // The secret, checked against its public commitment.
  base::Result<base::Digest> noise_key(std::int64_t holdout_id);
  // `holdout_id` and every holdout it shares examples with, however indirectly.
  std::vector<std::int64_t> holdout_family(std::int64_t holdout_id);

  std::int64_t add_snapshot(Transaction& transaction, const RegistrationRow& registration,
                            const jobs::SnapshotInspected& found,
                            std::optional<std::int64_t> holdout_id, const std::string& at,
                            std::vector<RowRange>& rows);
  std::optional<SnapshotRow> snapshot(std::int64_t id);
  std::string snapshot_name(std::int64_t id);
  std::vector<SnapshotRow> snapshots(std::int64_t model_id);
  // The newest snapshot that brought this holdout.
  std::optional<SnapshotRow> snapshot_with_holdout(std::int64_t holdout_id);
  std::optional<SnapshotRow> latest_snapshot(std::int64_t model_id);
  // The newest snapshot of the model that has a holdout.
  std::optional<SnapshotRow> latest_holdout_snapshot(std::int64_t model_id);

  // Versions that have no generation yet, in the order they were registered.
  std::vector<VersionRow> versions_without_generation(std::int64_t model_id);

 private:
  Database& db_;
  // By model: every version up to this id has a generation, which it never loses.
  std::unordered_map<std::int64_t, std::int64_t> settled_versions_;
};

}  // namespace heirloom::registry
