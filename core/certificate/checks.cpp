#include "core/certificate/checks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "core/stats/binomial.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {
namespace {

// A bound or radius may have been printed with six decimals; nothing is claimed by the seventh.
constexpr double kPrinted = 1e-6;

tl::unexpected<base::Error> bad(std::string message) {
  return base::fail(base::ErrorKind::bad_data, std::move(message));
}

double to_three_digits(double value) {
  return std::stod(fmt::format("{:.3g}", value));
}

}  // namespace

base::Result<void> check_example(const CertifiedExample& example) {
  if (example.label < 0) return bad("label is negative");
  if (example.predicted < kAbstain) return bad("predict is neither a class nor -1");
  if (!(example.radius >= 0.0) || !std::isfinite(example.radius)) {
    return bad("radius is negative or not finite");
  }
  if (example.predicted == kAbstain && example.radius > 0.0) {
    return bad("an abstention has a radius");
  }
  if (!(example.p_lower >= 0.0 && example.p_lower <= 1.0)) return bad("p_lower is not within 0..1");
  return {};
}

base::Result<void> check_sampling(const Protocol& protocol) {
  constexpr std::uint64_t kMaxDraws = std::numeric_limits<std::uint32_t>::max();
  if (protocol.n0 > kMaxDraws) return bad(fmt::format("n0 is above {}", kMaxDraws));
  if (protocol.n < 1 || protocol.n > kMaxDraws) {
    return bad(fmt::format("n is not within 1..{}", kMaxDraws));
  }
  if (!(protocol.alpha > 0.0 && protocol.alpha < 0.5)) return bad("alpha is not within 0..0.5");
  if (!(protocol.sigma > 0.0) || !std::isfinite(protocol.sigma))
    return bad("sigma is not positive");
  return {};
}

base::Result<void> check_has_counts(const Log& log) {
  if (log.form != Form::paper && log.protocol) return {};
  return base::fail(base::ErrorKind::usage,
                    "a log of radii alone has no counts (n_a, n0, n, alpha) to write",
                    "it can become a locuslab TSV or a curve");
}

Limits::Limits(const Protocol& protocol, bool three_digits)
    : protocol_(protocol),
      largest_radius_(radius_ceiling(protocol) + kPrinted) {
  if (three_digits) largest_radius_ = std::max(largest_radius_, to_three_digits(largest_radius_));
}

base::Result<void> Limits::check_radius(const CertifiedExample& example) const {
  if (example.radius <= largest_radius_) return {};
  return bad(
      fmt::format("radius {} is above {:.4g}, the most that sigma {}, {} draws and alpha {} "
                  "allow",
                  example.radius, largest_radius_, protocol_.sigma, protocol_.n, protocol_.alpha));
}

base::Result<void> Limits::check_claims(const CertifiedExample& example) const {
  if (example.draws > protocol_.n) return bad("draws is larger than n");
  if (example.n_a > (example.draws > 0 ? example.draws : protocol_.n)) {
    return bad(example.draws > 0 ? "n_a is larger than draws" : "n_a is larger than n");
  }
  HEIRLOOM_TRY(check_radius(example));
  return protocol_.mode == Mode::exact ? check_exact(example) : base::Result<void>{};
}

base::Result<void> Limits::check_exact(const CertifiedExample& example) const {
  // p_lower is at most the Clopper-Pearson bound iff the tail of n_a there is at most alpha.
  const double claimed = example.p_lower - kPrinted;
  const bool follows =
      claimed <= 0.0 ||
      stats::binomial_at_least(static_cast<std::int64_t>(example.n_a),
                               static_cast<std::int64_t>(protocol_.n), claimed) <= protocol_.alpha;
  if (!follows) {
    return bad(fmt::format("p_lower {} is more than {} of {} draws prove at alpha {}",
                           example.p_lower, example.n_a, protocol_.n, protocol_.alpha));
  }
  if (example.predicted == kAbstain) return {};
  if (!(example.p_lower >= 0.5 && example.p_lower < 1.0)) {
    return bad(
        fmt::format("a class is predicted, but p_lower {} is not within 0.5..1", example.p_lower));
  }
  const double largest = protocol_.sigma * stats::normal_quantile(example.p_lower);
  if (example.radius > largest + kPrinted * (1.0 + protocol_.sigma)) {
    return bad(fmt::format("radius {} is above {:.6f}, which sigma {} and p_lower {} give",
                           example.radius, largest, protocol_.sigma, example.p_lower));
  }
  return {};
}

}  // namespace heirloom::certificate
