#include "policies/feasibility.h"

#include <fmt/format.h>

#include "core/stats/bounded_mean.h"
#include "core/stats/certified_accuracy.h"
#include "core/stats/paired.h"

namespace heirloom::policies {
namespace {

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

}  // namespace

bool perfect_model_passes(const Question& question, std::uint64_t examples) {
  const std::int64_t n = examples_per_test(question, examples);
  if (n < 1 || !(question.level > 0.0)) return false;
  const double value = question.threshold.value;
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

std::string passing_text(const Question& question, std::uint64_t examples) {
  const std::int64_t n = examples_per_test(question, examples);
  const double value = question.threshold.value;
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
    return fmt::format("for an equal model while the two disagree on up to {} of {}", 2 * pairs, n);
  }
  if (question.threshold.metric == Metric::abstain_rate) {
    const std::int64_t most = largest_passing(n, [&](std::int64_t count) {
      return stats::share_at_most_p_value(count, n, value) <= question.level;
    });
    return fmt::format("up to {} of {}", most, n);
  }
  const std::string_view where =
      question.threshold.metric == Metric::per_class_certified_accuracy ? " in every class" : "";
  return fmt::format("from {} of {}{}",
                     stats::smallest_passing_count(n, value, question.level, question.alpha), n,
                     where);
}

}  // namespace heirloom::policies
