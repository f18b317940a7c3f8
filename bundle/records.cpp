#include "bundle/records.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/audit/covered_tables.h"
#include "core/jobs/result.h"

namespace heirloom::bundle {
namespace {

[[noreturn]] void missing(std::string what) {
  throw std::invalid_argument(std::move(what));
}

template <typename T>
T require(base::Result<T> result) {
  if (!result) missing(result.error().text());
  return *std::move(result);
}

std::vector<std::string> column_names(std::string_view columns) {
  std::vector<std::string> out;
  while (!columns.empty()) {
    const std::size_t end = std::min(columns.find(", "), columns.size());
    out.emplace_back(columns.substr(0, end));
    columns.remove_prefix(std::min(end + 2, columns.size()));
  }
  return out;
}

std::vector<std::uint32_t> indices_of(const std::string& json) {
  return nlohmann::json::parse(json).get<std::vector<std::uint32_t>>();
}

}  // namespace

template <typename T>
const T& Record::get(const std::string& column) const {
  const auto found = values_.find(column);
  const T* value = found == values_.end() ? nullptr : std::get_if<T>(&found->second);
  if (value == nullptr) missing(fmt::format("{}.{} is missing or of another type", table_, column));
  return *value;
}

std::int64_t Record::integer(const std::string& column) const {
  return get<std::int64_t>(column);
}
double Record::real(const std::string& column) const {
  return get<double>(column);
}
std::string Record::text(const std::string& column) const {
  return get<std::string>(column);
}

base::Digest Record::digest(const std::string& column) const {
  const std::string& bytes = get<audit::Blob>(column).bytes;
  base::Digest out;
  if (bytes.size() != out.bytes.size()) missing(fmt::format("{}.{} is no hash", table_, column));
  std::memcpy(out.bytes.data(), bytes.data(), bytes.size());
  return out;
}

bool Record::is_null(const std::string& column) const {
  const auto found = values_.find(column);
  return found != values_.end() && std::holds_alternative<std::monostate>(found->second);
}

Records::Records(const Bundle& bundle) {
  for (const BundleEvent& event : bundle.events) {
    for (const Range& range : event.ranges) {
      if (!range.rows) continue;
      const std::string& name = range.recorded.range.table;
      const audit::CoveredTable* table = audit::find_covered_table(name);
      if (table == nullptr) missing(fmt::format("the chain does not cover a table {}", name));
      const std::vector<std::string> columns = column_names(table->columns);
      for (const audit::Row& row : *range.rows) {
        if (row.size() != columns.size()) missing(fmt::format("a row of {} is incomplete", name));
        std::map<std::string, audit::Value> values;
        for (std::size_t i = 0; i < row.size(); ++i) values[columns[i]] = row[i];
        tables_[name].emplace_back(name, event.event.seq, std::move(values));
      }
    }
  }
}

const std::vector<Record>& Records::table(const std::string& name) const {
  static const std::vector<Record> kNone;
  const auto found = tables_.find(name);
  return found == tables_.end() ? kNone : found->second;
}

const Record* Records::find(const std::string& name, const std::string& column,
                            std::int64_t value) const {
  for (const Record& record : table(name)) {
    if (!record.is_null(column) && record.integer(column) == value) return &record;
  }
  return nullptr;
}

const Record& Records::one(const std::string& name, const std::string& column,
                           std::int64_t value) const {
  const Record* found = find(name, column, value);
  if (found == nullptr)
    missing(fmt::format("the bundle has no {} with {} {}", name, column, value));
  return *found;
}

std::vector<policies::Threshold> thresholds_of(const Records& records, std::int64_t policy_id) {
  std::vector<std::pair<std::int64_t, policies::Threshold>> ranked;
  for (const Record& row : records.table("thresholds")) {
    if (row.integer("policy_id") != policy_id) continue;
    policies::Threshold threshold;
    threshold.id = row.integer("id");
    threshold.metric = require(policies::parse_metric(row.text("metric")));
    threshold.set_point(row.real("radius"));
    threshold.comparison = require(policies::parse_comparison(row.text("comparison")));
    threshold.baseline = require(policies::parse_baseline(row.text("baseline")));
    threshold.value = row.real("value");
    threshold.dry_run = row.integer("dry_run") != 0;
    ranked.emplace_back(row.integer("ordinal"), threshold);
  }
  std::sort(ranked.begin(), ranked.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<policies::Threshold> out;
  for (auto& [ordinal, threshold] : ranked) out.push_back(std::move(threshold));
  return out;
}

policies::CertifySettings certify_settings_of(const Records& records, std::int64_t policy_id) {
  const Record& row = records.one("policies", "id", policy_id);
  policies::CertifySettings out;
  out.examples = static_cast<std::uint64_t>(row.integer("examples"));
  out.n0 = static_cast<std::uint64_t>(row.integer("n0"));
  out.n = static_cast<std::uint64_t>(row.integer("n"));
  out.alpha = row.real("alpha");
  out.mode = require(certificate::parse_mode(row.text("mode")));
  if (const Record* options = records.find("certify_options", "policy_id", policy_id)) {
    out.precision = require(jobs::parse_precision(options->text("precision")));
    out.tolerance = options->real("tolerance");
    out.grid = options->integer("grid") != 0;
    out.falsify_examples = static_cast<std::uint64_t>(options->integer("falsify_examples"));
  }
  return out;
}

PolicyOptions policy_options_of(const Records& records, std::int64_t policy_id) {
  const Record* row = records.find("policy_options", "policy_id", policy_id);
  if (row == nullptr) return {};
  return {require(policies::parse_approval(row->text("approval"))), row->integer("sealed") != 0};
}

std::optional<double> training_seconds_of(const Records& records, std::int64_t generation_id,
                                          std::int64_t before) {
  const Record* last = nullptr;
  for (const Record& row : records.table("trainings")) {
    if (row.integer("generation_id") != generation_id || row.event() > before) continue;
    if (last == nullptr || row.integer("id") > last->integer("id")) last = &row;
  }
  return last == nullptr ? std::nullopt : jobs::training_seconds(last->text("report"));
}

stats::LedgerTerms ledger_terms_of(const Records& records, std::int64_t policy_id) {
  const Record& row = records.one("policies", "id", policy_id);
  return {row.integer("candidates"), row.integer("promotions"), row.real("risk")};
}

certificate::Certificate certificate_of(const Records& records, std::int64_t certificate_id) {
  const Record& row = records.one("certificates", "id", certificate_id);
  const Record& commitment = records.one("commitments", "id", row.integer("commitment_id"));
  certificate::Certificate out;
  out.protocol = require(certificate::Protocol::from_json(commitment.text("protocol")));
  out.model_sha256 = row.digest("model_sha256");
  out.listed = indices_of(commitment.text("examples"));
  for (const Record& example : records.table("certified_examples")) {
    if (example.integer("certificate_id") != certificate_id) continue;
    certificate::CertifiedExample next;
    next.index = static_cast<std::uint32_t>(example.integer("idx"));
    next.label = static_cast<std::int32_t>(example.integer("label"));
    next.predicted = static_cast<std::int32_t>(example.integer("predicted"));
    next.n_a = static_cast<std::uint64_t>(example.integer("n_a"));
    next.p_lower = example.real("p_lower");
    next.radius = example.real("radius");
    out.examples.push_back(next);
  }
  return out;
}

std::optional<certificate::Falsification> falsification_of(const Records& records,
                                                           std::int64_t certificate_id,
                                                           std::uint64_t requested,
                                                           std::int64_t before) {
  std::optional<certificate::Falsification> out;
  for (const Record& row : records.table("falsifications")) {
    if (row.integer("certificate_id") != certificate_id || row.event() > before) continue;
    certificate::Falsification found;
    found.drawn = static_cast<std::uint64_t>(row.integer("drawn"));
    found.attacked = static_cast<std::uint64_t>(row.integer("attacked"));
    found.broken = indices_of(row.text("examples"));
    const bool asked = row.integer("requested") == static_cast<std::int64_t>(requested);
    if (!asked && found.broken.empty()) continue;
    if (!out || found.broken.size() > out->broken.size()) out = std::move(found);
  }
  return out;
}

}  // namespace heirloom::bundle
