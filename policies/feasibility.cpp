#include "policies/feasibility.h"

#include <cmath>

#include <fmt/format.h>

#include "core/stats/binomial.h"
#include "core/stats/bounded_mean.h"
#include "core/stats/certified_accuracy.h"
#include "core/stats/paired.h"

namespace heirloom::policies {
namespace {

constexpr double kPower = 0.9;
constexpr std::int64_t kMostPairsToSearch = 100000;

constexpr std::uint64_t kMostExamples = 10'000'000;

bool is_relative(const Question& question) {
  return question.threshold.baseline != Baseline::absolute;
}

// Classes are taken to be equally frequent.
std::int64_t examples_per_test(const Question& question, std::uint64_t examples) {
  const auto n = static_cast<std::int64_t>(examples);
  return question.threshold.metric == Metric::per_class_certified_accuracy ? n / question.classes
                                                                           : n;
}

// The share of the examples that must have what the gate asks for.
double share_asked(const Threshold& threshold) {
  return threshold.metric == Metric::pa_quantile ? 1.0 - threshold.quantile : threshold.value;
}

// The largest count in 0 ... most that passes; -1 when none does. `passes` falls with the count.
template <typename Passes>
std::int64_t largest_passing(std::int64_t most, const Passes& passes) {
  std::int64_t low = -1;         // passes
  std::int64_t high = most + 1;  // does not
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (passes(middle) ? low : high) = middle;
  }
  return low;
}

double acr_slack(const Question& question, std::uint64_t examples) {
  // Differences of two radii range twice as wide, and protocols are compared as they are: a
  // relative gate pays no alpha (docs/statistics.md section 2).
  const double range = is_relative(question) ? 2.0 * question.ceiling : question.ceiling;
  const double paid = is_relative(question) ? 0.0 : question.alpha * question.ceiling;
  return stats::mean_slack(examples, 0.0, range, question.level) + paid;
}

bool perfect_acr_passes(const Question& question, std::uint64_t examples) {
  const double slack = acr_slack(question, examples);
  return is_relative(question) ? -slack >= -question.threshold.value
                               : question.ceiling - slack >= question.threshold.value;
}

// Of a model whose `disagreements` with an equal baseline fall evenly, but for bad luck that nine
// in ten do not have.
bool equal_model_passes(const Question& question, std::int64_t disagreements, std::int64_t n) {
  std::int64_t lost = disagreements / 2;
  while (stats::binomial_at_most(lost, disagreements, 0.5) < kPower) ++lost;
  return stats::non_inferiority_p_value(lost, disagreements - lost, n, question.threshold.value,
                                        question.level) <= question.level;
}

}  // namespace

std::optional<double> share_that_passes(const Question& question, std::uint64_t examples) {
  const Metric metric = question.threshold.metric;
  const bool on_a_share = metric != Metric::acr && metric != Metric::training_cost;
  if (!on_a_share || !perfect_model_passes(question, examples)) return std::nullopt;
  const std::int64_t n = examples_per_test(question, examples);
  if (is_relative(question)) {
    if (n > kMostPairsToSearch) return std::nullopt;
    const std::int64_t most = largest_passing(
        n, [&](std::int64_t pairs) { return equal_model_passes(question, pairs, n); });
    return static_cast<double>(most) / static_cast<double>(n);
  }
  const double asked = share_asked(question.threshold);
  if (metric == Metric::abstain_rate) {
    const std::int64_t most = largest_passing(n, [&](std::int64_t count) {
      return stats::share_at_most_p_value(count, n, asked) <= question.level;
    });
    return stats::clopper_pearson_lower(most + 1, n, 1.0 - kPower);  // P(Bin(n, p) <= most) = .9
  }
  // All classes at once.
  const double power = metric == Metric::per_class_certified_accuracy
                           ? std::pow(kPower, 1.0 / static_cast<double>(question.classes))
                           : kPower;
  const std::int64_t needed =
      stats::smallest_passing_count(n, asked, question.level, question.alpha);
  return stats::clopper_pearson_upper(needed - 1, n, 1.0 - power);  // P(Bin(n, p) >= needed)
}

bool perfect_model_passes(const Question& question, std::uint64_t examples) {
  const std::int64_t n = examples_per_test(question, examples);
  if (n < 1 || !(question.level > 0.0)) return false;
  if (question.threshold.metric == Metric::training_cost) return true;
  const double value = share_asked(question.threshold);
  if (question.threshold.metric == Metric::acr) return perfect_acr_passes(question, examples);
  if (is_relative(question)) {
    return stats::non_inferiority_p_value(0, 0, n, value, question.level) <= question.level;
  }
  if (question.threshold.metric == Metric::abstain_rate) {
    return stats::share_at_most_p_value(0, n, value) <= question.level;
  }
  return stats::certified_share_p_value(n, n, value, question.alpha) <= question.level;
}

std::optional<std::uint64_t> examples_needed(const Question& question) {
  std::uint64_t high = 1;
  while (!perfect_model_passes(question, high)) {
    if (high >= kMostExamples) return std::nullopt;
    high *= 2;
  }
  std::uint64_t low = high / 2;  // does not pass
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (perfect_model_passes(question, middle) ? high : low) = middle;
  }
  return high;
}

namespace {

// " (9 times in 10 with 0.9780)": what a model must have for more than luck.
std::string nine_in_ten(const Question& question, std::uint64_t examples) {
  const auto share = share_that_passes(question, examples);
  return share ? fmt::format(" (9 times in 10 with {:.4f})", *share) : std::string();
}

}  // namespace

std::string passing_text(const Question& question, std::uint64_t examples) {
  const std::int64_t n = examples_per_test(question, examples);
  const double value = share_asked(question.threshold);
  if (question.threshold.metric == Metric::training_cost) return "whatever the level";
  if (!perfect_model_passes(question, examples)) return "never";
  if (question.threshold.metric == Metric::acr) {
    return fmt::format("if observed at least {:.4f} above, more with spread",
                       acr_slack(question, examples));
  }
  if (is_relative(question)) {
    // The search below would take minutes there, and the answer is of no use to anyone.
    if (n > kMostPairsToSearch) return "for an equal model";
    const std::int64_t pairs = largest_passing(n / 2, [&](std::int64_t each) {
      return stats::non_inferiority_p_value(each, each, n, value, question.level) <= question.level;
    });
    return fmt::format("for an equal model while the two disagree on up to {} of {}{}", 2 * pairs,
                       n, nine_in_ten(question, examples));
  }
  if (question.threshold.metric == Metric::abstain_rate) {
    const std::int64_t most = largest_passing(n, [&](std::int64_t count) {
      return stats::share_at_most_p_value(count, n, value) <= question.level;
    });
    return fmt::format("up to {} of {}{}", most, n, nine_in_ten(question, examples));
  }
  const bool per_class = question.threshold.metric == Metric::per_class_certified_accuracy;
  const std::string where = per_class ? " in every class"
                            : question.threshold.metric == Metric::pa_quantile
                                ? fmt::format(" with pA >= {}", question.threshold.value)
                                : std::string();
  return fmt::format("from {} of {}{}{}",
                     stats::smallest_passing_count(n, value, question.level, question.alpha), n,
                     where, nine_in_ten(question, examples));
}

}  // namespace heirloom::policies
