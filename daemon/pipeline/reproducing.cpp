#include "daemon/pipeline/reproducing.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/files.h"
#include "registry/json_text.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

constexpr std::uint64_t kMaxCountsBytes = std::uint64_t{1} << 30;

registry::EventDraft event_about(registry::Registry& registry,
                                 const registry::GenerationRow& generation, std::string actor,
                                 std::string kind) {
  registry::EventDraft event;
  event.actor = std::move(actor);
  event.kind = std::move(kind);
  event.model = registry.models.get(generation.model_id)->spec.name;
  event.generation = generation.number;
  return event;
}

// Closes the job with what was found; `difference` is empty when the counts are the same.
void record(registry::Registry& registry, const registry::JobRow& job, std::string_view state,
            const std::string& difference) {
  const auto generation = registry.generations.get(*job.generation_id);
  registry::Transaction transaction(registry.db);
  registry::EventDraft event =
      event_about(registry, *generation, "heirloomd", "certificate.reproduced");
  event.payload = registry::json_text(
      {{"job", job.id}, {"state", std::string(state)}, {"difference", difference}});
  registry.generations.close_job(transaction, job.id, state == "failed" ? "failed" : "done");
  registry.audit.append(transaction, event);
  transaction.commit();
}

// "line 17: stored ..., again ...": lines are examples.
std::string first_difference(std::string_view stored, std::string_view again) {
  for (std::size_t line = 1; !stored.empty() || !again.empty(); ++line) {
    const auto take = [](std::string_view& text) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view out = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      return out;
    };
    const std::string_view was = take(stored);
    const std::string_view is = take(again);
    if (was != is) {
      return fmt::format("line {} of the counts is \"{:.200}\" as stored, \"{:.200}\" again", line,
                         was, is);
    }
  }
  return "";
}

}  // namespace

base::Result<std::int64_t> open_reproduction(registry::Registry& registry,
                                             const registry::GenerationRow& generation,
                                             const std::string& actor) {
  if (!registry.evidence.verdict_of(generation.id)) {
    return base::fail(ErrorKind::not_found,
                      fmt::format("{} has no verdict yet", generation.label()));
  }
  for (const registry::JobRow& job : registry.generations.open_jobs()) {
    if (job.kind == kReproduceJob && job.generation_id == generation.id) return job.id;
  }
  registry::Transaction transaction(registry.db);
  registry::JobRow job;
  job.kind = kReproduceJob;
  job.generation_id = generation.id;
  job.subject_id = generation.id;
  const std::int64_t id = registry.generations.add_job(transaction, job, registry.now());
  registry::EventDraft event =
      event_about(registry, generation, actor, "certificate.reproduction_asked");
  event.payload = registry::json_text({{"job", id}});
  registry.audit.append(transaction, event);
  transaction.commit();
  return id;
}

base::Result<registry::CertificateRow> reproduced_certificate(registry::Registry& registry,
                                                              const registry::JobRow& job) {
  const auto verdict = registry.evidence.verdict_of(job.generation_id.value_or(0));
  auto row = verdict ? registry.evidence.certificate_row(verdict->certificate_id) : std::nullopt;
  if (!row) return base::fail(ErrorKind::internal, "there is no certificate to make again");
  HEIRLOOM_TRY(registry.audit.check_row("certificates", row->id));
  HEIRLOOM_TRY(registry.audit.check_row("commitments", row->commitment_id));
  return *std::move(row);
}

base::Result<void> finish_reproduction(registry::Registry& registry, const registry::JobRow& job,
                                       const jobs::JobResult& result,
                                       const std::filesystem::path& output) {
  const auto* certified = std::get_if<jobs::Certified>(&*result.outcome);
  if (certified == nullptr) {
    return base::fail(ErrorKind::internal,
                      "the worker answered a certification with something else");
  }
  HEIRLOOM_ASSIGN(const auto row, reproduced_certificate(registry, job));
  HEIRLOOM_ASSIGN(const std::string stored, registry.artifacts.get(row.counts));
  HEIRLOOM_ASSIGN(const std::string again,
                  base::read_verified(output / certified->counts.name, kMaxCountsBytes,
                                      certified->counts.sha256));
  const std::string difference = first_difference(stored, again);
  record(registry, job, difference.empty() ? "same" : "different", difference);
  return {};
}

void fail_reproduction(registry::Registry& registry, const registry::JobRow& job,
                       const base::Error& error) {
  record(registry, job, "failed", error.text());
}

}  // namespace heirloom::daemon
