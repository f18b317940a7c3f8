#include <utility>

#include <fmt/format.h>

#include "core/jobs/parts_json.h"
#include "core/jobs/setting_list.h"

namespace heirloom::jobs {
namespace {

// A word for an enum; JSON's own form for the rest.
template <typename Value>
Json value_json(const Value& value) {
  if constexpr (std::is_enum_v<Value>) {
    return to_string(value);
  } else {
    return value;
  }
}

struct MethodJson {
  template <typename Settings>
  Json operator()(Settings settings) const {
    Json json{{"name", method_name(settings)}};
    for_each_setting(settings, [&](const char* name, const auto& value, const Range&) {
      json[name] = value_json(value);
    });
    if constexpr (std::is_same_v<Settings, TransferMethod>) {
      json["teacher"] = file_json(settings.teacher);
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

void read_setting(ObjectReader& reader, const char* name, Schedule& value, const Range&) {
  value = reader.word(name, &parse_schedule);
}

void read_setting(ObjectReader& reader, const char* name, MatchOn& value, const Range&) {
  value = reader.word(name, &parse_match_on);
}

void read_setting(ObjectReader& reader, const char* name, TrainPrecision& value, const Range&) {
  value = reader.word(name, &parse_train_precision);
}

void read_setting(ObjectReader& reader, const char* name, Augment& value, const Range&) {
  value = reader.word(name, &parse_augment);
}

void read_setting(ObjectReader& reader, const char* name, std::vector<int>& value,
                  const Range& range) {
  value.clear();
  for (const std::uint64_t number : reader.naturals(name, static_cast<std::uint64_t>(range.high))) {
    if (!range.contains(static_cast<double>(number))) reader.report(name, "holds a zero");
    value.push_back(static_cast<int>(number));
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
    }
  }
};

}  // namespace

Json settings_json(TrainSettings settings) {
  Json json = Json::object();
  for_each_setting(settings, [&](const char* name, const auto& value, const Range&) {
    json[name] = value_json(value);
  });
  return json;
}

TrainSettings read_settings(ObjectReader reader) {
  TrainSettings settings;
  for_each_setting(settings, [&](const char* name, auto& value, const Range& range) {
    read_setting(reader, name, value, range);
  });
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
