// What becomes of an inspected registration: a version, a snapshot, or a refusal.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/pipeline/stages.h"
#include "daemon/pipeline/transitions.h"
#include "registry/json_text.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

std::vector<base::Digest> split_digests(std::string_view bytes) {
  std::vector<base::Digest> out(bytes.size() / sizeof(base::Digest));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(base::Digest));
  std::sort(out.begin(), out.end());
  return out;
}

// Whether two sorted lists have a digest in common.
bool meet(const std::vector<base::Digest>& a, const std::vector<base::Digest>& b) {
  std::vector<base::Digest> shared;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(shared));
  return !shared.empty();
}

base::Result<std::vector<base::Digest>> import_digests(registry::Registry& registry,
                                                       const std::filesystem::path& output,
                                                       const jobs::OutputFile& file) {
  HEIRLOOM_ASSIGN(
      const std::string bytes,
      base::read_verified(output / file.name, registry::ArtifactStore::kMaxBytes, file.sha256));
  HEIRLOOM_TRY(registry.artifacts.put(bytes));
  return split_digests(bytes);
}

base::Result<void> refuse_meeting(registry::Registry& registry,
                                  const std::vector<base::Digest>& images, std::string_view part,
                                  const base::Digest& theirs, std::string_view what) {
  HEIRLOOM_ASSIGN(const std::string bytes, registry.artifacts.get(theirs));
  if (!meet(images, split_digests(bytes))) return {};
  return base::fail(ErrorKind::bad_data,
                    fmt::format("the {} part has an image of the {}", part, what),
                    "what a model is judged on must never have been trained on, by itself or by "
                    "its teachers: leave it out of one of them");
}

// No holdout of a model may meet any train part of it, in this or another snapshot: a teacher hands
// down what it was trained on.
base::Result<void> check_leaks(registry::Registry& registry, std::int64_t model_id,
                               const jobs::SnapshotInspected& found,
                               const std::filesystem::path& output) {
  HEIRLOOM_ASSIGN(const auto train, import_digests(registry, output, found.train_images));
  std::vector<base::Digest> holdout;
  if (found.has_holdout) {
    HEIRLOOM_ASSIGN(holdout, import_digests(registry, output, found.holdout_images));
  }
  for (const registry::SnapshotRow& other : registry.catalog.snapshots(model_id)) {
    if (other.holdout_images) {
      HEIRLOOM_TRY(refuse_meeting(registry, train, "train", *other.holdout_images,
                                  "holdout of snapshot " + other.name));
    }
    if (found.has_holdout) {
      HEIRLOOM_TRY(refuse_meeting(registry, holdout, "holdout", other.train_images,
                                  "train part of snapshot " + other.name));
    }
  }
  return {};
}

// Takes the example digests of a new holdout into the store, after checking that they are what the
// holdout's id says.
base::Result<std::vector<base::Digest>> import_example_digests(
    registry::Registry& registry, const jobs::SnapshotInspected& found,
    const std::filesystem::path& output) {
  const auto file = output / found.example_digests.name;
  HEIRLOOM_ASSIGN(
      const std::string bytes,
      base::read_verified(file, registry::ArtifactStore::kMaxBytes, found.example_digests.sha256));
  std::vector<base::Digest> digests = split_digests(bytes);
  if (digests.size() != found.holdout.examples || jobs::holdout_id(digests) != found.holdout_id) {
    return base::fail(ErrorKind::bad_data,
                      "the worker's example digests do not give the holdout id it reported");
  }
  HEIRLOOM_TRY(registry.artifacts.put(bytes));
  return digests;
}

// Older holdouts of the model that share an example with the new one.
base::Result<std::vector<std::int64_t>> overlapping(registry::Registry& registry,
                                                    std::int64_t model_id,
                                                    const jobs::SnapshotInspected& found,
                                                    const std::vector<base::Digest>& digests) {
  std::vector<std::int64_t> out;
  for (const registry::HoldoutRow& older : registry.catalog.holdouts(model_id)) {
    if (older.digest == found.holdout_id) {
      if (older.example_digests == found.example_digests.sha256) continue;
      return base::fail(ErrorKind::bad_data,
                        fmt::format("holdout {:.12} is known, with its examples in another order",
                                    older.digest.hex()),
                        "give its files as they were when it was first registered");
    }
    HEIRLOOM_ASSIGN(const std::string bytes, registry.artifacts.get(older.example_digests));
    const std::vector<base::Digest> theirs = split_digests(bytes);
    if (meet(digests, theirs)) out.push_back(older.id);
  }
  return out;
}

