#include "core/certificate/stopping.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "core/stats/binomial.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {
namespace {

using base::ErrorKind;
using stats::Decision;

// Level of giving up on a claim early: costs power, never soundness.
constexpr double kRejectAlpha = 0.01;

// Phi(r / sigma), rounded up.
double needed_probability(double radius, double sigma) {
  return stats::normal_cdf(radius / sigma) * (1.0 + 4.0 * std::numeric_limits<double>::epsilon());
}

// Adaptive mode looks 10 % apart: each look there costs two root searches.
std::vector<std::uint32_t> thinned(const std::vector<std::uint32_t>& looks) {
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t look : looks) {
    if (kept.empty() || look == looks.back() || look >= kept.back() + kept.back() / 10) {
      kept.push_back(look);
    }
  }
  return kept;
}

base::Result<void> refuse(const ExampleCounts& row, std::string_view why) {
  return base::fail(ErrorKind::bad_data, fmt::format("example {}: {}", row.index, why));
}

base::Result<void> check_counts(const ExampleCounts& row, const char* name,
                                const std::vector<std::uint32_t>& counts, std::int64_t classes,
                                std::uint64_t draws) {
  if (static_cast<std::int64_t>(counts.size()) != classes) {
    return refuse(row,
                  fmt::format("{} has {} classes instead of {}", name, counts.size(), classes));
  }
  const std::uint64_t sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (sum > draws) {
    return refuse(row, fmt::format("{} counts {} draws, more than its {}", name, sum, draws));
  }
  return {};
}

}  // namespace

std::int32_t selected_class(const std::vector<std::uint32_t>& votes) {
  // max_element gives the first of equals.
  return votes.empty() ? -1
                       : static_cast<std::int32_t>(std::max_element(votes.begin(), votes.end()) -
                                                   votes.begin());
}

base::Result<StoppingRule> StoppingRule::create(const Protocol& protocol, std::int64_t classes) {
  HEIRLOOM_TRY(check_protocol(protocol, classes));
  return StoppingRule(protocol, classes);
}

StoppingRule::StoppingRule(const Protocol& protocol, std::int64_t classes)
    : protocol_(protocol), classes_(classes) {
  const std::vector<std::uint32_t> schedule = stats::look_schedule(protocol.n);
  switch (protocol.mode) {
    case Mode::exact:
      looks_ = {schedule.back()};
      break;
    case Mode::adaptive:
      looks_ = thinned(schedule);
      break;
    case Mode::gate:
      looks_ = schedule;
      for (const double radius : protocol.radii) {
        tests_.emplace_back(needed_probability(radius, protocol.sigma), protocol.alpha,
                            kRejectAlpha, looks_);
      }
      if (protocol.n0 > 0) tests_.emplace_back(0.5, protocol.alpha, kRejectAlpha, looks_);
      break;
  }
}

std::int32_t StoppingRule::questioned(std::size_t question, const ExampleCounts& row) const {
  const bool about_label = protocol_.mode == Mode::gate && question < protocol_.radii.size();
  return about_label ? row.label : selected_class(row.select);
}

bool StoppingRule::settle(std::size_t look, ExampleCounts& row) const {
  switch (protocol_.mode) {
    case Mode::exact:
      return look + 1 == looks_.size();
    case Mode::gate:
      return settle_gate(look, row);
    case Mode::adaptive:
      return settle_adaptive(look, row);
  }
  return true;
}

bool StoppingRule::settle_gate(std::size_t look, ExampleCounts& row) const {
  row.stops.resize(tests_.size());
  bool all = true;
  bool chain_broken = false;  // a smaller radius is not certified: the larger ones are settled too
  for (std::size_t question = 0; question < tests_.size(); ++question) {
    Stop& stop = row.stops[question];
    const bool about_label = question < protocol_.radii.size();
    if (stop.draws == 0) {
      const std::uint32_t hits = row.estimate[static_cast<std::size_t>(questioned(question, row))];
      const Decision decision = tests_[question].at(look, hits);
      if (decision != Decision::undecided || (about_label && chain_broken)) {
        stop = {looks_[look], hits};
      } else {
        all = false;
      }
    }
    if (about_label && stop.draws != 0 && decided(question, stop) != Decision::above) {
      chain_broken = true;
    }
  }
  return all;
}

double StoppingRule::adaptive_lower(const Stop& stop) const {
  const double half = protocol_.alpha / 2.0;
  const double anytime = stats::anytime_lower(stop.hits, stop.draws, half);
  if (stop.draws != looks_.back()) return anytime;
  return std::max(anytime, stats::clopper_pearson_lower(stop.hits, stop.draws, half));
}

bool StoppingRule::known_well(const Stop& now) const {
  const double upper = stats::anytime_upper(now.hits, now.draws, kRejectAlpha);
  if (upper < 0.5) return true;
  const double ceiling = radius_ceiling(protocol_);
  const double most =
      upper < 1.0 ? std::min(ceiling, protocol_.sigma * stats::normal_quantile(upper)) : ceiling;
  const auto width = [&](double p) { return most - stats::certified_radius(protocol_.sigma, p); };
  // The observed share lies above its lower bound: a cheap way to see that it is too early.
  const double share = static_cast<double>(now.hits) / static_cast<double>(now.draws);
  if (share < 0.5 || (share < 1.0 && width(share) > protocol_.tolerance)) return false;
  const double lower = adaptive_lower(now);
  return lower >= 0.5 && width(lower) <= protocol_.tolerance;
}

