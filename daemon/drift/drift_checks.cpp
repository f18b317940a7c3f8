#include "daemon/drift/drift_checks.h"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "config/policy_yaml.h"
#include "daemon/commands.h"
#include "daemon/pipeline/sealing.h"
#include "registry/json_text.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using policies::Band;
using registry::DriftCheckRow;
using registry::DriftReportRow;
using Json = nlohmann::json;

// No figures: what was measured on a sealed holdout must not stand in the chain.
registry::EventDraft event_about(registry::Registry& registry, const DriftCheckRow& check,
                                 std::string kind, Json payload) {
  registry::EventDraft event;
  event.actor = "heirloomd";
  event.kind = std::move(kind);
  event.model = registry.models.get(check.model_id)->spec.name;
  payload["snapshot"] = registry.catalog.snapshot_name(check.snapshot_id);
  payload["champion"] = registry.generations.get(check.champion_id)->label();
  event.payload = registry::json_text(payload);
  return event;
}

// Newer than the champion's own, older than the one that is tested, and never tested.
std::vector<std::string> passed_over(registry::Registry& registry, const DriftDue& due) {
  std::vector<std::string> names;
  for (const registry::SnapshotRow& snapshot : registry.catalog.snapshots(due.model.id)) {
    if (snapshot.id <= due.champion.snapshot_id || snapshot.id >= due.snapshot.id) continue;
    if (!registry.drifts.planned(snapshot.id, due.champion.id)) names.push_back(snapshot.name);
  }
  return names;
}

Json line_json(const policies::DriftLine& line) {
  return {{"test", jobs::to_string(line.test)},
          {"band", policies::to_string(line.band)},
          {"statistic", line.statistic},
          {"p_value", line.p_value ? Json(*line.p_value) : Json()},
          {"limit", line.limit},
          {"effect", line.effect},
          {"least_effect", line.least_effect},
          {"output", line.output >= 0 ? Json(line.output) : Json()},
          {"text", line.text()}};
}

Json coverage_json(const jobs::Coverage& coverage) {
  return {{"examples", coverage.examples},
          {"certified", coverage.certified},
          {"right", coverage.right}};
}

std::string report_json(const jobs::Drifted& found, const policies::DriftAssessment& assessment) {
  Json lines = Json::array();
  for (const policies::DriftLine& line : assessment.lines) lines.push_back(line_json(line));
  return registry::json_text(
      {{"summary", assessment.summary},
       {"tests", std::move(lines)},
       {"fresh", found.fresh},
       {"labels", found.labels},
       {"reference", coverage_json(found.reference)},
       {"batch", coverage_json(found.batch)},
       {"stability", found.stability},
       {"sums", {{"coverage", assessment.sums.coverage}, {"accuracy", assessment.sums.accuracy}}}});
}

// The sums of the last report on the same reference.
policies::DriftSums sums_before(registry::Registry& registry, const base::Digest& reference_key) {
  const auto before = registry.drifts.newest_with(reference_key);
  policies::DriftSums sums;
  if (!before) return sums;
  const Json stored = Json::parse(before->report.report).at("sums");
  sums.coverage = stored.at("coverage").get<stats::ShiryaevRoberts::Sums>();
  sums.accuracy = stored.at("accuracy").get<stats::ShiryaevRoberts::Sums>();
  return sums;
}

base::Result<policies::DriftSettings> settings_of(const registry::PolicyRow& policy) {
  HEIRLOOM_ASSIGN(policies::Policy read, config::policy_from_yaml(policy.text, "stored policy"));
  if (!read.drift) return base::fail(ErrorKind::internal, "a drift test without `drift:`");
  return *std::move(read.drift);
}

base::Result<std::optional<base::Digest>> take_output(registry::Registry& registry,
                                                      const std::optional<jobs::OutputFile>& file,
                                                      const std::filesystem::path& output) {
  if (!file) return std::optional<base::Digest>();
  HEIRLOOM_TRY(registry.artifacts.import(output / file->name, file->sha256));
  return std::optional(file->sha256);
}

}  // namespace

void open_drift_check(registry::Registry& registry, const DriftDue& due) {
  DriftCheckRow check;
  check.model_id = due.model.id;
  check.snapshot_id = due.snapshot.id;
  check.champion_id = due.champion.id;
  check.policy_id = due.policy.id;
  check.reference_id = due.champion.snapshot_id;
  check.created_at = registry.now();
  DriftPlan plan;
  const auto planned = [&]() -> base::Result<void> {
    HEIRLOOM_ASSIGN(const DriftReference reference, drift_reference(registry, due.champion));
    check.reference_id = reference.snapshot.id;
    HEIRLOOM_ASSIGN(plan, plan_drift(due.settings, reference, due.since_last));
    HEIRLOOM_ASSIGN(const DriftDraws draws, drift_draws(registry, reference, plan));
    check.reference_key = draws.reference_key;
    return {};
  }();
  plan.passed_over = passed_over(registry, due);
  check.plan = to_json(plan);

  registry::Transaction transaction(registry.db);
  std::vector<registry::RowRange> rows;
  if (planned) {
    registry::JobRow job;
    job.kind = kDriftJob;
    job.generation_id = due.champion.id;
    check.job_id = registry.generations.add_job(transaction, job, registry.now());
  }
  const std::int64_t id = registry.drifts.add_check(transaction, check, rows);
  Json payload = {{"check", id}, {"passed_over", plan.passed_over}};
  if (!planned) {
    DriftReportRow report;
    report.check_id = id;
    report.error = planned.error().text();
    report.report = "{}";
    report.created_at = registry.now();
    registry.drifts.add_report(transaction, report, rows);
    payload["error"] = *report.error;
    spdlog::warn("{} snapshot {}: {}", due.model.spec.name, due.snapshot.name, *report.error);
  }
  registry::EventDraft event =
      event_about(registry, check, planned ? "drift.planned" : "drift.failed", std::move(payload));
  event.rows = std::move(rows);
  registry.audit.append(transaction, event);
  transaction.commit();
}

