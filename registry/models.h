// Models and their policies: what each task is, and under which rules its generations are judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/certificate/certificate.h"
#include "core/jobs/model_spec.h"
#include "policies/policy.h"
#include "registry/audit/covered_rows.h"
#include "registry/db/database.h"

namespace heirloom::registry {

struct ModelRow {
  std::int64_t id = 0;
  jobs::ModelSpec spec;
  std::string created_at;
};

// A policy version as it is stored: what the judge needs stands in columns and threshold rows; the
// text keeps the training settings and is what `policy show` prints.
struct PolicyRow {
  std::int64_t id = 0;
  std::int64_t model_id = 0;
  std::int64_t version = 0;
  std::string text;
  base::Digest text_sha256;
  std::string actor;
  std::string created_at;
  policies::CertifySettings certify;
  double confidence = 0.0;
  stats::LedgerTerms holdout;
  bool sealed = false;
  policies::Approval approval = policies::Approval::automatic;
  std::vector<policies::Threshold> thresholds;  // with their row ids, in the order written
};

// The threshold in the current row's first columns: id, metric, radius, comparison, baseline,
// value, dry_run.
policies::Threshold read_threshold(const Query& row);

class Models {
 public:
  explicit Models(Database& db) : db_(db) {}

  std::vector<ModelRow> all();
  std::optional<ModelRow> find(std::string_view name);
  std::optional<ModelRow> get(std::int64_t id);
  // The new row's range is appended to `rows`, for the event that records it; so below.
  ModelRow create(Transaction& transaction, const jobs::ModelSpec& spec, const std::string& at,
                  std::vector<RowRange>& rows);

  std::optional<PolicyRow> current_policy(std::int64_t model_id);
  std::optional<PolicyRow> policy(std::int64_t policy_id);
  std::optional<PolicyRow> policy_numbered(std::int64_t model_id, std::int64_t version);
  std::int64_t policy_version(std::int64_t policy_id);
  // Stores the next version of the model's policy with one row a threshold. Its id.
  std::int64_t add_policy(Transaction& transaction, std::int64_t model_id,
                          const policies::Policy& policy, std::string_view text,
                          const std::string& actor, const std::string& at,
                          std::vector<RowRange>& rows);

 private:
  Database& db_;
};

}  // namespace heirloom::registry
