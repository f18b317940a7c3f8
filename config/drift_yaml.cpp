#include "config/drift_yaml.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace heirloom::config {
namespace {

using std::chrono::seconds;

seconds whole_seconds(YamlReader& reader, const char* key) {
  const auto value = reader.duration(key);
  const auto whole = std::chrono::duration_cast<seconds>(value);
  if (whole != value) {
    reader.report(key, fmt::format("`{}` must be whole seconds", reader.path_of(key)));
  }
  return whole;
}

double usual_radius(const std::vector<policies::Threshold>& gates, double sigma) {
  double radius = 0.0;
  for (const policies::Threshold& gate : gates) {
    if (!policies::has_radius(gate.metric) || gate.radius <= 0.0) continue;
    radius = radius == 0.0 ? gate.radius : std::min(radius, gate.radius);
  }
  return radius > 0.0 ? radius : sigma / 2.0;
}

}  // namespace

policies::DriftSettings read_drift(YamlReader reader, const std::vector<policies::Threshold>& gates,
                                   double sigma) {
  policies::DriftSettings drift;
  drift.every = whole_seconds(reader, "every");
  for (const std::string& word : reader.words("tests")) {
    if (const auto test = jobs::parse_drift_test(word)) drift.tests.push_back(*test);
  }
  if (!reader.has("tests")) {
    drift.tests = {jobs::DriftTest::bbsd_ks, jobs::DriftTest::mmd, jobs::DriftTest::label_chi2,
                   jobs::DriftTest::certified_coverage};
  }
  drift.false_alarms_per_year = reader.number("false_alarms_per_year");
  drift.cool_down = whole_seconds(reader, "cool_down");
  drift.batch = reader.natural("batch");
  drift.n = reader.natural("n");
  drift.radius = reader.has("radius") ? reader.number("radius") : usual_radius(gates, sigma);
  reader.done();
  return drift;
}

policies::Schedule read_schedule(YamlReader reader) {
  policies::Schedule schedule;
  if (reader.has("retrain")) schedule.retrain = whole_seconds(reader, "retrain");
  if (reader.has("recertify")) schedule.recertify = whole_seconds(reader, "recertify");
  reader.done();
  return schedule;
}

}  // namespace heirloom::config
