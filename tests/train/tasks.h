// Small trainings on glyphs, whole and in pieces.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "core/data/glyphs.h"
#include "core/train/train.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::train {

inline constexpr jobs::InputShape kShape{1, 28, 28};

inline const data::Dataset& glyphs(std::uint64_t count) {
  static std::map<std::uint64_t, data::Dataset> drawn;
  const auto found = drawn.find(count);
  if (found != drawn.end()) return found->second;
  return drawn.emplace(count, data::draw_glyphs(1, count, kShape, 10).value()).first->second;
}

inline TrainTask task_for(const jobs::ArchSpec& arch, jobs::TrainMethod method,
                          const data::Dataset& dataset, int epochs, int batch) {
  TrainTask task;
  task.model = {.name = "g", .input = kShape, .classes = 10, .sigma = 0.25};
  task.spec.arch = arch;
  task.spec.method = std::move(method);
  task.spec.settings.epochs = epochs;
  task.spec.settings.batch = batch;
  task.spec.seed = 3;
  task.dataset = &dataset;
  task.threads = 2;
  return task;
}

inline TrainOutcome trained(TrainTask task) {
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  return train(task, {}).value();
}

// Trains in pieces of `steps_at_once` steps, each a fresh run from the checkpoint of the last.
inline TrainOutcome trained_in_pieces(TrainTask task, int steps_at_once) {
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  for (int piece = 0; piece < 1000; ++piece) {
    int steps = 0;
    TrainHooks hooks;
    hooks.on_step = [&](const Position&) { ++steps; };
    hooks.should_stop = [&] { return steps >= steps_at_once; };
    const auto outcome = train(task, hooks);
    if (outcome) return *outcome;
    if (outcome.error().kind != base::ErrorKind::unavailable) {
      throw std::runtime_error(outcome.error().text());
    }
  }
  throw std::runtime_error("training does not end");
}

// Both end in the same bytes, and in the same figures.
inline void expect_same(const TrainOutcome& pieces, const TrainOutcome& straight) {
  EXPECT_EQ(base::sha256(pieces.artifact), base::sha256(straight.artifact));
  EXPECT_EQ(pieces.classifier_id, straight.classifier_id);
  EXPECT_EQ(pieces.final_loss, straight.final_loss);
  EXPECT_EQ(pieces.steps, straight.steps);
  EXPECT_EQ(pieces.recoveries, straight.recoveries);
}

}  // namespace heirloom::train
