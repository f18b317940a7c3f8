// Tests of new snapshots for drift: what was planned, what was found, and which alarms stand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.h"
#include "registry/audit/covered_rows.h"
#include "registry/db/database.h"

namespace heirloom::registry {

struct DriftCheckRow {
  std::int64_t id = 0;
  std::int64_t model_id = 0;
  std::int64_t snapshot_id = 0;
  std::int64_t champion_id = 0;
  std::int64_t policy_id = 0;
  std::int64_t reference_id = 0;  // the snapshot whose holdout is the reference
  base::Digest reference_key;     // of all that decides the reference's outputs
  std::optional<std::int64_t> job_id;
  std::string plan;  // JSON
  std::string created_at;
};

struct DriftReportRow {
  std::int64_t id = 0;
  std::int64_t check_id = 0;
  std::optional<std::string> band;  // none, warning or drift; absent: nothing was learned
  bool alarm = false;               // drift, and no alarm stood yet
  std::optional<std::string> error;
  std::string report;  // JSON
  std::optional<base::Digest> outputs;
  std::optional<base::Digest> reference_outputs;
  std::int64_t samples = 0;
  double seconds = 0.0;
  std::string created_at;
};

struct DriftAcknowledgement {
  std::string actor;
  std::string reason;
  std::string created_at;
};

struct TestedDrift {
  DriftCheckRow check;
  DriftReportRow report;
};

class Drifts {
 public:
  explicit Drifts(Database& db) : db_(db) {}

  std::int64_t add_check(Transaction& transaction, const DriftCheckRow& row,
                         std::vector<RowRange>& rows);
  std::optional<DriftCheckRow> check(std::int64_t id);
  std::optional<DriftCheckRow> check_of_job(std::int64_t job_id);
  std::optional<DriftCheckRow> newest_check(std::int64_t model_id);
  // Of the model, ids > after, ascending.
  std::vector<DriftCheckRow> list(std::int64_t model_id, std::int64_t after, std::int64_t limit);
  // Whether a test of that snapshot with that champion was planned.
  bool planned(std::int64_t snapshot_id, std::int64_t champion_id);

  std::int64_t add_report(Transaction& transaction, const DriftReportRow& row,
                          std::vector<RowRange>& rows);
  std::optional<DriftReportRow> report_of(std::int64_t check_id);
  // The model's newest test that something was learned from.
  std::optional<TestedDrift> newest(std::int64_t model_id);
  // The same among those with one reference.
  std::optional<TestedDrift> newest_with(const base::Digest& reference_key);
  std::optional<base::Digest> reference_outputs(const base::Digest& reference_key);
  // The alarm that stands: the newest of that champion, if nobody has acknowledged it.
  std::optional<TestedDrift> standing_alarm(std::int64_t model_id, std::int64_t champion_id);

  std::int64_t acknowledge(Transaction& transaction, std::int64_t report_id,
                           const DriftAcknowledgement& row, std::vector<RowRange>& rows);
  std::optional<DriftAcknowledgement> acknowledgement(std::int64_t report_id);

 private:
  Database& db_;
};

}  // namespace heirloom::registry
