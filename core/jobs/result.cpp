#include "core/jobs/result.h"

#include <utility>

#include <fmt/format.h>

#include "core/jobs/job.h"
#include "core/jobs/parts_json.h"

namespace heirloom::jobs {
namespace {

using base::ErrorKind;

base::Result<ErrorKind> parse_error_kind(std::string_view text) {
  for (const ErrorKind kind :
       {ErrorKind::usage, ErrorKind::not_found, ErrorKind::conflict, ErrorKind::bad_data,
        ErrorKind::numerical, ErrorKind::io, ErrorKind::unsupported, ErrorKind::unavailable,
        ErrorKind::tampered, ErrorKind::internal}) {
    if (text == base::to_string(kind)) return kind;
  }
  return base::fail(ErrorKind::bad_data, fmt::format("is \"{}\", which is no kind of error", text));
}

Json report_json(const TransferReport& report) {
  return Json{{"examples", report.examples},
              {"distance", report.distance},
              {"margin_quantiles", report.margin_quantiles},
              {"teacher_accuracy", report.teacher_accuracy},
              {"student_accuracy", report.student_accuracy},
              {"disagreement", report.disagreement},
              {"threshold", report.threshold},
              {"disagreement_bound", report.disagreement_bound}};
}

TransferReport read_report(ObjectReader reader) {
  TransferReport report;
  report.examples = reader.integer("examples", 1);
  report.distance = reader.real("distance", 0.0);
  report.margin_quantiles = reader.reals("margin_quantiles", kMarginLevels.size());
  report.teacher_accuracy = reader.real("teacher_accuracy", 0.0, 1.0);
  report.student_accuracy = reader.real("student_accuracy", 0.0, 1.0);
  report.disagreement = reader.real("disagreement", 0.0, 1.0);
  report.threshold = reader.real("threshold", 0.0);
  report.disagreement_bound = reader.real("disagreement_bound", 0.0, 1.0);
  reader.done();
  return report;
}

Json curve_json(const std::vector<LossPoint>& curve) {
  Json points = Json::array();
  for (const LossPoint& point : curve) points.push_back(Json::array({point.step, point.loss}));
  return points;
}

struct OutcomeJson {
  Json operator()(const VersionInspected& outcome) const {
    return Json{{"kind", "version_inspected"},
                {"parameters", outcome.parameters},
                {"file", outcome.file ? output_json(*outcome.file) : Json()}};
  }
  Json operator()(const SnapshotInspected& outcome) const {
    Json json{{"kind", "snapshot_inspected"},
              {"train", part_json(outcome.train)},
              {"train_images", output_json(outcome.train_images)}};
    json["holdout"] = outcome.has_holdout
                          ? Json{{"part", part_json(outcome.holdout)},
                                 {"id", outcome.holdout_id.hex()},
                                 {"images", output_json(outcome.holdout_images)},
                                 {"example_digests", output_json(outcome.example_digests)}}
                          : Json();
    return json;
  }
  Json operator()(const Trained& outcome) const {
    return Json{{"kind", "trained"},
                {"model", output_json(outcome.model)},
                {"classifier_id", outcome.classifier_id.hex()},
                {"steps", outcome.steps},
                {"final_loss", outcome.final_loss},
                {"recoveries", outcome.recoveries},
                {"kernel", outcome.kernel},
                {"forward_batch", outcome.forward_batch},
                {"transfer", outcome.transfer ? report_json(*outcome.transfer) : Json()},
                {"weights", outcome.weights ? output_json(*outcome.weights) : Json()},
                {"curve", curve_json(outcome.curve)}};
  }
  Json operator()(const Certified& outcome) const {
    return Json{{"kind", "certified"},
                {"counts", output_json(outcome.counts)},
                {"samples", outcome.samples}};
  }
  Json operator()(const Predicted& outcome) const { return predicted_json(outcome); }
  Json operator()(const Drifted& outcome) const { return drifted_json(outcome); }
  Json operator()(const Attacked& outcome) const {
    return Json{
        {"kind", "attacked"}, {"rows", output_json(outcome.rows)}, {"samples", outcome.samples}};
  }
};

SnapshotInspected read_snapshot(ObjectReader& reader) {
  SnapshotInspected outcome;
  outcome.train = read_part(reader.object("train"));
  outcome.train_images = read_output(reader.object("train_images"));
  outcome.has_holdout = !reader.is_null("holdout");
  if (outcome.has_holdout) {
    ObjectReader holdout = reader.object("holdout");
    outcome.holdout = read_part(holdout.object("part"));
    outcome.holdout_id = holdout.digest("id");
    outcome.holdout_images = read_output(holdout.object("images"));
    outcome.example_digests = read_output(holdout.object("example_digests"));
    holdout.done();
  }
  return outcome;
}

std::vector<LossPoint> read_curve(ObjectReader& reader) {
  std::vector<LossPoint> curve;
  reader.each_item("curve", [&](const std::string&, const Json& item, const std::string&) {
    const bool pair = item.is_array() && item.size() == 2 && item[0].is_number_integer() &&
                      item[1].is_number() && curve.size() < kMostLossPoints;
    if (!pair) return reader.report("curve", "must hold at most 200 pairs of step and loss");
    curve.push_back({item[0].get<std::int64_t>(), item[1].get<double>()});
  });
  return curve;
}

Trained read_trained(ObjectReader& reader) {
  Trained outcome;
  outcome.model = read_output(reader.object("model"));
  outcome.classifier_id = reader.digest("classifier_id");
  outcome.steps = reader.integer("steps", 0);
  outcome.final_loss = reader.real("final_loss", -std::numeric_limits<double>::infinity());
  outcome.recoveries = reader.small_integer("recoveries", 0);
  outcome.kernel = reader.text("kernel");
  outcome.forward_batch = reader.integer("forward_batch", 1);
  if (!reader.is_null("transfer")) outcome.transfer = read_report(reader.object("transfer"));
  if (!reader.is_null("weights")) outcome.weights = read_output(reader.object("weights"));
  outcome.curve = read_curve(reader);
  return outcome;
}

Outcome read_outcome(ObjectReader reader) {
  Outcome outcome;
  const std::string kind = reader.text("kind");
  if (kind == "version_inspected") {
    VersionInspected inspected;
    inspected.parameters = reader.natural("parameters");
    if (!reader.is_null("file")) inspected.file = read_output(reader.object("file"));
    outcome = inspected;
  } else if (kind == "snapshot_inspected") {
    outcome = read_snapshot(reader);
  } else if (kind == "trained") {
    outcome = read_trained(reader);
  } else if (kind == "certified") {
    Certified certified;
    certified.counts = read_output(reader.object("counts"));
    certified.samples = reader.natural("samples");
    outcome = std::move(certified);
  } else if (kind == "predicted") {
    outcome = read_predicted(reader);
  } else if (kind == "drifted") {
    outcome = read_drifted(reader);
  } else if (kind == "attacked") {
    Attacked attacked;
    attacked.rows = read_output(reader.object("rows"));
    attacked.samples = reader.natural("samples");
    outcome = std::move(attacked);
  } else {
    reader.report("kind", fmt::format("is \"{}\", which is not an outcome", kind));
  }
  reader.done();
  return outcome;
}

base::Error read_error(ObjectReader reader) {
  base::Error error;
  error.kind = reader.word("kind", &parse_error_kind);
  error.message = reader.text("message");
  error.hint = reader.text("hint");
  reader.done();
  return error;
}

}  // namespace

Json output_json(const OutputFile& file) {
  return Json{{"name", file.name}, {"sha256", file.sha256.hex()}, {"bytes", file.bytes}};
}

OutputFile read_output(ObjectReader reader) {
  OutputFile file;
  file.name = reader.required_text("name");
  // A name that leaves out/ would make the daemon store a file that the job did not write.
  if (file.name.find('/') != std::string::npos || file.name.starts_with('.')) {
    reader.report("name", "must be a plain file name");
  }
  file.sha256 = reader.digest("sha256");
  file.bytes = reader.natural("bytes");
  reader.done();
  return file;
}

ExitCode exit_code_for(base::ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
    case ErrorKind::conflict:  // the job names another model or kernel than this worker has
    case ErrorKind::unsupported:
    case ErrorKind::internal:  // a bug does not go away by trying again
      return ExitCode::bad_job;
    case ErrorKind::not_found:  // a file that the job names is gone
    case ErrorKind::bad_data:
    case ErrorKind::tampered:
      return ExitCode::bad_data;
    case ErrorKind::numerical:
      return ExitCode::numerical;
    case ErrorKind::io:
    case ErrorKind::unavailable:
      return ExitCode::try_again;
  }
  return ExitCode::bad_job;
}

