#include <utility>

#include <fmt/format.h>

#include "core/jobs/parts_json.h"
#include "core/jobs/train_settings.h"

namespace heirloom::jobs {
namespace {

constexpr std::pair<Schedule, std::string_view> kSchedules[] = {
    {Schedule::constant, "constant"}, {Schedule::step, "step"}, {Schedule::one_cycle, "one_cycle"}};
constexpr std::pair<MatchOn, std::string_view> kMatches[] = {{MatchOn::logits, "logits"},
                                                             {MatchOn::softmax, "softmax"}};

template <typename Enum, std::size_t N>
std::string_view name_in(const std::pair<Enum, std::string_view> (&table)[N], Enum value) {
  for (const auto& [entry, name] : table) {
    if (entry == value) return name;
  }
  return "unknown";
}

template <typename Enum, std::size_t N>
Enum read_in(const std::pair<Enum, std::string_view> (&table)[N], ObjectReader& reader,
             const char* name) {
  const std::string text = reader.text(name);
  for (const auto& [entry, word] : table) {
    if (word == text) return entry;
  }
  reader.report(name, fmt::format("is \"{}\", which is not known", text));
  return table[0].first;
}

struct MethodJson {
  template <typename Settings>
  Json operator()(Settings settings) const {
    Json json{{"name", method_name(settings)}};
    for_each_setting(
        settings, [&](const char* name, const auto& value, const Range&) { json[name] = value; });
    if constexpr (std::is_same_v<Settings, TransferMethod>) {
      json["teacher"] = file_json(settings.teacher);
      json["match_on"] = name_in(kMatches, settings.match_on);
    }
    return json;
  }
};

void read_setting(ObjectReader& reader, const char* name, int& value, const Range& range) {
  value = reader.small_integer(name, static_cast<int>(range.low), static_cast<int>(range.high));
}

void read_setting(ObjectReader& reader, const char* name, bool& value, const Range&) {
  value = reader.boolean(name);
}

void read_setting(ObjectReader& reader, const char* name, double& value, const Range& range) {
  value = range.above ? reader.positive(name) : reader.real(name, range.low, range.high);
  if (!reader.failed() && !range.contains(value)) {
    reader.report(name, fmt::format("is {}, which is out of range", value));
  }
}

struct ReadSettings {
  ObjectReader& reader;

  template <typename Settings>
  void operator()(Settings& settings) const {
    for_each_setting(settings, [this](const char* name, auto& value, const Range& range) {
      read_setting(reader, name, value, range);
    });
    if constexpr (std::is_same_v<Settings, TransferMethod>) {
      settings.teacher = read_file_ref(reader.object("teacher"));
      settings.match_on = read_in(kMatches, reader, "match_on");
    }
  }
};

}  // namespace

Json settings_json(const TrainSettings& settings) {
  return Json{{"epochs", settings.epochs},
              {"batch", settings.batch},
              {"learning_rate", settings.learning_rate},
              {"momentum", settings.momentum},
              {"weight_decay", settings.weight_decay},
              {"schedule", name_in(kSchedules, settings.schedule)}};
}

TrainSettings read_settings(ObjectReader reader) {
  TrainSettings settings;
  settings.epochs = reader.small_integer("epochs", 1);
  settings.batch = reader.small_integer("batch", 1);
  settings.learning_rate = reader.positive("learning_rate");
  settings.momentum = reader.real("momentum", 0.0, 1.0);
  settings.weight_decay = reader.real("weight_decay", 0.0);
  settings.schedule = read_in(kSchedules, reader, "schedule");
  reader.done();
  return settings;
}

Json method_json(const TrainMethod& method) {
  return std::visit(MethodJson{}, method);
}

TrainMethod read_method(ObjectReader reader) {
  const std::string name = reader.text("name");
  auto method = method_called(name);
  if (!method) {
    reader.report("name", fmt::format("is \"{}\", which is not a training method", name));
    return {};
  }
  std::visit(ReadSettings{reader}, *method);
  reader.done();
  return *std::move(method);
}

}  // namespace heirloom::jobs
