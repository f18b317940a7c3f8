#include "core/certificate/falsification.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/certificate/fields.h"
#include "core/stats/binomial.h"

namespace heirloom::certificate {
namespace {

using base::ErrorKind;

constexpr std::string_view kHeader = "idx\tclaimed\tepsilon\tdistance\tdraws\tvotes";
// How far below its radius a claim is attacked, as a share of it: at the radius itself a claim may
// be lost to rounding.
constexpr double kInside = 1e-3;
// The chance of rejecting a model whose certificates are as good as alpha says.
constexpr double kRefuted = 0.001;

base::Result<AttackRow> row_from(std::string_view line) {
  const std::vector<std::string_view> fields = split(line, '\t');
  if (fields.size() != 6) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("has {} columns instead of 6", fields.size()));
  }
  AttackRow row;
  HEIRLOOM_ASSIGN(row.target.index, number_from<std::uint32_t>("idx", fields[0]));
  HEIRLOOM_ASSIGN(row.target.claimed, number_from<std::int32_t>("claimed", fields[1]));
  HEIRLOOM_ASSIGN(row.target.epsilon, number_from<double>("epsilon", fields[2]));
  HEIRLOOM_ASSIGN(row.distance, number_from<double>("distance", fields[3]));
  HEIRLOOM_ASSIGN(row.draws, number_from<std::uint32_t>("draws", fields[4]));
  for (const std::string_view item : split(fields[5], ',')) {
    HEIRLOOM_ASSIGN(const std::uint32_t votes, number_from<std::uint32_t>("votes", item));
    row.votes.push_back(votes);
  }
  return row;
}

base::Result<void> check_row(const AttackRow& row, const AttackTarget& target) {
  const auto refuse = [&](std::string_view what) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("the attack on example {} {}", target.index, what));
  };
  if (row.target != target) return refuse("was asked for, but is not the one in its place");
  if (!(row.distance >= 0.0 && row.distance <= target.epsilon)) {
    return refuse(fmt::format("left the ball: {} of {}", row.distance, target.epsilon));
  }
  if (row.draws < kConfirmDraws) return refuse("has too few draws to confirm anything");
  const auto sum = std::accumulate(row.votes.begin(), row.votes.end(), std::uint64_t{0});
  if (target.claimed < 0 || static_cast<std::size_t>(target.claimed) >= row.votes.size() ||
      sum > row.draws) {
    return refuse("has votes that cannot be");
  }
  return {};
}

}  // namespace

AttackPlan plan_attack(const Certificate& certificate, std::span<const std::uint32_t> order,
                       std::uint64_t count) {
  std::map<std::uint32_t, const CertifiedExample*> by_index;
  for (const CertifiedExample& example : certificate.examples) by_index[example.index] = &example;
  AttackPlan plan;
  for (const std::uint32_t index : order) {
    if (plan.targets.size() >= count) break;
    const auto found = by_index.find(index);
    if (found == by_index.end()) continue;
    ++plan.drawn;
    const CertifiedExample& example = *found->second;
    if (!example.correct() || !(example.radius > 0.0)) continue;
    plan.targets.push_back({index, example.predicted, example.radius * (1.0 - kInside)});
  }
  std::sort(plan.targets.begin(), plan.targets.end(),
            [](const AttackTarget& x, const AttackTarget& y) { return x.index < y.index; });
  return plan;
}

std::string attack_to_tsv(std::span<const AttackRow> rows) {
  std::string text = fmt::format("{}\n", kHeader);
  for (const AttackRow& row : rows) {
    text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", row.target.index, row.target.claimed,
                        row.target.epsilon, row.distance, row.draws, fmt::join(row.votes, ","));
  }
  return text;
}

base::Result<std::vector<AttackRow>> attack_from_tsv(std::string_view text,
                                                     std::string_view origin) {
  return rows_from<AttackRow>(text, origin, kHeader, "not the rows of an attack", &row_from);
}

base::Result<Falsification> conclude_attack(const AttackPlan& plan, std::span<const AttackRow> rows,
                                            double alpha) {
  if (rows.size() != plan.targets.size()) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} examples were to be attacked, but there are rows of {}",
                                  plan.targets.size(), rows.size()));
  }
  Falsification out;
  out.drawn = plan.drawn;
  out.attacked = rows.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const AttackRow& row = rows[i];
    HEIRLOOM_TRY(check_row(row, plan.targets[i]));
    const std::uint32_t votes = row.votes[static_cast<std::size_t>(row.target.claimed)];
    const double level = alpha / static_cast<double>(rows.size());
    if (stats::binomial_at_most(votes, row.draws, 0.5) <= level) {
      out.broken.push_back(row.target.index);
    }
  }
  return out;
}

bool refutes_alpha(const Falsification& falsification, double alpha) {
  if (falsification.broken.empty()) return false;
  // A certificate may be wrong with probability alpha, and its confirmation with alpha / attacked.
  const double each = alpha * (1.0 + 1.0 / static_cast<double>(falsification.attacked));
  return stats::binomial_at_least(static_cast<std::int64_t>(falsification.broken.size()),
                                  static_cast<std::int64_t>(falsification.drawn), each) <= kRefuted;
}

}  // namespace heirloom::certificate
