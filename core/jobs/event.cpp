#include "core/jobs/event.h"

#include <fmt/format.h>

#include "core/jobs/json_fields.h"

namespace heirloom::jobs {
namespace {

std::string_view kind_name(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::started:
      return "started";
    case Event::Kind::progress:
      return "progress";
    case Event::Kind::finished:
      return "finished";
  }
  return "unknown";
}

base::Result<Event::Kind> parse_kind(std::string_view text) {
  for (const auto kind : {Event::Kind::started, Event::Kind::progress, Event::Kind::finished}) {
    if (text == kind_name(kind)) return kind;
  }
  return base::fail(base::ErrorKind::bad_data,
                    fmt::format("is \"{}\", must be started, progress or finished", text));
}

base::Result<Stage> parse_stage(std::string_view text) {
  for (const Stage stage :
       {Stage::inspect, Stage::train, Stage::certify, Stage::attack, Stage::drift}) {
    if (text == to_string(stage)) return stage;
  }
  return base::fail(
      base::ErrorKind::bad_data,
      fmt::format("is \"{}\", must be inspect, train, certify, attack or drift", text));
}

}  // namespace

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::inspect:
      return "inspect";
    case Stage::train:
      return "train";
    case Stage::certify:
      return "certify";
    case Stage::attack:
      return "attack";
    case Stage::drift:
      return "drift";
  }
  return "unknown";
}

std::string to_json_line(const Event& event) {
  Json json{{"kind", kind_name(event.kind)},
            {"attempt", event.attempt},
            {"at", event.at},
            {"stage", to_string(event.stage)},
            {"position", event.position},
            {"total", event.total},
            {"rate", event.rate}};
  if (event.stage == Stage::train) json["loss"] = event.loss;
  if (event.distance) json["distance"] = *event.distance;
  return dump(json);
}

base::Result<Event> event_from_json_line(std::string_view line) {
  Problem problem("event", base::ErrorKind::bad_data);
  const Json json = parse_json(line, problem);
  ObjectReader reader(json, "", problem);
  Event event;
  event.kind = reader.word("kind", &parse_kind);
  event.attempt = reader.integer("attempt", 1);
  event.at = reader.text("at");
  event.stage = reader.word("stage", &parse_stage);
  event.position = reader.integer("position", 0);
  event.total = reader.integer("total", 0);
  event.rate = reader.real("rate", 0.0);
  if (event.stage == Stage::train) {
    event.loss = reader.real("loss", -std::numeric_limits<double>::infinity());
    if (reader.has("distance")) event.distance = reader.real("distance", 0.0);
  }
  reader.done();
  if (problem.found()) return tl::unexpected(problem.error());
  return event;
}

}  // namespace heirloom::jobs
