#include "registry/drifts.h"

#include <fmt/format.h>

namespace heirloom::registry {
namespace {

constexpr const char* kCheckColumns =
    "c.id, c.model_id, c.snapshot_id, c.champion_id, c.policy_id, c.reference_id, "
    "c.reference_key, c.job_id, c.plan, c.created_at";
constexpr const char* kReportColumns =
    "r.id, r.check_id, r.band, r.alarm, r.error, r.report, r.outputs, r.reference_outputs, "
    "r.samples, r.seconds, r.created_at";
constexpr int kCheckWidth = 10;

DriftCheckRow read_check(const Query& row) {
  DriftCheckRow check;
  check.id = row.integer(0);
  check.model_id = row.integer(1);
  check.snapshot_id = row.integer(2);
  check.champion_id = row.integer(3);
  check.policy_id = row.integer(4);
  check.reference_id = row.integer(5);
  check.reference_key = row.digest(6);
  check.job_id = row.optional_integer(7);
  check.plan = row.text(8);
  check.created_at = row.text(9);
  return check;
}

DriftReportRow read_report(const Query& row, int at) {
  DriftReportRow report;
  report.id = row.integer(at);
  report.check_id = row.integer(at + 1);
  report.band = row.optional_text(at + 2);
  report.alarm = row.integer(at + 3) != 0;
  report.error = row.optional_text(at + 4);
  report.report = row.text(at + 5);
  report.outputs = row.optional_digest(at + 6);
  report.reference_outputs = row.optional_digest(at + 7);
  report.samples = row.integer(at + 8);
  report.seconds = row.real(at + 9);
  report.created_at = row.text(at + 10);
  return report;
}

std::optional<DriftCheckRow> first_check(Query row) {
  return row.step() ? std::optional(read_check(row)) : std::nullopt;
}

std::optional<TestedDrift> first_tested(Query row) {
  if (!row.step()) return std::nullopt;
  return TestedDrift{read_check(row), read_report(row, kCheckWidth)};
}

std::string checks(const char* rest) {
  return fmt::format("SELECT {} FROM drift_checks c {}", kCheckColumns, rest);
}

std::string tested(const char* rest) {
  return fmt::format(
      "SELECT {}, {} FROM drift_checks c JOIN drift_reports r ON r.check_id = c.id {} "
      "ORDER BY c.id DESC LIMIT 1",
      kCheckColumns, kReportColumns, rest);
}

}  // namespace

std::int64_t Drifts::add_check(Transaction& transaction, const DriftCheckRow& row,
                               std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO drift_checks (model_id, snapshot_id, champion_id, policy_id, reference_id, "
      "reference_key, job_id, plan, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.model_id, row.snapshot_id, row.champion_id, row.policy_id, row.reference_id,
      row.reference_key, row.job_id, row.plan, row.created_at);
  rows.push_back({"drift_checks", id, id});
  return id;
}

std::optional<DriftCheckRow> Drifts::check(std::int64_t id) {
  return first_check(db_.query(checks("WHERE c.id = ?").c_str(), id));
}

std::optional<DriftCheckRow> Drifts::check_of_job(std::int64_t job_id) {
  return first_check(db_.query(checks("WHERE c.job_id = ?").c_str(), job_id));
}

std::optional<DriftCheckRow> Drifts::newest_check(std::int64_t model_id) {
  return first_check(
      db_.query(checks("WHERE c.model_id = ? ORDER BY c.id DESC LIMIT 1").c_str(), model_id));
}

std::vector<DriftCheckRow> Drifts::list(std::int64_t model_id, std::int64_t after,
                                        std::int64_t limit) {
  Query row = db_.query(checks("WHERE c.model_id = ? AND c.id > ? ORDER BY c.id LIMIT ?").c_str(),
                        model_id, after, limit);
  std::vector<DriftCheckRow> out;
  while (row.step()) out.push_back(read_check(row));
  return out;
}

bool Drifts::planned(std::int64_t snapshot_id, std::int64_t champion_id) {
  return db_
      .query("SELECT 1 FROM drift_checks WHERE snapshot_id = ? AND champion_id = ? LIMIT 1",
             snapshot_id, champion_id)
      .step();
}

std::int64_t Drifts::add_report(Transaction& transaction, const DriftReportRow& row,
                                std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO drift_reports (check_id, band, alarm, error, report, outputs, "
      "reference_outputs, samples, seconds, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.check_id, row.band, row.alarm, row.error, row.report, row.outputs, row.reference_outputs,
      row.samples, row.seconds, row.created_at);
  rows.push_back({"drift_reports", id, id});
  return id;
}

std::optional<DriftReportRow> Drifts::report_of(std::int64_t check_id) {
  Query row = db_.query(
      fmt::format("SELECT {} FROM drift_reports r WHERE r.check_id = ?", kReportColumns).c_str(),
      check_id);
  return row.step() ? std::optional(read_report(row, 0)) : std::nullopt;
}

std::optional<TestedDrift> Drifts::newest(std::int64_t model_id) {
  return first_tested(
      db_.query(tested("WHERE c.model_id = ? AND r.band IS NOT NULL").c_str(), model_id));
}

std::optional<TestedDrift> Drifts::newest_with(const base::Digest& reference_key) {
  return first_tested(
      db_.query(tested("WHERE c.reference_key = ? AND r.band IS NOT NULL").c_str(), reference_key));
}

std::optional<base::Digest> Drifts::reference_outputs(const base::Digest& reference_key) {
  const auto found = first_tested(
      db_.query(tested("WHERE c.reference_key = ? AND r.reference_outputs IS NOT NULL").c_str(),
                reference_key));
  return found ? found->report.reference_outputs : std::nullopt;
}

std::optional<TestedDrift> Drifts::standing_alarm(std::int64_t model_id, std::int64_t champion_id) {
  return first_tested(
      db_.query(tested("WHERE c.model_id = ? AND c.champion_id = ? AND r.alarm = 1 AND NOT EXISTS "
                       "(SELECT 1 FROM drift_acknowledgements a WHERE a.report_id = r.id)")
                    .c_str(),
                model_id, champion_id));
}

std::int64_t Drifts::acknowledge(Transaction& transaction, std::int64_t report_id,
                                 const DriftAcknowledgement& row, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO drift_acknowledgements (report_id, actor, reason, created_at) "
      "VALUES (?, ?, ?, ?)",
      report_id, row.actor, row.reason, row.created_at);
  rows.push_back({"drift_acknowledgements", id, id});
  return id;
}

std::optional<DriftAcknowledgement> Drifts::acknowledgement(std::int64_t report_id) {
  Query row =
      db_.query("SELECT actor, reason, created_at FROM drift_acknowledgements WHERE report_id = ?",
                report_id);
  if (!row.step()) return std::nullopt;
  return DriftAcknowledgement{row.text(0), row.text(1), row.text(2)};
}

}  // namespace heirloom::registry
