// Progress of a job: one JSON object a line in events.jsonl.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace heirloom::jobs {

enum class Stage { inspect, train, certify, attack, drift };
std::string_view to_string(Stage stage);

struct Event {
  enum class Kind {
    started,   // position: where this attempt goes on from (0 for a fresh start)
    progress,  // position of total, once or twice a second at most
    finished,  // result.json follows
  };
  Kind kind = Kind::progress;
  std::int64_t attempt = 0;
  std::string at;  // UTC, ISO 8601
  Stage stage = Stage::train;
  std::int64_t position = 0;  // train: optimiser steps done; else examples done
  std::int64_t total = 0;
  double rate = 0.0;  // train: images a second; else samples a second
  double loss = 0.0;  // train only
  // Transfer only: mean l2 distance of student and teacher on the last batch.
  std::optional<double> distance;
};

std::string to_json_line(const Event& event);  // without the newline
base::Result<Event> event_from_json_line(std::string_view line);

}  // namespace heirloom::jobs
