#include "core/jobs/drift.h"

#include <fmt/format.h>

#include "core/jobs/parts_json.h"

namespace heirloom::jobs {
namespace {

constexpr std::uint64_t kMaxIndex = std::numeric_limits<std::uint32_t>::max();
constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

Json coverage_json(const Coverage& coverage) {
  return Json{{"examples", coverage.examples},
              {"certified", coverage.certified},
              {"right", coverage.right}};
}

Coverage read_coverage(ObjectReader reader) {
  Coverage coverage;
  coverage.examples = reader.natural("examples");
  coverage.certified = reader.natural("certified", 0, coverage.examples);
  coverage.right = reader.natural("right", 0, coverage.certified);
  reader.done();
  return coverage;
}

Json statistic_json(const DriftStatistic& statistic) {
  return Json{{"test", to_string(statistic.test)}, {"statistic", statistic.statistic},
              {"p_value", statistic.p_value},      {"effect", statistic.effect},
              {"output", statistic.output},        {"draws", statistic.draws}};
}

DriftStatistic read_statistic(ObjectReader reader) {
  DriftStatistic statistic;
  statistic.test = reader.word("test", &parse_drift_test);
  statistic.statistic = reader.real("statistic", kMinusInfinity);
  statistic.p_value = reader.real("p_value", 0.0, 1.0);
  statistic.effect = reader.real("effect", 0.0);
  statistic.output = reader.integer("output", -1);
  statistic.draws = reader.natural("draws");
  reader.done();
  return statistic;
}

std::vector<FileRef> read_known(ObjectReader& reader) {
  std::vector<FileRef> known;
  reader.each_item("known", [&](const std::string&, const Json& item, const std::string& path) {
    known.push_back(read_file_ref(reader.nested(item, path)));
  });
  return known;
}

std::vector<PlannedTest> read_tests(ObjectReader& reader) {
  std::vector<PlannedTest> tests;
  reader.each_item("tests", [&](const std::string&, const Json& item, const std::string& path) {
    ObjectReader fields = reader.nested(item, path);
    PlannedTest test;
    test.test = fields.word("test", &parse_drift_test);
    test.level = fields.real("level", 0.0, 1.0);
    fields.done();
    if (has_p_value(test.test) && test.level == 0.0) {
      reader.report("tests", fmt::format("{} has no level", to_string(test.test)));
    }
    tests.push_back(test);
  });
  if (tests.empty()) reader.report("tests", "must not be empty");
  return tests;
}

std::vector<std::uint32_t> read_examples(ObjectReader& reader, std::uint64_t examples) {
  std::vector<std::uint32_t> out;
  for (const std::uint64_t index : reader.naturals("reference_examples", kMaxIndex)) {
    if (index >= examples || (!out.empty() && index <= out.back())) {
      reader.report("reference_examples", "must ascend within the reference");
    }
    out.push_back(static_cast<std::uint32_t>(index));
  }
  if (out.empty()) reader.report("reference_examples", "must not be empty");
  return out;
}

}  // namespace

std::string_view to_string(DriftTest test) {
  switch (test) {
    case DriftTest::bbsd_ks:
      return "bbsd_ks";
    case DriftTest::mmd:
      return "mmd";
    case DriftTest::label_chi2:
      return "label_chi2";
    case DriftTest::certified_coverage:
      return "certified_coverage";
    case DriftTest::certified_accuracy:
      return "certified_accuracy";
  }
  return "unknown";
}

base::Result<DriftTest> parse_drift_test(std::string_view text) {
  for (const DriftTest test : kDriftTests) {
    if (text == to_string(test)) return test;
  }
  return base::fail(base::ErrorKind::bad_data,
                    fmt::format("is \"{}\", which is no drift test", text));
}

bool has_p_value(DriftTest test) {
  return test == DriftTest::bbsd_ks || test == DriftTest::mmd || test == DriftTest::label_chi2;
}

Json drift_json(const Drift& task) {
  Json known = Json::array();
  for (const FileRef& file : task.known) known.push_back(file_json(file));
  Json tests = Json::array();
  for (const PlannedTest& test : task.tests) {
    tests.push_back({{"test", to_string(test.test)}, {"level", test.level}});
  }
  return Json{
      {"kind", "drift"},
      {"model", file_json(task.model)},
      {"classifier_id", task.classifier_id.hex()},
      {"protocol", task.protocol},
      {"noise_key", task.noise_key.hex()},
      {"radius", task.radius},
      {"reference", part_json(task.reference)},
      {"reference_examples", task.reference_examples},
      {"reference_outputs", task.reference_outputs ? file_json(*task.reference_outputs) : Json()},
      {"reference_labels", task.reference_labels},
      {"fresh", part_json(task.fresh)},
      {"known", std::move(known)},
      {"batch", task.batch},
      {"labels", task.labels},
      {"seed", task.seed.hex()},
      {"tests", std::move(tests)}};
}

Drift read_drift(ObjectReader& reader) {
  Drift task;
  task.model = read_file_ref(reader.object("model"));
  task.classifier_id = reader.digest("classifier_id");
  task.protocol = reader.text("protocol");
  task.noise_key = reader.digest("noise_key");
  task.radius = reader.positive("radius");
  task.reference = read_part(reader.object("reference"));
  task.reference_examples = read_examples(reader, task.reference.examples);
  if (!reader.is_null("reference_outputs")) {
    task.reference_outputs = read_file_ref(reader.object("reference_outputs"));
  }
  task.reference_labels = reader.naturals("reference_labels");
  task.fresh = read_part(reader.object("fresh"));
  task.known = read_known(reader);
  task.batch = reader.natural("batch", kLeastDriftBatch, kMaxIndex);
  task.labels = reader.natural("labels", kLeastDriftBatch, kMaxIndex);
  task.seed = reader.digest("seed");
  task.tests = read_tests(reader);
  return task;
}

Json drifted_json(const Drifted& outcome) {
  Json tests = Json::array();
  for (const DriftStatistic& test : outcome.tests) tests.push_back(statistic_json(test));
  const auto file = [](const std::optional<OutputFile>& output) {
    return output ? output_json(*output) : Json();
  };
  return Json{{"kind", "drifted"},
              {"fresh", outcome.fresh},
              {"labels", outcome.labels},
              {"reference", coverage_json(outcome.reference)},
              {"batch", coverage_json(outcome.batch)},
              {"tests", std::move(tests)},
              {"stability", outcome.stability},
              {"outputs", file(outcome.outputs)},
              {"reference_outputs", file(outcome.reference_outputs)},
              {"samples", outcome.samples}};
}

Drifted read_drifted(ObjectReader& reader) {
  Drifted outcome;
  outcome.fresh = reader.natural("fresh");
  outcome.labels = reader.natural("labels");
  outcome.reference = read_coverage(reader.object("reference"));
  outcome.batch = read_coverage(reader.object("batch"));
  reader.each_item("tests", [&](const std::string&, const Json& item, const std::string& path) {
    outcome.tests.push_back(read_statistic(reader.nested(item, path)));
  });
  outcome.stability = reader.real("stability", 0.0);
  if (!reader.is_null("outputs")) outcome.outputs = read_output(reader.object("outputs"));
  if (!reader.is_null("reference_outputs")) {
    outcome.reference_outputs = read_output(reader.object("reference_outputs"));
  }
  outcome.samples = reader.natural("samples");
  return outcome;
}

}  // namespace heirloom::jobs
