#include <utility>

#include <fmt/format.h>

#include "core/jobs/parts_json.h"

namespace heirloom::jobs {
namespace {

// Counts are 32 bits wide, and so is the number of a draw within its noise stream.
constexpr std::uint64_t kMaxDraws = std::numeric_limits<std::uint32_t>::max();

Json arch_json(const ArchSpec& arch) {
  return Json{{"name", arch.name}, {"parameters", Json(arch.parameters)}};
}

ArchSpec read_arch(ObjectReader reader) {
  ArchSpec arch;
  arch.name = reader.required_text("name");
  reader.each_member("parameters",
                     [&](const std::string& key, const Json& value, const std::string&) {
                       if (value.is_string()) {
                         arch.parameters[key] = value.get<std::string>();
                       } else {
                         reader.report("parameters", "must hold strings only");
                       }
                     });
  reader.done();
  return arch;
}

Json source_json(const DataSource& source) {
  return Json{{"format", to_string(source.format)}, {"paths", source.paths}};
}

DataSource read_source(ObjectReader reader) {
  DataSource source;
  source.format = reader.word("format", &parse_data_format);
  source.paths = reader.texts("paths");
  if (source.paths.empty()) reader.report("paths", "must not be empty");
  reader.done();
  return source;
}

Json floors_json(const std::vector<Floor>& floors) {
  Json out = Json::array();
  for (const Floor& floor : floors) {
    out.push_back(Json{{"radius", floor.radius}, {"needed", floor.needed}});
  }
  return out;
}

std::vector<Floor> read_floors(ObjectReader& reader) {
  std::vector<Floor> floors;
  reader.each_item("floors", [&](const std::string&, const Json& item, const std::string& path) {
    ObjectReader fields = reader.nested(item, path);
    floors.push_back({fields.real("radius", 0.0), fields.natural("needed")});
    fields.done();
  });
  return floors;
}

Json targets_json(const std::vector<AttackTarget>& targets) {
  Json out = Json::array();
  for (const AttackTarget& target : targets) {
    out.push_back(
        Json{{"index", target.index}, {"claimed", target.claimed}, {"epsilon", target.epsilon}});
  }
  return out;
}

struct TaskJson {
  Json operator()(const InspectVersion& task) const {
    return Json{{"kind", "inspect_version"},
                {"arch", arch_json(task.arch)},
                {"file", task.file},
                {"sha256", task.sha256 ? Json(task.sha256->hex()) : Json()}};
  }
  Json operator()(const InspectSnapshot& task) const {
    return Json{{"kind", "inspect_snapshot"},
                {"train", source_json(task.train)},
                {"holdout", task.has_holdout ? source_json(task.holdout) : Json()}};
  }
  Json operator()(const Train& task) const {
    return Json{{"kind", task_kind(task)},
                {"arch", arch_json(task.arch)},
                {"file", task.file ? file_json(*task.file) : Json()},
                {"train", part_json(task.train)},
                {"method", method_json(task.method)},
                {"settings", settings_json(task.settings)},
                {"seed", task.seed},
                {"precision", to_string(task.precision)}};
  }
  Json operator()(const Certify& task) const {
    return Json{{"kind", "certify"},
                {"model", file_json(task.model)},
                {"classifier_id", task.classifier_id.hex()},
                {"holdout", part_json(task.holdout)},
                {"protocol", task.protocol},
                {"examples", task.examples},
                {"noise_key", task.noise_key.hex()},
                {"floors", floors_json(task.floors)},
                {"shard", task.shard},
                {"shards", task.shards}};
  }
  Json operator()(const Predict& task) const { return predict_json(task); }
  Json operator()(const Drift& task) const { return drift_json(task); }
  Json operator()(const Attack& task) const {
    return Json{{"kind", "attack"},
                {"model", file_json(task.model)},
                {"classifier_id", task.classifier_id.hex()},
                {"holdout", part_json(task.holdout)},
                {"protocol", task.protocol},
                {"targets", targets_json(task.targets)},
                {"noise_key", task.noise_key.hex()}};
  }
};

void check_file(ObjectReader& reader, const ArchSpec& arch, bool given) {
  if (!given && arch.name == kTorchScript) reader.report("file", "must be the TorchScript module");
}

InspectVersion read_inspect_version(ObjectReader& reader) {
  InspectVersion task{read_arch(reader.object("arch")), {}};
  task.file = reader.text("file");
  check_file(reader, task.arch, !task.file.empty());
  if (!reader.is_null("sha256")) task.sha256 = reader.digest("sha256");
  if (task.sha256 && task.file.empty()) reader.report("sha256", "is of no file");
  return task;
}

InspectSnapshot read_inspect_snapshot(ObjectReader& reader) {
  InspectSnapshot task;
  task.train = read_source(reader.object("train"));
  task.has_holdout = !reader.is_null("holdout");
  if (task.has_holdout) task.holdout = read_source(reader.object("holdout"));
  return task;
}

Train read_train(ObjectReader& reader, std::string_view kind) {
  Train task;
  task.arch = read_arch(reader.object("arch"));
  if (!reader.is_null("file")) task.file = read_file_ref(reader.object("file"));
  check_file(reader, task.arch, task.file.has_value());
  task.train = read_part(reader.object("train"));
  task.method = read_method(reader.object("method"));
  task.settings = read_settings(reader.object("settings"));
  task.seed = reader.natural("seed");
  task.precision = reader.word("precision", &parse_precision);
  if (task_kind(task) != kind) {
    reader.report("kind", fmt::format("is \"{}\", which does not fit its method", kind));
  }
  return task;
}

Certify read_certify(ObjectReader& reader) {
  Certify task;
  task.model = read_file_ref(reader.object("model"));
  task.classifier_id = reader.digest("classifier_id");
  task.holdout = read_part(reader.object("holdout"));
  task.protocol = reader.text("protocol");
  for (const std::uint64_t index : reader.naturals("examples", kMaxDraws)) {
    if (index >= task.holdout.examples) {
      reader.report("examples",
                    fmt::format("names example {} of {}", index, task.holdout.examples));
    }
    if (!task.examples.empty() && index <= task.examples.back()) {
      reader.report("examples", "must ascend");
    }
    task.examples.push_back(static_cast<std::uint32_t>(index));
  }
  if (task.examples.empty()) reader.report("examples", "must not be empty");
  task.noise_key = reader.digest("noise_key");
  task.floors = read_floors(reader);
  task.shards = static_cast<std::uint32_t>(reader.natural("shards", 1, kMaxDraws));
  task.shard = static_cast<std::uint32_t>(reader.natural("shard", 0, task.shards - 1));
  return task;
}

Attack read_attack(ObjectReader& reader) {
  Attack task;
  task.model = read_file_ref(reader.object("model"));
  task.classifier_id = reader.digest("classifier_id");
  task.holdout = read_part(reader.object("holdout"));
  task.protocol = reader.text("protocol");
  reader.each_item("targets", [&](const std::string&, const Json& item, const std::string& path) {
    ObjectReader fields = reader.nested(item, path);
    AttackTarget target;
    target.index = static_cast<std::uint32_t>(fields.natural("index", 0, kMaxDraws));
    target.claimed = fields.small_integer("claimed", 0);
    target.epsilon = fields.positive("epsilon");
    fields.done();
    if (target.index >= task.holdout.examples) {
      reader.report("targets",
                    fmt::format("names example {} of {}", target.index, task.holdout.examples));
    }
    if (!task.targets.empty() && target.index <= task.targets.back().index) {
      reader.report("targets", "must ascend");
    }
    task.targets.push_back(target);
  });
  if (task.targets.empty()) reader.report("targets", "must not be empty");
  task.noise_key = reader.digest("noise_key");
  return task;
}

}  // namespace

Json task_json(const Task& task) {
  return std::visit(TaskJson{}, task);
}

Task read_task(ObjectReader reader) {
  Task task;
  const std::string kind = reader.text("kind");
  if (kind == "inspect_version") {
    task = read_inspect_version(reader);
  } else if (kind == "inspect_snapshot") {
    task = read_inspect_snapshot(reader);
  } else if (kind == "train" || kind == "transfer") {
    task = read_train(reader, kind);
  } else if (kind == "certify") {
    task = read_certify(reader);
  } else if (kind == "predict") {
    task = read_predict(reader);
  } else if (kind == "attack") {
    task = read_attack(reader);
  } else if (kind == "drift") {
    task = read_drift(reader);
  } else {
    reader.report("kind", fmt::format("is \"{}\", which is not a task", kind));
  }
  reader.done();
  return task;
}

std::string task_to_json(const Task& task) {
  return dump(task_json(task));
}

base::Result<Task> task_from_json(std::string_view text) {
  Problem problem("task", base::ErrorKind::usage);
  Json json = parse_json(text, problem);
  // What was stored before files could be signed does not have it. A job always does: one that has
  // lost it must not pass for one that may open any file.
  if (json.is_object() && json.value("kind", Json()) == "inspect_version") {
    json.emplace("sha256", nullptr);
  }
  Task task = read_task(ObjectReader(json, "", problem));
  if (problem.found()) return tl::unexpected(problem.error());
  return task;
}

}  // namespace heirloom::jobs
