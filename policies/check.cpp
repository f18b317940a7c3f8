#include "policies/check.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/stats/smoothing.h"
#include "policies/check_drift.h"
#include "policies/feasibility.h"
#include "policies/gates.h"

namespace heirloom::policies {
namespace {

using Severity = Finding::Severity;

class Checker {
 public:
  Checker(const Policy& policy, std::uint64_t holdout_size, double samples_per_second)
      : policy_(policy),
        examples_(policy.certify.examples),
        samples_per_second_(samples_per_second) {
    protocol_ = protocol_terms(policy.certify, policy.promote, policy.model.sigma);
    ceiling_ = certificate::radius_ceiling(protocol_);
    first_level_ = gate_level(policy.confidence, policy.holdout, 1, 0);
    const std::int64_t last_promotions =
        std::min(policy.holdout.promotions, policy.holdout.candidates - 1);
    last_level_ =
        gate_level(policy.confidence, policy.holdout, policy.holdout.candidates, last_promotions);
    if (examples_ == 0) examples_ = holdout_size;
    if (holdout_size > 0 && examples_ > holdout_size) {
      add(Severity::warning, fmt::format("certify.examples is {}, but the holdout has {} examples",
                                         examples_, holdout_size));
      examples_ = holdout_size;
    }
  }

  std::vector<Finding> run() {
    check_settings();
    if (has_error(findings_)) return std::move(findings_);
    for (const Threshold& threshold : policy_.promote) check_gate(threshold);
    check_gates_together();
    note_cost();
    if (policy_.drift) check_drift(*policy_.drift, policy_, examples_, findings_);
    return std::move(findings_);
  }

 private:
  void add(Severity severity, std::string text) {
    findings_.push_back({severity, std::move(text)});
  }

  // Without these nothing below means anything.
  void check_settings() {
    const CertifySettings& certify = policy_.certify;
    if (!(policy_.model.sigma > 0.0) || !std::isfinite(policy_.model.sigma) ||
        policy_.model.classes < 2) {
      add(Severity::error, "sigma must be positive, and there must be two classes or more");
    }
    if (!(certify.alpha > 0.0 && certify.alpha < 0.5) || certify.n < 1 || certify.n0 < 1) {
      add(Severity::error, fmt::format("no certificate follows from n0 {}, n {}, alpha {}",
                                       certify.n0, certify.n, certify.alpha));
    }
    if (!(policy_.confidence > 0.0 && policy_.confidence < 1.0)) {
      add(Severity::error, "confidence must lie between 0 and 1");
    } else if (!(first_level_ > 0.0)) {
      add(Severity::error, fmt::format("the holdout's ledger allows no candidate: candidates {}, "
                                       "promotions {}, risk {}",
                                       policy_.holdout.candidates, policy_.holdout.promotions,
                                       policy_.holdout.risk));
    }
    if (policy_.promote.empty()) add(Severity::error, "there is no gate to judge by");
    for (const Threshold& threshold : policy_.promote) {
      const auto judged = check_threshold(threshold);
      if (!judged.has_value()) add(Severity::error, judged.error().text());
    }
  }

  Question question(const Threshold& threshold, double level) const {
    return {threshold, level, policy_.certify.alpha, ceiling_, policy_.model.classes};
  }

  void check_gate(const Threshold& threshold) {
    if (!check_radius(threshold) || !check_pa(threshold)) return;
    // Dry runs have no say: what they ask for may wait for more examples.
    const Severity severity = threshold.dry_run ? Severity::warning : Severity::error;
    const auto needed = examples_needed(question(threshold, first_level_));
    if (!needed) {
      add(severity, fmt::format("{}: no model can meet this, whatever the number of examples",
                                threshold.text()));
      return;
    }
    if (examples_ == 0) {
      add(Severity::note, fmt::format("{}: needs {} examples or more, with which only a perfect "
                                      "model passes",
                                      threshold.text(), *needed));
      return;
    }
    if (examples_ < *needed) {
      add(severity, fmt::format("{}: even a perfect model fails with {} examples at the first "
                                "level, {:.2g}; it takes {}",
                                threshold.text(), examples_, first_level_, *needed));
      return;
    }
    if (!perfect_model_passes(question(threshold, last_level_), examples_)) {
      add(Severity::warning,
          fmt::format("{}: even a perfect model fails with {} examples at the ledger's last level, "
                      "{:.2g}",
                      threshold.text(), examples_, last_level_));
    }
    add(Severity::note,
        fmt::format("{}: passes {} at the first level ({:.2g}); at the last ({:.2g}) {}",
                    threshold.text(), passing_text(question(threshold, first_level_), examples_),
                    first_level_, last_level_,
                    passing_text(question(threshold, last_level_), examples_)));
  }

