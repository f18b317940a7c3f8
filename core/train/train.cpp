#include "core/train/train.h"

#include <memory>

#include <fmt/format.h>

#include "core/arch/artifact.h"
#include "core/arch/runtime.h"
#include "core/train/checkpoint_store.h"
#include "core/train/session.h"
#include "core/train/transfer_report.h"

namespace heirloom::train {
namespace {

using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

SessionTask session_task(const TrainTask& task) {
  return {.model = task.model,
          .arch = task.spec.arch,
          .file = task.file,
          .method = task.spec.method,
          .settings = task.spec.settings,
          .seed = task.spec.seed,
          .precision = task.spec.precision,
          .dataset = task.dataset,
          .teacher = task.teacher};
}

// Time worked, over this attempt and those before it.
class WorkClock {
 public:
  explicit WorkClock(milliseconds before) : before_(before) {}
  milliseconds attempt() const {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start_);
  }
  milliseconds total() const { return before_ + attempt(); }

 private:
  milliseconds before_;
  steady_clock::time_point start_ = steady_clock::now();
};

class Loop {
 public:
  Loop(const TrainTask& task, const TrainHooks& hooks, Session& session, CheckpointStore& store,
       WorkClock clock)
      : hooks_(hooks),
        session_(session),
        store_(store),
        clock_(clock),
        is_transfer_(std::holds_alternative<jobs::TransferMethod>(task.spec.method)),
        every_(task.checkpoint_every),
        next_checkpoint_(task.first_checkpoint) {}

  Result<void> run() {
    if (hooks_.on_start) hooks_.on_start(position());
    while (!session_.finished()) {
      const auto used = session_.advance();
      if (!used) {
        HEIRLOOM_TRY(go_back(used.error()));
        continue;
      }
      images_ += *used;
      if (hooks_.on_step) hooks_.on_step(position());
      const bool stop = !session_.finished() && hooks_.should_stop && hooks_.should_stop();
      if (stop || session_.finished() || clock_.attempt() >= next_checkpoint_) {
        HEIRLOOM_TRY(store_.save(
            {.step = session_.steps_taken(), .worked = clock_.total(), .state = session_.state()}));
        next_checkpoint_ = clock_.attempt() + every_;
      }
      if (stop) {
        return base::fail(ErrorKind::unavailable,
                          fmt::format("stopped at step {} of {}; a checkpoint is kept",
                                      session_.step(), session_.total_steps()));
      }
    }
    return {};
  }

  milliseconds worked() const { return clock_.total(); }

 private:
  // Goes on from where all was well. A kill in between changes nothing: what follows from a
  // checkpoint before it is the same error and the same way back.
  Result<void> go_back(base::Error error) {
    const bool lost = error.kind == ErrorKind::numerical;
    const std::int64_t from = session_.step();
    if (lost && session_.recover()) {
      if (hooks_.on_warning) {
        hooks_.on_warning(fmt::format("{}; back from step {} to step {}, at half the learning rate",
                                      error.message, from, session_.step()));
      }
      return {};
    }
    if (lost) {
      error.message += fmt::format(", also after {} times going back and halving the learning rate",
                                   session_.recoveries());
    }
    return tl::unexpected(std::move(error));
  }

  std::optional<double> distance() const {
    if (!is_transfer_ || session_.step() == 0) return std::nullopt;
    return session_.last_watched();
  }

  Position position() const {
    const double seconds = static_cast<double>(clock_.attempt().count()) / 1000.0;
    return {.step = session_.step(),
            .total = session_.total_steps(),
            .loss = session_.last_loss(),
            .distance = distance(),
            .images_per_second = seconds > 0.0 ? static_cast<double>(images_) / seconds : 0.0};
  }

  const TrainHooks& hooks_;
  Session& session_;
  CheckpointStore& store_;
  WorkClock clock_;
  bool is_transfer_;
  milliseconds every_;
  milliseconds next_checkpoint_;  // of this attempt
  std::int64_t images_ = 0;
};

}  // namespace

Result<TrainOutcome> train(const TrainTask& task, const TrainHooks& hooks) {
  if (task.threads < 1) return base::fail(ErrorKind::usage, "a job needs at least one thread");
  arch::use_threads(task.threads);
  HEIRLOOM_ASSIGN(const std::unique_ptr<Session> session, Session::create(session_task(task)));
  CheckpointStore store(task.checkpoints, task.fingerprint);
  milliseconds before{0};
  const auto passed_over = [&](const std::string& words) {
    if (hooks.on_warning) hooks.on_warning("checkpoint passed over: " + words);
  };
  if (const auto checkpoint = store.load_newest(passed_over)) {
    HEIRLOOM_TRY(session->restore(checkpoint->state));
    before = checkpoint->worked;
  }
  TrainOutcome outcome;
  outcome.started_from = session->step();
  Loop loop(task, hooks, *session, store, WorkClock(before));
  HEIRLOOM_TRY(loop.run());
  outcome.steps = session->step();
  outcome.recoveries = session->recoveries();
  outcome.final_loss = session->epoch_loss();
  HEIRLOOM_ASSIGN(outcome.artifact, session->artifact());
  HEIRLOOM_ASSIGN(outcome.weights, session->weights());
  // The id is that of the bytes, so it is computed from them; and what does not load is no result.
  HEIRLOOM_ASSIGN(const arch::Artifact artifact,
                  arch::Artifact::load(outcome.artifact, task.model.input, task.model.classes,
                                       "the trained network"));
  outcome.classifier_id = artifact.classifier_id();
  if (const auto* method = std::get_if<jobs::TransferMethod>(&task.spec.method)) {
    HEIRLOOM_ASSIGN(outcome.transfer, report_transfer({.model = task.model,
                                                       .match_on = method->match_on,
                                                       .student = outcome.artifact,
                                                       .teacher = task.teacher,
                                                       .dataset = task.dataset,
                                                       .seed = task.spec.seed,
                                                       .steps = outcome.steps}));
  }
  outcome.worked = loop.worked();
  return outcome;
}

}  // namespace heirloom::train
