// What a policy is: how to bootstrap, transfer and certify a model, and what its generations must
// show to be promoted. Pure data; config/ reads it from YAML, registry/ stores it as rows.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/certificate/certificate.h"
#include "core/jobs/job.h"
#include "core/jobs/model_spec.h"
#include "core/stats/ledger.h"
#include "policies/drift.h"

namespace heirloom::policies {

// Stored by these names in the thresholds table: never renamed.
enum class Metric {
  certified_accuracy,            // share certified at `radius`
  clean_accuracy,                // the same at radius 0
  per_class_certified_accuracy,  // the worst class's share certified at `radius`
  acr,                           // average certified radius
  abstain_rate,
  pa_quantile,    // the `quantile` of the bounds pA of the true class; 0 where it is not certified
  training_cost,  // seconds of the generation's own training
};
inline constexpr std::array kMetrics = {Metric::certified_accuracy,
                                        Metric::clean_accuracy,
                                        Metric::per_class_certified_accuracy,
                                        Metric::acr,
                                        Metric::abstain_rate,
                                        Metric::pa_quantile,
                                        Metric::training_cost};
std::string_view to_string(Metric metric);
base::Result<Metric> parse_metric(std::string_view text);
// Whether the metric is measured at a radius of the threshold's own.
bool has_radius(Metric metric);

enum class Comparison { at_least, at_most };
Comparison comparison_of(Metric metric);
// Whether its gates may be measured from the champion or the root.
bool may_be_relative(Metric metric);
std::string_view to_string(Comparison comparison);
base::Result<Comparison> parse_comparison(std::string_view text);

// What the value is measured from. champion and root thresholds are `baseline - value`.
enum class Baseline {
  absolute,
  champion,  // the promoted generation at the moment of judging
  root,      // the model's first promoted generation: the brake on creep
};
std::string_view to_string(Baseline baseline);
base::Result<Baseline> parse_baseline(std::string_view text);

// One line of `promote:`, and one row of the thresholds table.
struct Threshold {
  std::int64_t id = 0;  // its row; 0 while not stored
  Metric metric = Metric::certified_accuracy;
  double radius = 0.0;  // certified_accuracy and per_class_certified_accuracy only
  Comparison comparison = Comparison::at_least;
  Baseline baseline = Baseline::absolute;
  // Absolute: the threshold. Else the margin (> 0) below the baseline, or above it for at_most.
  double value = 0.0;
  bool dry_run = false;   // judged and shown, without a say in the verdict
  double quantile = 0.0;  // pa_quantile only, in (0, 1)

  // Where the metric is measured, as the row keeps it: the radius, or the quantile.
  double point() const;
  void set_point(double point);

  // "certified_accuracy at 0.50 at least champion - 0.02"
  std::string text() const;
  friend bool operator==(const Threshold&, const Threshold&) = default;
};

// Whether one of them is relative to it.
bool measures_from(const std::vector<Threshold>& thresholds, Baseline baseline);

struct CertifySettings {
  std::uint64_t examples = 0;  // how many of the holdout; 0: all
  std::uint64_t n0 = 100;
  std::uint64_t n = 100000;
  double alpha = 0.001;
  certificate::Mode mode = certificate::Mode::exact;
  double tolerance = 0.01;                            // adaptive: of the radius
  bool grid = false;                                  // noise on the grid of 1/255
  jobs::Precision precision = jobs::Precision::fp32;  // of the artifact that is certified
  // How many certified examples are attacked before a promotion; 0: none. `falsify.examples`.
  std::uint64_t falsify_examples = 0;
};

struct BootstrapSettings {
  jobs::TrainMethod method;  // any but transfer
  jobs::TrainSettings settings;
  // Of a teacher that is trained first, and taught from, when another one is registered.
  std::optional<jobs::ArchSpec> architecture;
};

struct TransferSettings {
  double alpha = 1.0;
  jobs::MatchOn match_on = jobs::MatchOn::logits;
  jobs::TrainSettings settings;
};

// What is done by the clock; absent: never.
struct Schedule {
  std::optional<std::chrono::seconds> retrain;    // since the model's last generation began
  std::optional<std::chrono::seconds> recertify;  // since the champion's certification ran last
};

// Who turns a pass into a promotion: the daemon, or a person.
enum class Approval { automatic, manual };
std::string_view to_string(Approval approval);
base::Result<Approval> parse_approval(std::string_view text);

struct Policy {
  jobs::ModelSpec model;
  BootstrapSettings bootstrap;
  TransferSettings transfer;
  CertifySettings certify;
  std::vector<Threshold> promote;  // in the order written; not empty
  double confidence = 0.95;
  stats::LedgerTerms holdout;
  bool sealed = false;  // figures of a live holdout stay hidden until an audited unsealing
  Approval approval = Approval::automatic;
  std::optional<DriftSettings> drift;  // absent: new snapshots are not tested
  Schedule schedule;
};

// The level at which every gate is judged for candidate number `candidate` (from 1) after
// `promotions`: min(1 - confidence, the ledger's level). 0 when the holdout is exhausted.
double gate_level(double confidence, const stats::LedgerTerms& holdout, std::int64_t candidate,
                  std::int64_t promotions);

// The protocol that these settings and gates ask for, but for what only a generation knows
// (kernel, batch, precision, holdout, examples). In gate mode its radii are 0 and those of all
// thresholds, and n0 is 0 unless one is about abstaining; a threshold that needs radii themselves
// (ACR, a quantile of pA) makes it exact.
certificate::Protocol protocol_terms(const CertifySettings& certify,
                                     const std::vector<Threshold>& thresholds, double sigma);

// What each binding absolute share gate needs of `examples` at `level`: a certification that puts
// one out of reach can end (core/certificate/curtailment.h).
std::vector<certificate::Floor> floors(const std::vector<Threshold>& thresholds,
                                       std::int64_t examples, double level, double alpha);

}  // namespace heirloom::policies