  // Of n unanimous draws: exact mode has all of it, the others split it.
  double deciding_alpha() const {
    return protocol_.mode == certificate::Mode::exact ? protocol_.alpha : protocol_.alpha / 2.0;
  }
  // Draws until unanimity, alpha^(1/n), exceeds a probability.
  double draws_beyond(double probability) const {
    return std::ceil(std::log(deciding_alpha()) / std::log(probability)) + 1.0;
  }

  bool check_pa(const Threshold& threshold) {
    if (threshold.metric != Metric::pa_quantile) return true;
    const double most = std::pow(deciding_alpha(), 1.0 / static_cast<double>(protocol_.n));
    if (threshold.value < most) return true;
    add(Severity::error,
        fmt::format("{}: {} draws at alpha {} bound pA by {:.6f} at most; n must be {:.0f} or more",
                    threshold.text(), policy_.certify.n, policy_.certify.alpha,
                    std::floor(most * 1e6) / 1e6, draws_beyond(threshold.value)));
    return false;
  }

  bool check_radius(const Threshold& threshold) {
    if (!has_radius(threshold.metric) || threshold.radius < ceiling_) return true;
    const double draws = draws_beyond(stats::normal_cdf(threshold.radius / policy_.model.sigma));
    const std::string advice = std::isfinite(draws) && draws < 1e9
                                   ? fmt::format("n must be {:.0f} or more for this radius", draws)
                                   : std::string("choose a smaller radius or a larger sigma");
    add(Severity::error,
        fmt::format("{}: {} draws at alpha {} and sigma {} certify no radius above {:.3f}; {}",
                    threshold.text(), policy_.certify.n, policy_.certify.alpha, policy_.model.sigma,
                    std::floor(ceiling_ * 1e3) / 1e3, advice));
    return false;
  }

  void check_gates_together() {
    const auto binds = [](const Threshold& threshold) { return !threshold.dry_run; };
    const auto stands_alone = [](const Threshold& threshold) {
      return !threshold.dry_run && threshold.baseline == Baseline::absolute;
    };
    const auto& gates = policy_.promote;
    if (std::none_of(gates.begin(), gates.end(), binds)) {
      add(Severity::error, "every gate is a dry run: nothing could ever be promoted");
    } else if (std::none_of(gates.begin(), gates.end(), stands_alone)) {
      add(Severity::warning,
          "every gate is relative: the first generation has nothing to compare with and is held");
    }
  }

  void note_cost() {
    if (protocol_.mode != policy_.certify.mode) {
      add(Severity::note, "a gate on the ACR or on pA needs radii themselves: the mode is exact");
    }
    const std::uint64_t n0 = protocol_.n0;
    const std::uint64_t n = protocol_.n;
    const bool exact = protocol_.mode == certificate::Mode::exact;
    const std::string each = fmt::format("{}{} + {}", exact ? "" : "at most ", n0, n);
    if (examples_ == 0) {
      add(Severity::note, fmt::format("a certification draws {} samples an example", each));
      return;
    }
    const auto samples = examples_ * (n0 + n);
    const double minutes = static_cast<double>(samples) / samples_per_second_ / 60.0;
    add(Severity::note,
        fmt::format(
            "a certification draws {}{} samples: {} examples, {} each; {}{} at {:.0f} "
            "samples/s",
            exact ? "" : "at most ", samples, examples_, each, exact ? "" : "at most ",
            minutes < 1.0 ? std::string("under a minute") : fmt::format("{:.0f} min", minutes),
            samples_per_second_));
  }

  const Policy& policy_;
  std::uint64_t examples_;  // 0 while unknown
  double samples_per_second_;
  certificate::Protocol protocol_;
  double ceiling_ = 0.0;
  double first_level_ = 0.0;
  double last_level_ = 0.0;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check(const Policy& policy, std::uint64_t examples,
                           double samples_per_second) {
  return Checker(policy, examples, samples_per_second).run();
}

bool has_error(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.severity == Finding::Severity::error;
  });
}

}  // namespace heirloom::policies
