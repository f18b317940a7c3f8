#include "policies/drift.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/stats/binomial.h"

namespace heirloom::policies {
namespace {

using jobs::DriftTest;
using stats::ShiryaevRoberts;

constexpr std::chrono::seconds kYear{31'557'600};
constexpr std::chrono::seconds kMostCredit{30 * 86'400};
// What a share of the reference is trusted to be at least: its lower bound at this level, less a
// tolerance. The point estimate would give many times the alarms that were asked for.
constexpr double kReferenceLevel = 0.01;
constexpr double kTolerance = 0.01;
constexpr double kWarning = 10.0;

double weight(const DriftSettings& settings) {
  return 1.0 / static_cast<double>(settings.tests.size());
}

double least_effect(DriftTest test) {
  switch (test) {
    case DriftTest::bbsd_ks:
      return 0.1;
    case DriftTest::mmd:
      return 0.1;
    case DriftTest::label_chi2:
      return 0.05;
    case DriftTest::certified_coverage:
    case DriftTest::certified_accuracy:
      return 0.02;
  }
  return 0.0;
}

std::string_view subject(DriftTest test) {
  switch (test) {
    case DriftTest::bbsd_ks:
      return "softmax outputs";
    case DriftTest::mmd:
      return "outputs as a whole";
    case DriftTest::label_chi2:
      return "labels";
    case DriftTest::certified_coverage:
      return "certified coverage";
    case DriftTest::certified_accuracy:
      return "certified accuracy";
  }
  return "";
}

double share(std::uint64_t part, std::uint64_t all) {
  return static_cast<double>(part) / static_cast<double>(all);
}

DriftLine line_of(const jobs::PlannedTest& planned, const jobs::DriftStatistic& found) {
  DriftLine line;
  line.test = planned.test;
  line.statistic = found.statistic;
  line.p_value = found.p_value;
  line.limit = planned.level;
  line.effect = found.effect;
  line.least_effect = least_effect(planned.test);
  line.output = found.output;
  const bool matters = line.effect >= line.least_effect;
  if (found.p_value <= planned.level && matters) {
    line.band = Band::drift;
  } else if (found.p_value <= kWarning * planned.level) {
    line.band = Band::warning;
  }
  return line;
}

// One step of the test of a share, whose sums go on.
DriftLine add_up(DriftTest test, double alarm, const jobs::Coverage& reference,
                 const jobs::Coverage& batch, ShiryaevRoberts::Sums& sums) {
  const bool labelled = test == DriftTest::certified_accuracy;
  const std::uint64_t before = labelled ? reference.right : reference.certified;
  const std::uint64_t now = labelled ? batch.right : batch.certified;
  DriftLine line;
  line.test = test;
  line.limit = alarm;
  line.least_effect = least_effect(test);
  line.effect = share(before, reference.examples) - share(now, batch.examples);
  const double expected =
      stats::clopper_pearson_lower(static_cast<std::int64_t>(before),
                                   static_cast<std::int64_t>(reference.examples), kReferenceLevel) -
      kTolerance;
  if (expected <= 0.0) return line;  // nothing is certified anyway: it cannot fall
  ShiryaevRoberts procedure(sums);
  procedure.add(static_cast<std::int64_t>(now), static_cast<std::int64_t>(batch.examples),
                expected);
  sums = procedure.sums();
  line.statistic = procedure.value();
  if (line.statistic >= alarm && line.effect >= line.least_effect) {
    line.band = Band::drift;
    sums = {};
  } else if (line.statistic >= alarm / kWarning) {
    line.band = Band::warning;
  }
  return line;
}

std::string summary_of(const DriftAssessment& assessment, const jobs::Drifted& found) {
  if (assessment.lines.empty()) {
    return fmt::format("not tested: {} new examples, fewer than {}", found.fresh,
                       jobs::kLeastDriftBatch);
  }
  std::string text(to_string(assessment.band));
  std::string_view before = ": ";
  for (const DriftLine& line : assessment.lines) {
    if (line.band != assessment.band || line.band == Band::none) continue;
    text += fmt::format("{}{}", before, line.text());
    before = "; ";
  }
  if (assessment.band == Band::none) text = "no drift";
  return text;
}

}  // namespace

DriftSizes drift_sizes(const DriftSettings& settings, std::uint64_t examples,
                       std::uint64_t labelled) {
  DriftSizes sizes;
  sizes.batch = std::min(settings.batch, examples / kReferenceTimes);
  sizes.reference = std::min(examples, kReferenceTimes * settings.batch);
  sizes.labels = std::min(kMostLabels, labelled / kReferenceTimes);
  return sizes;
}

std::vector<jobs::PlannedTest> plan_tests(const DriftSettings& settings,
                                          std::optional<std::chrono::seconds> since_last) {
  const auto credit = std::clamp(since_last.value_or(settings.every), settings.every,
                                 std::max(settings.every, kMostCredit));
  const double years = static_cast<double>(credit.count()) / static_cast<double>(kYear.count());
  std::vector<jobs::PlannedTest> out;
  for (const DriftTest test : settings.tests) {
    const double level = settings.false_alarms_per_year * weight(settings) * years;
    out.push_back({test, jobs::has_p_value(test) ? std::min(level, 0.05) : 0.0});
  }
  return out;
}

double alarm_sum(const DriftSettings& settings) {
  const double tests =
      static_cast<double>(kYear.count()) / static_cast<double>(settings.every.count());
  return tests / (settings.false_alarms_per_year * weight(settings));
}

std::string_view to_string(Band band) {
  switch (band) {
    case Band::none:
      return "none";
    case Band::warning:
      return "warning";
    case Band::drift:
      return "drift";
  }
  return "unknown";
}

base::Result<Band> parse_band(std::string_view text) {
  for (const Band band : {Band::none, Band::warning, Band::drift}) {
    if (text == to_string(band)) return band;
  }
  return base::fail(base::ErrorKind::bad_data, fmt::format("\"{}\" is no band of drift", text));
}

std::string DriftLine::text() const {
  if (!p_value) {
    return fmt::format("{} {} by {:.3f} (sum {:.3g}, alarm at {:.3g})", subject(test),
                       effect >= 0.0 ? "fell" : "rose", std::abs(effect), statistic, limit);
  }
  const std::string where = output >= 0 ? fmt::format(" (class {})", output) : "";
  return fmt::format(
      "{} are {:.3f} off{}, p {:.2g} at level {:.2g}{}", subject(test), effect, where, *p_value,
      limit,
      effect < least_effect ? fmt::format("; below {:g} it does not matter", least_effect) : "");
}

DriftAssessment assess(const DriftSettings& settings, const std::vector<jobs::PlannedTest>& planned,
                       const jobs::Drifted& found, const DriftSums& sums) {
  DriftAssessment out;
  out.sums = sums;
  for (const jobs::PlannedTest& test : planned) {
    if (!jobs::has_p_value(test.test)) {
      if (found.batch.examples == 0 || found.reference.examples == 0) continue;
      auto& own =
          test.test == DriftTest::certified_coverage ? out.sums.coverage : out.sums.accuracy;
      out.lines.push_back(
          add_up(test.test, alarm_sum(settings), found.reference, found.batch, own));
      continue;
    }
    const auto statistic = std::find_if(found.tests.begin(), found.tests.end(),
                                        [&](const auto& row) { return row.test == test.test; });
    if (statistic != found.tests.end()) out.lines.push_back(line_of(test, *statistic));
  }
  for (const DriftLine& line : out.lines) out.band = std::max(out.band, line.band);
  out.summary = summary_of(out, found);
  return out;
}

}  // namespace heirloom::policies