std::optional<double> training_seconds(const std::string& report) {
  const Json json = Json::parse(report, nullptr, /*allow_exceptions=*/false);
  const auto found = json.is_object() ? json.find("seconds") : json.end();
  return json.is_object() && found != json.end() && found->is_number()
             ? std::optional(found->get<double>())
             : std::nullopt;
}

std::string training_report_json(const Trained& trained, double seconds) {
  return dump(Json{{"seconds", seconds},
                   {"steps", trained.steps},
                   {"final_loss", trained.final_loss},
                   {"recoveries", trained.recoveries},
                   {"curve", curve_json(trained.curve)},
                   {"transfer", trained.transfer ? report_json(*trained.transfer) : Json()}});
}

std::string to_json(const JobResult& result) {
  Json json{{"contract", kContractVersion}, {"job_id", result.job_id},
            {"attempt", result.attempt},    {"epoch", result.epoch},
            {"seconds", result.seconds},    {"started_from", result.started_from}};
  if (result.outcome.has_value()) {
    json["outcome"] = std::visit(OutcomeJson{}, *result.outcome);
  } else {
    const base::Error& error = result.outcome.error();
    json["error"] = Json{
        {"kind", base::to_string(error.kind)}, {"message", error.message}, {"hint", error.hint}};
  }
  return dump(json);
}

base::Result<JobResult> result_from_json(std::string_view text) {
  Problem problem("result", ErrorKind::bad_data);
  const Json json = parse_json(text, problem);
  ObjectReader reader(json, "", problem);
  const std::int64_t contract = reader.integer("contract", 0);
  if (contract != kContractVersion) {
    reader.report("contract",
                  fmt::format("is {}, but this build speaks {}", contract, kContractVersion));
  }
  JobResult result;
  result.job_id = reader.integer("job_id", 0);
  result.attempt = reader.integer("attempt", 1);
  result.epoch = reader.integer("epoch", 0);
  result.seconds = reader.real("seconds", 0.0);
  result.started_from = reader.integer("started_from", 0);
  if (reader.has("error")) {
    result.outcome = tl::unexpected(read_error(reader.object("error")));
  } else {
    result.outcome = read_outcome(reader.object("outcome"));
  }
  reader.done();
  if (problem.found()) return tl::unexpected(problem.error());
  return result;
}

}  // namespace heirloom::jobs