// What can be expected of a snapshot by its hash: its files, or the manifests of its folders.
std::vector<jobs::FileRef> pinned_files(const jobs::SnapshotInspected& found) {
  std::vector<jobs::FileRef> files;
  for (const jobs::DataPart& part : {found.train, found.holdout}) {
    files.insert(files.end(), part.files.begin(), part.files.end());
    if (!part.folder) continue;
    const jobs::FileRef& manifest = part.folder->manifest;
    files.push_back({part.folder->path, manifest.sha256, manifest.bytes});
  }
  return files;
}

base::Result<void> check_expected(const registry::RegistrationRow& registration,
                                  const std::vector<jobs::FileRef>& files) {
  if (registration.expected.empty()) return {};
  for (const jobs::FileRef& file : files) {
    if (registration.expected.contains(file.path)) continue;
    return base::fail(ErrorKind::bad_data, fmt::format("no SHA-256 is given for {}", file.path));
  }
  for (const auto& [path, digest] : registration.expected) {
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&](const jobs::FileRef& ref) { return ref.path == path; });
    if (file == files.end()) {
      return base::fail(ErrorKind::bad_data,
                        fmt::format("a SHA-256 is given for {}, which is no file of the {}", path,
                                    registration.kind));
    }
    if (file->sha256 != digest) {
      return base::fail(ErrorKind::bad_data,
                        fmt::format("{} has SHA-256 {}, the inbox file says {}", path,
                                    file->sha256.hex(), digest.hex()),
                        "the file was damaged on its way, or changed since");
    }
  }
  return {};
}

// A label keeps its meaning over all snapshots of a model: the teacher has learnt it.
base::Result<void> check_class_names(registry::Registry& registry, std::int64_t model_id,
                                     const jobs::SnapshotInspected& found) {
  if (!found.train.folder) return {};
  for (const registry::SnapshotRow& other : registry.catalog.snapshots(model_id)) {
    if (!other.train.folder || other.train.folder->classes == found.train.folder->classes) continue;
    return base::fail(
        ErrorKind::bad_data,
        fmt::format("the classes are {}, but those of snapshot {} are {}",
                    jobs::in_words(found.train.folder->classes), other.name,
                    jobs::in_words(other.train.folder->classes)),
        "a class keeps its name and place in a model: rename the folders, or register "
        "other classes with another model");
  }
  return {};
}

base::Result<void> import_manifests(registry::Registry& registry,
                                    const jobs::SnapshotInspected& found,
                                    const std::filesystem::path& output) {
  const auto import = [&](const jobs::DataPart& part, std::string_view name) -> base::Result<void> {
    if (!part.folder) return {};
    return registry.artifacts.import(output / name, part.folder->manifest.sha256);
  };
  HEIRLOOM_TRY(import(found.train, jobs::kTrainManifestOutput));
  return import(found.holdout, jobs::kHoldoutManifestOutput);
}

registry::EventDraft registration_event(registry::Registry& registry,
                                        const registry::RegistrationRow& registration,
                                        std::string_view what) {
  registry::EventDraft event;
  event.actor = registration.actor;
  event.kind = fmt::format("{}.{}", registration.kind, what);
  if (const auto model = registry.models.get(registration.model_id)) {
    event.model = model->spec.name;
  }
  event.payload =
      registry::json_text({{"registration", registration.id}, {"name", registration.name}});
  return event;
}

base::Result<void> register_version(registry::Registry& registry, const Signers& signers,
                                    const registry::JobRow& job,
                                    const registry::RegistrationRow& registration,
                                    const jobs::VersionInspected& found,
                                    const std::filesystem::path& output) {
  const auto* request = std::get_if<jobs::InspectVersion>(&registration.request);
  if (request == nullptr) return base::fail(ErrorKind::internal, "a version asked for as data");
  if (request->file.empty() == found.file.has_value()) {
    return base::fail(ErrorKind::internal, "the worker looked at another file than that asked for");
  }
  HEIRLOOM_TRY(check_still_signed(registry, signers, registration));
  if (request->sha256 && found.file->sha256 != *request->sha256) {
    return base::fail(ErrorKind::bad_data, "the worker opened another file than was signed");
  }
  if (found.file) {
    const jobs::FileRef file{request->file, found.file->sha256, found.file->bytes};
    HEIRLOOM_TRY(check_expected(registration, {file}));
    HEIRLOOM_TRY(registry.artifacts.import(output / found.file->name, found.file->sha256));
  }
  registry::Transaction transaction(registry.db);
  if (!registry.catalog.mark_registered(transaction, registration.id)) return {};
  registry::EventDraft event = registration_event(registry, registration, "registered");
  if (const auto signature = registry.signatures.of_registration(registration.id)) {
    event.payload = registry::json_text({{"registration", registration.id},
                                         {"name", registration.name},
                                         {"signed_by", signature->key_id}});
  }
  registry.catalog.add_version(transaction, registration, *request, found, registry.now(),
                               event.rows);
  registry.generations.close_job(transaction, job.id, "done");
  registry.audit.append(transaction, event);
  transaction.commit();
  return {};
}

