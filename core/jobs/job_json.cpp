#include <utility>

#include <fmt/format.h>

#include "core/jobs/parts_json.h"

namespace heirloom::jobs {
namespace {

constexpr int kMaxThreads = 4096;

Json model_json(const ModelSpec& model) {
  return Json{{"name", model.name},
              {"input",
               {{"channels", model.input.channels},
                {"height", model.input.height},
                {"width", model.input.width}}},
              {"classes", model.classes},
              {"sigma", model.sigma}};
}

InputShape read_shape(ObjectReader reader) {
  constexpr std::int64_t kMaxSide = 65536;
  InputShape shape;
  shape.channels = reader.integer("channels", 1, kMaxSide);
  shape.height = reader.integer("height", 1, kMaxSide);
  shape.width = reader.integer("width", 1, kMaxSide);
  reader.done();
  return shape;
}

ModelSpec read_model(ObjectReader reader) {
  ModelSpec model;
  model.name = reader.required_text("name");
  model.input = read_shape(reader.object("input"));
  model.classes = reader.integer("classes", 2);
  model.sigma = reader.positive("sigma");
  reader.done();
  return model;
}

}  // namespace

std::string to_json(const Job& job) {
  return dump(Json{{"contract", kContractVersion},
                   {"id", job.id},
                   {"attempt", job.attempt},
                   {"epoch", job.epoch},
                   {"threads", job.threads},
                   {"device", to_string(job.device)},
                   {"model", model_json(job.model)},
                   {"task", task_json(job.task)}});
}

base::Result<Job> job_from_json(std::string_view text) {
  Problem problem("job", base::ErrorKind::usage);
  const Json json = parse_json(text, problem);
  ObjectReader reader(json, "", problem);
  const std::int64_t contract = reader.integer("contract", 0);
  if (contract != kContractVersion) {
    reader.report("contract",
                  fmt::format("is {}, but this build speaks {}", contract, kContractVersion));
  }
  Job job;
  job.id = reader.integer("id", 0);
  job.attempt = reader.integer("attempt", 1);
  job.epoch = reader.integer("epoch", 0);
  job.threads = reader.small_integer("threads", 1, kMaxThreads);
  job.device = reader.word("device", &parse_device);
  job.model = read_model(reader.object("model"));
  job.task = read_task(reader.object("task"));
  reader.done();
  if (problem.found()) return tl::unexpected(problem.error());
  return job;
}

}  // namespace heirloom::jobs
