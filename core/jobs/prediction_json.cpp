#include "core/jobs/prediction.h"

#include "core/jobs/parts_json.h"

namespace heirloom::jobs {
namespace {

constexpr std::uint64_t kMaxCount = std::numeric_limits<std::uint32_t>::max();

PredictFile read_predict_file(ObjectReader reader) {
  PredictFile file;
  file.file = read_file_ref(reader.object("file"));
  file.name = reader.required_text("name");
  file.first = reader.natural("first", 0, kMaxCount);
  file.count = reader.natural("count", 0, kMaxCount);
  reader.done();
  return file;
}

std::vector<std::uint32_t> read_counts(ObjectReader& reader, const char* name) {
  std::vector<std::uint32_t> counts;
  for (const std::uint64_t count : reader.naturals(name, kMaxCount)) {
    counts.push_back(static_cast<std::uint32_t>(count));
  }
  return counts;
}

}  // namespace

Json predict_json(const Predict& task) {
  Json files = Json::array();
  for (const PredictFile& file : task.files) {
    files.push_back({{"file", file_json(file.file)},
                     {"name", file.name},
                     {"first", file.first},
                     {"count", file.count}});
  }
  return Json{{"kind", "predict"},
              {"model", file_json(task.model)},
              {"classifier_id", task.classifier_id.hex()},
              {"kernel", task.kernel},
              {"forward_batch", task.forward_batch},
              {"grid", task.grid},
              {"n0", task.n0},
              {"n", task.n},
              {"alpha", task.alpha},
              {"noise_key", task.noise_key.hex()},
              {"files", std::move(files)}};
}

Predict read_predict(ObjectReader& reader) {
  Predict task;
  task.model = read_file_ref(reader.object("model"));
  task.classifier_id = reader.digest("classifier_id");
  task.kernel = reader.text("kernel");
  task.forward_batch = reader.integer("forward_batch", 1);
  task.grid = reader.boolean("grid");
  task.n0 = reader.natural("n0", 1, kMaxCount);
  task.n = reader.natural("n", 1, kMaxCount);
  task.alpha = reader.positive("alpha");
  task.noise_key = reader.digest("noise_key");
  reader.each_item("files", [&](const std::string&, const Json& item, const std::string& path) {
    task.files.push_back(read_predict_file(reader.nested(item, path)));
  });
  if (task.files.empty()) reader.report("files", "must not be empty");
  return task;
}

Json predicted_json(const Predicted& outcome) {
  Json images = Json::array();
  for (const PredictedImage& image : outcome.images) {
    images.push_back(
        {{"name", image.name}, {"select", image.select}, {"estimate", image.estimate}});
  }
  return Json{{"kind", "predicted"}, {"images", std::move(images)}};
}

Predicted read_predicted(ObjectReader& reader) {
  Predicted outcome;
  reader.each_item("images", [&](const std::string&, const Json& item, const std::string& path) {
    ObjectReader fields = reader.nested(item, path);
    PredictedImage image;
    image.name = fields.required_text("name");
    image.select = read_counts(fields, "select");
    image.estimate = read_counts(fields, "estimate");
    fields.done();
    outcome.images.push_back(std::move(image));
  });
  return outcome;
}

}  // namespace heirloom::jobs