base::Result<void> register_snapshot(registry::Registry& registry, const registry::JobRow& job,
                                     const registry::RegistrationRow& registration,
                                     const jobs::SnapshotInspected& found,
                                     const std::filesystem::path& output) {
  HEIRLOOM_TRY(check_expected(registration, pinned_files(found)));
  HEIRLOOM_TRY(check_class_names(registry, registration.model_id, found));
  HEIRLOOM_TRY(import_manifests(registry, found, output));
  HEIRLOOM_TRY(check_leaks(registry, registration.model_id, found, output));
  std::vector<std::int64_t> shared;
  if (found.has_holdout) {
    HEIRLOOM_ASSIGN(const auto digests, import_example_digests(registry, found, output));
    HEIRLOOM_ASSIGN(shared, overlapping(registry, registration.model_id, found, digests));
    std::vector<std::int64_t> known = shared;
    for (const registry::HoldoutRow& holdout : registry.catalog.holdouts(registration.model_id)) {
      if (holdout.digest == found.holdout_id) known.push_back(holdout.id);
    }
    HEIRLOOM_TRY(check_not_opened(registry, registration.model_id, known));
  }
  registry::Transaction transaction(registry.db);
  if (!registry.catalog.mark_registered(transaction, registration.id)) return {};
  registry::EventDraft event = registration_event(registry, registration, "registered");
  std::optional<std::int64_t> holdout_id;
  if (found.has_holdout) {
    holdout_id = registry.catalog.ensure_holdout(transaction, registration.model_id, found,
                                                 base::random_digest(), registry.now(), event.rows);
    const bool is_new = !event.rows.empty();
    for (const std::int64_t older : shared) {
      if (is_new) registry.catalog.add_overlap(transaction, *holdout_id, older, event.rows);
    }
  }
  registry.catalog.add_snapshot(transaction, registration, found, holdout_id, registry.now(),
                                event.rows);
  registry.generations.close_job(transaction, job.id, "done");
  registry.audit.append(transaction, event);
  transaction.commit();
  return {};
}

}  // namespace

base::Result<void> may_inspect(registry::Registry& registry, const Signers& signers,
                               const registry::JobRow& job) {
  const auto registration = registry.catalog.registration(job.registration_id.value_or(0));
  return registration ? check_still_signed(registry, signers, *registration) : base::Result<void>();
}

base::Result<void> finish_inspection(registry::Registry& registry, const Signers& signers,
                                     const registry::JobRow& job, const jobs::JobResult& result,
                                     const std::filesystem::path& output) {
  const auto registration = registry.catalog.registration(job.registration_id.value_or(0));
  if (!registration) return base::fail(ErrorKind::internal, "the registration is gone");
  if (const auto* version = std::get_if<jobs::VersionInspected>(&*result.outcome)) {
    return register_version(registry, signers, job, *registration, *version, output);
  }
  if (const auto* snapshot = std::get_if<jobs::SnapshotInspected>(&*result.outcome)) {
    return register_snapshot(registry, job, *registration, *snapshot, output);
  }
  return base::fail(ErrorKind::internal, "the worker answered an inspection with something else");
}

void refuse_registration(registry::Registry& registry, std::int64_t registration_id,
                         std::int64_t job_id, const base::Error& error) {
  const auto registration = registry.catalog.registration(registration_id);
  if (!registration) return;
  registry::Transaction transaction(registry.db);
  registry.generations.close_job(transaction, job_id, "failed");
  if (registry.catalog.refuse(transaction, registration_id, error)) {
    registry::EventDraft event = registration_event(registry, *registration, "refused");
    event.payload = registry::json_text({{"registration", registration->id},
                                         {"name", registration->name},
                                         {"error", error.text()}});
    registry.audit.append(transaction, event);
  }
  transaction.commit();
}

}  // namespace heirloom::daemon