bool StoppingRule::settle_adaptive(std::size_t look, ExampleCounts& row) const {
  const Stop now{looks_[look], row.estimate[static_cast<std::size_t>(questioned(0, row))]};
  const bool settled = look + 1 == looks_.size() || known_well(now);
  if (settled) row.stops = {now};
  return settled;
}

std::size_t StoppingRule::look_of(const Stop& stop) const {
  const auto found = std::lower_bound(looks_.begin(), looks_.end(), stop.draws);
  return found == looks_.end() || *found != stop.draws
             ? looks_.size()
             : static_cast<std::size_t>(found - looks_.begin());
}

Decision StoppingRule::decided(std::size_t question, const Stop& stop) const {
  return tests_[question].at(look_of(stop), stop.hits);
}

base::Result<void> StoppingRule::check_stops(const ExampleCounts& row) const {
  const std::size_t questions = protocol_.mode == Mode::exact      ? 0
                                : protocol_.mode == Mode::adaptive ? 1
                                                                   : tests_.size();
  if (row.stops.size() != questions) {
    return refuse(row, fmt::format("{} stops instead of {}", row.stops.size(), questions));
  }
  for (std::size_t question = 0; question < questions; ++question) {
    const Stop& stop = row.stops[question];
    const std::uint32_t counted = row.estimate[static_cast<std::size_t>(questioned(question, row))];
    const bool possible =
        look_of(stop) < looks_.size() && stop.hits <= stop.draws && stop.hits <= counted;
    if (!possible) {
      return refuse(row, fmt::format("{} hits in {} draws is no look of this protocol", stop.hits,
                                     stop.draws));
    }
  }
  return {};
}

base::Result<void> StoppingRule::check(const ExampleCounts& row) const {
  if (row.label < 0 || row.label >= classes_) {
    return refuse(row, fmt::format("label {} is none of {} classes", row.label, classes_));
  }
  if (protocol_.n0 == 0) {
    if (!row.select.empty()) return refuse(row, "selection draws where the protocol has none");
  } else {
    HEIRLOOM_TRY(check_counts(row, "select", row.select, classes_, protocol_.n0));
  }
  std::uint64_t draws = protocol_.n;
  if (!row.stops.empty()) {
    draws = std::max_element(row.stops.begin(), row.stops.end(), [](const Stop& a, const Stop& b) {
              return a.draws < b.draws;
            })->draws;
  }
  HEIRLOOM_TRY(check_counts(row, "estimate", row.estimate, classes_, draws));
  return check_stops(row);
}

base::Result<CertifiedExample> StoppingRule::conclude(const ExampleCounts& row) const {
  HEIRLOOM_TRY(check(row));
  switch (protocol_.mode) {
    case Mode::exact:
      return conclude_exact(row);
    case Mode::gate:
      return conclude_gate(row);
    case Mode::adaptive:
      return conclude_adaptive(row);
  }
  return base::fail(ErrorKind::internal, "a mode that is none");
}

CertifiedExample StoppingRule::conclude_exact(const ExampleCounts& row) const {
  const std::int32_t selected = selected_class(row.select);
  CertifiedExample example{.index = row.index, .label = row.label};
  example.n_a = row.estimate[static_cast<std::size_t>(selected)];
  example.draws = protocol_.n;
  // A draw that was tied, and so belongs to no class, is a failure: the bound is over all n.
  example.p_lower =
      stats::clopper_pearson_lower(static_cast<std::int64_t>(example.n_a),
                                   static_cast<std::int64_t>(protocol_.n), protocol_.alpha);
  if (example.p_lower >= 0.5) {
    example.predicted = selected;
    example.radius = stats::certified_radius(protocol_.sigma, example.p_lower);
  }
  return example;
}

CertifiedExample StoppingRule::conclude_gate(const ExampleCounts& row) const {
  CertifiedExample example{.index = row.index, .label = row.label};
  example.n_a = row.stops.front().hits;
  example.draws = row.stops.front().draws;
  for (std::size_t question = 0; question < protocol_.radii.size(); ++question) {
    const Stop& stop = row.stops[question];
    if (decided(question, stop) != Decision::above) break;
    example.predicted = row.label;
    example.radius = protocol_.radii[question];
    example.p_lower = stats::normal_cdf(example.radius / protocol_.sigma);
    example.n_a = stop.hits;
    example.draws = stop.draws;
  }
  if (example.predicted == kAbstain && protocol_.n0 > 0) {
    const Stop& stop = row.stops.back();
    if (decided(protocol_.radii.size(), stop) == Decision::above) {
      example.predicted = selected_class(row.select);
      example.p_lower = 0.5;
      example.n_a = stop.hits;
      example.draws = stop.draws;
    }
  }
  return example;
}

CertifiedExample StoppingRule::conclude_adaptive(const ExampleCounts& row) const {
  CertifiedExample example{.index = row.index, .label = row.label};
  example.n_a = row.stops.front().hits;
  example.draws = row.stops.front().draws;
  example.p_lower = adaptive_lower(row.stops.front());
  if (example.p_lower >= 0.5) {
    example.predicted = selected_class(row.select);
    example.radius = stats::certified_radius(protocol_.sigma, example.p_lower);
  }
  return example;
}

}  // namespace heirloom::certificate