base::Result<void> finish_drift(registry::Registry& registry, const registry::JobRow& job,
                                const jobs::JobResult& result,
                                const std::filesystem::path& output) {
  const auto* found = std::get_if<jobs::Drifted>(&*result.outcome);
  const auto check = registry.drifts.check_of_job(job.id);
  if (found == nullptr || !check) {
    return base::fail(ErrorKind::internal, "the worker answered a drift test with something else");
  }
  const auto policy = registry.models.policy(check->policy_id);
  HEIRLOOM_ASSIGN(const policies::DriftSettings settings, settings_of(*policy));
  HEIRLOOM_ASSIGN(const DriftPlan plan, drift_plan_from_json(check->plan));
  const policies::DriftAssessment assessment =
      policies::assess(settings, plan.tests, *found, sums_before(registry, check->reference_key));
  DriftReportRow report;
  HEIRLOOM_ASSIGN(report.outputs, take_output(registry, found->outputs, output));
  HEIRLOOM_ASSIGN(report.reference_outputs,
                  take_output(registry, found->reference_outputs, output));
  report.check_id = check->id;
  report.band = policies::to_string(assessment.band);
  report.alarm = assessment.band == Band::drift &&
                 !registry.drifts.standing_alarm(check->model_id, check->champion_id);
  report.report = report_json(*found, assessment);
  report.samples = static_cast<std::int64_t>(found->samples);
  report.seconds = result.seconds;
  report.created_at = registry.now();

  registry::Transaction transaction(registry.db);
  std::vector<registry::RowRange> rows;
  registry.drifts.add_report(transaction, report, rows);
  registry.generations.close_job(transaction, job.id, "done");
  registry::EventDraft event =
      event_about(registry, *check, "drift.tested",
                  {{"check", check->id}, {"band", *report.band}, {"alarm", report.alarm}});
  event.rows = std::move(rows);
  registry.audit.append(transaction, event);
  transaction.commit();
  spdlog::info("{} snapshot {}: {}", registry.models.get(check->model_id)->spec.name,
               registry.catalog.snapshot_name(check->snapshot_id),
               figures_hidden(registry, *registry.generations.get(check->champion_id))
                   ? *report.band
                   : assessment.summary);
  return {};
}

void fail_drift(registry::Registry& registry, const registry::JobRow& job,
                const base::Error& error) {
  registry::Transaction transaction(registry.db);
  registry.generations.close_job(transaction, job.id, "failed");
  if (const auto check = registry.drifts.check_of_job(job.id)) {
    DriftReportRow report;
    report.check_id = check->id;
    report.error = error.text();
    report.report = "{}";
    report.created_at = registry.now();
    std::vector<registry::RowRange> rows;
    registry.drifts.add_report(transaction, report, rows);
    registry::EventDraft event = event_about(registry, *check, "drift.failed",
                                             {{"check", check->id}, {"error", *report.error}});
    event.rows = std::move(rows);
    registry.audit.append(transaction, event);
  }
  transaction.commit();
}

base::Result<void> acknowledge_drift(registry::Registry& registry, std::string_view model_name,
                                     const std::string& reason, const std::string& actor) {
  HEIRLOOM_ASSIGN(const auto model, find_model(registry, model_name));
  const auto champion = registry.evidence.champion(model.id);
  const auto alarm =
      champion ? registry.drifts.standing_alarm(model.id, champion->generation_id) : std::nullopt;
  if (!alarm) {
    return base::fail(ErrorKind::not_found, fmt::format("no alarm of {} stands", model.spec.name),
                      fmt::format("`heirloom drift list {}` shows the tests", model.spec.name));
  }
  if (reason.empty()) {
    return base::fail(ErrorKind::usage, "an acknowledgement needs a reason", "--reason TEXT");
  }
  registry::Transaction transaction(registry.db);
  registry::EventDraft event = event_about(registry, alarm->check, "drift.acknowledged",
                                           {{"check", alarm->check.id}, {"reason", reason}});
  event.actor = actor;
  registry.drifts.acknowledge(transaction, alarm->report.id, {actor, reason, registry.now()},
                              event.rows);
  registry.audit.append(transaction, event);
  transaction.commit();
  return {};
}

}  // namespace heirloom::daemon
