// The rows of a bundle by table and column, and what they mean.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle.h"
#include "core/base/result.h"
#include "core/certificate/certificate.h"
#include "core/certificate/falsification.h"
#include "policies/judge.h"
#include "policies/policy.h"

namespace heirloom::bundle {

// Rows are indexed by the columns that the chain covers. What is missing or of another type throws
// std::invalid_argument that says so: verify() turns that into its answer.
class Record {
 public:
  Record(std::string table, std::int64_t event, std::map<std::string, audit::Value> values)
      : table_(std::move(table)), event_(event), values_(std::move(values)) {}

  std::int64_t integer(const std::string& column) const;
  double real(const std::string& column) const;
  std::string text(const std::string& column) const;
  base::Digest digest(const std::string& column) const;
  bool is_null(const std::string& column) const;
  std::int64_t event() const { return event_; }  // that recorded it

 private:
  template <typename T>
  const T& get(const std::string& column) const;

  std::string table_;
  std::int64_t event_;
  std::map<std::string, audit::Value> values_;
};

class Records {
 public:
  explicit Records(const Bundle& bundle);

  const std::vector<Record>& table(const std::string& name) const;
  // The row with that value in an integer column; throws when there is none.
  const Record& one(const std::string& table, const std::string& column, std::int64_t value) const;
  const Record* find(const std::string& table, const std::string& column, std::int64_t value) const;

 private:
  std::map<std::string, std::vector<Record>> tables_;
};

// Of the policy row with this id.
std::vector<policies::Threshold> thresholds_of(const Records& records, std::int64_t policy_id);
policies::CertifySettings certify_settings_of(const Records& records, std::int64_t policy_id);
struct PolicyOptions {
  policies::Approval approval = policies::Approval::automatic;
  bool sealed = false;
};
PolicyOptions policy_options_of(const Records& records, std::int64_t policy_id);
// Of the generation's last training before the event `before`; none where it was not recorded.
std::optional<double> training_seconds_of(const Records& records, std::int64_t generation_id,
                                          std::int64_t before);
stats::LedgerTerms ledger_terms_of(const Records& records, std::int64_t policy_id);
// As it was stored: protocol, list and every example.
certificate::Certificate certificate_of(const Records& records, std::int64_t certificate_id);
// What the attack on it found that stood when `before` (an event) was recorded: one of `requested`
// examples, or any that broke something.
std::optional<certificate::Falsification> falsification_of(const Records& records,
                                                           std::int64_t certificate_id,
                                                           std::uint64_t requested,
                                                           std::int64_t before);

}  // namespace heirloom::bundle
