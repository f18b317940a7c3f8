#include "daemon/pipeline/pipeline.h"

#include <algorithm>
#include <csignal>
#include <set>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "daemon/drift/drift_checks.h"
#include "daemon/pipeline/champion_folder.h"
#include "daemon/pipeline/falsifying.h"
#include "daemon/pipeline/job_builder.h"
#include "daemon/pipeline/queueing.h"
#include "daemon/pipeline/reproducing.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/pipeline/stages.h"
#include "daemon/pipeline/transitions.h"

namespace heirloom::daemon {
namespace {

using base::Error;
using base::ErrorKind;
using registry::GenerationRow;
using registry::JobRow;
using registry::State;

// What the end of a worker means when it left no result to read.
Error error_of(const WorkerExit& exit, const Error& unreadable) {
  if (exit.signalled) {
    std::string hint;
    if (exit.code == SIGKILL) hint = "it was out of memory, silent for too long, or killed";
    if (exit.code == SIGXCPU) hint = "it used up `limits.cpu_seconds` of the settings";
    return Error{ErrorKind::unavailable,
                 fmt::format("the worker was ended by signal {}", exit.code), std::move(hint)};
  }
  if (exit.code == static_cast<int>(jobs::ExitCode::try_again)) {
    return Error{ErrorKind::unavailable, "the worker stopped and asked to be tried again", ""};
  }
  return Error{ErrorKind::unavailable,
               fmt::format("the worker ended with exit code {} and no result: {}", exit.code,
                           unreadable.text()),
               ""};
}

// Permanent failures say something about the job; the others about this attempt.
bool is_permanent(const Error& error) {
  return error.kind != ErrorKind::unavailable && error.kind != ErrorKind::io;
}

}  // namespace

Pipeline::Pipeline(registry::Registry& registry, Runner& runner, const StateFolder& state,
                   const config::Settings& settings, const Signers& signers,
                   const base::Clock& clock, Wake wake)
    : registry_(registry),
      runner_(runner),
      state_(state),
      settings_(settings),
      signers_(signers),
      clock_(clock),
      wake_(std::move(wake)),
      model_clock_(registry, clock) {}

void Pipeline::recover() {
  registry::Transaction transaction(registry_.db);
  for (const registry::AttemptRow& attempt : registry_.generations.unended_attempts()) {
    EventTail tail(state_.job(attempt.job_id));
    tail.poll();
    registry_.generations.end_attempt(
        transaction, attempt.job_id, attempt.number,
        {tail.started_from(), std::string(registry::kLostWithDaemon), std::nullopt, ""},
        registry_.now());
    spdlog::info(
        "job {} attempt {} was lost with an earlier daemon; it goes on from its "
        "checkpoint",
        attempt.job_id, attempt.number);
  }
  transaction.commit();
}

// The link that consumers read follows the registry. Each champion is published once a life of the
// daemon, and again when its holdout's figures open; which also mends a folder that was lost or
// damaged while it was away.
void Pipeline::publish_champions() {
  for (const registry::ModelRow& model : registry_.models.all()) {
    const auto champion = registry_.evidence.champion(model.id);
    if (!champion) continue;
    const auto generation = registry_.generations.get(champion->generation_id);
    const std::pair now(champion->id, figures_hidden(registry_, *generation));
    if (published_[model.id] == now) continue;
    if (auto published = publish_champion(registry_, state_, model, signing_key_); !published) {
      spdlog::error("cannot publish the champion of {}: {}", model.spec.name,
                    published.error().text());
      continue;
    }
    published_[model.id] = now;
  }
}

void Pipeline::step() {
  if (stopping_) return;
  queue_generations(registry_);  // may register the teacher of a bootstrap
  if (const auto next = model_clock_.step()) wake_by(clock_.steady() + *next);
  open_inspections();
  bool moved = true;
  while (moved) {
    moved = false;
    std::int64_t busy_model = 0;  // a model runs one generation at a time, in order
    for (const GenerationRow& generation : registry_.generations.unfinished()) {
      if (generation.model_id == busy_model) continue;
      busy_model = generation.model_id;
      moved = advance(generation) || moved;
    }
  }
  publish_champions();
  launch_jobs();
}

// One move of a generation that needs no worker. True when there may be another.
bool Pipeline::advance(const GenerationRow& generation) {
  const auto open = registry_.generations.open_jobs();
  const bool waits = std::any_of(open.begin(), open.end(), [&](const JobRow& job) {
    return job.generation_id == generation.id;
  });
  if (waits) return false;
  base::Result<void> moved;
  switch (generation.state) {
    case State::queued: {
      const base::Result<bool> may = may_begin(registry_, generation);
      if (may && !*may) return false;
      moved = may ? begin_training(registry_, generation) : tl::unexpected(may.error());
      break;
    }
    case State::certifying:
      moved = continue_certifying(registry_, generation);
      break;
    case State::judging:
      moved = judge_generation(registry_, generation);
      break;
    case State::training:
      moved = base::fail(ErrorKind::internal, "a training without its job");
      break;
    case State::promoted:
    case State::rejected:
    case State::held:
    case State::failed:
      return false;
  }
  if (!moved) {
    spdlog::error("generation {}: {}", generation.label(), moved.error().text());
    if (!is_permanent(moved.error())) {
      wake_(std::chrono::duration_cast<std::chrono::milliseconds>(settings_.retry_delay));
      return false;
    }
    fail_generation(registry_, generation.id, moved.error());
    return true;
  }
  log_move(generation);
  return true;
}

void Pipeline::log_move(const GenerationRow& before) {
  const auto now = registry_.generations.get(before.id);
  if (now->state == before.state) return;  // it opened a job and waits for it
  if (metrics_ != nullptr && registry::is_final(now->state)) {
    metrics_->generation_ended(registry::to_string(now->state));
  }
  const std::string name = registry_.models.get(before.model_id)->spec.name;
  spdlog::info("{} {}: {} -> {}", name, before.label(), registry::to_string(before.state),
               registry::to_string(now->state));
  if (const auto verdict = registry_.evidence.verdict_of(before.id); verdict) {
    spdlog::info("{} {} {}", name, before.label(), verdict->reason);
  }
}

void Pipeline::open_inspections() {
  std::set<std::int64_t> inspected;
  for (const JobRow& job : registry_.generations.open_jobs()) {
    if (job.registration_id) inspected.insert(*job.registration_id);
  }
  for (const registry::RegistrationRow& registration : registry_.catalog.inspecting()) {
    if (inspected.contains(registration.id)) continue;
    JobRow job;
    job.kind = "inspect";
    job.registration_id = registration.id;
    registry::Transaction transaction(registry_.db);
    registry_.generations.add_job(transaction, job, registry_.now());
    transaction.commit();
  }
}

// One wake for the nearest time that was asked for: a turn asks again for what is still to come.
void Pipeline::wake_by(std::chrono::steady_clock::time_point time) {
  if (wakes_at_ && *wakes_at_ > clock_.steady() && *wakes_at_ <= time) return;
  wakes_at_ = time;
  wake_(std::chrono::ceil<std::chrono::milliseconds>(time - clock_.steady()));
}

std::int64_t Pipeline::model_of(const JobRow& job) {
  if (job.registration_id) {
    return registry_.catalog.registration(*job.registration_id)->model_id;
  }
  return registry_.generations.get(*job.generation_id)->model_id;
}

// Inspections first, since a person waits for them; then the model whose turn is longest ago.
void Pipeline::launch_jobs() {
  if (registry_.pauses.current(std::nullopt)) return;
  while (running_.size() < static_cast<std::size_t>(settings_.max_jobs) && !stopping_) {
    std::optional<JobRow> best;
    auto best_rank = std::make_tuple(true, std::uint64_t{0}, std::int64_t{0});
    for (const JobRow& job : registry_.generations.open_jobs()) {
      if (running_.contains(job.id) || registry_.pauses.current(model_of(job))) continue;
      if (const auto wait = not_before_.find(job.id);
          wait != not_before_.end() && clock_.steady() < wait->second) {
        continue;
      }
      const auto rank = std::make_tuple(job.kind != "inspect", last_turn_[model_of(job)], job.id);
      if (!best || rank < best_rank) {
        best = job;
        best_rank = rank;
      }
    }
    if (!best || !launch(*best)) return;
  }
}

// True: launched, or failed for good. False: try again later.
bool Pipeline::launch(const JobRow& job) {
  const auto earlier = registry_.generations.attempts_of_job(job.id);
  const std::int64_t attempt = earlier.empty() ? 1 : earlier.back().number + 1;
  {
    registry::Transaction transaction(registry_.db);
    registry_.generations.add_attempt(transaction, job.id, attempt, registry_.epoch(),
                                      registry_.now());
    if (job.generation_id && job.kind != kReproduceJob && job.kind != kDriftJob) {
      // The generation names the attempt that may move it on; an older one's result is refused.
      const GenerationRow from = *registry_.generations.get(*job.generation_id);
      GenerationRow to = from;
      to.attempt = attempt;
      to.epoch = registry_.epoch();
      if (!registry_.generations.move(transaction, from, to)) return false;
    }
    transaction.commit();
  }
  not_before_.erase(job.id);
  last_turn_[model_of(job)] = ++turn_;
  if (const auto error = launch_attempt(job, attempt)) {
    registry::Transaction transaction(registry_.db);
    registry_.generations.end_attempt(transaction, job.id, attempt,
                                      {std::nullopt, "not started", error->text(), ""},
                                      registry_.now());
    transaction.commit();
    retry_or_fail(job, *error);
  }
  return true;
}

std::optional<Error> Pipeline::launch_attempt(const JobRow& job, std::int64_t attempt) {
  const auto folder = state_.job(job.id);
  if (auto may = may_inspect(registry_, signers_, job); !may) return may.error();
  auto built = build_job(registry_, job, attempt, compute_of(settings_));
  if (!built) return built.error();
  if (auto prepared = prepare_job_folder(folder, *built); !prepared) return prepared.error();
  auto launched =
      runner_.launch(job.id, folder, [this, id = job.id](WorkerExit exit) { on_exit(id, exit); });
  if (!launched) return launched.error();
  running_.emplace(job.id,
                   Running{job, attempt, EventTail(folder), clock_.steady(), clock_.steady()});
  spdlog::info("job {} ({}) attempt {} started", job.id, job.kind, attempt);
  return std::nullopt;
}

void Pipeline::on_exit(std::int64_t job_id, WorkerExit exit) {
  const auto found = running_.find(job_id);
  if (found == running_.end()) return;
  Running running = std::move(found->second);
  running_.erase(found);
  // Left open on purpose: the next daemon finds the attempt unended and goes on from there.
  if (stopping_) return;

  const auto folder = state_.job(job_id);
  running.tail.poll();
  const auto result = read_result(folder, job_id, running.attempt, registry_.epoch());
  std::optional<Error> error;
  if (!result) {
    error = error_of(exit, result.error());
  } else if (!result->outcome) {
    error = result->outcome.error();
  }
  {
    registry::Transaction transaction(registry_.db);
    registry::AttemptEnd end;
    end.started_from = running.tail.started_from();
    end.ending = exit.text();
    if (error) end.error = error->text();
    if (error) end.stderr_tail = stderr_tail(folder);
    registry_.generations.end_attempt(transaction, job_id, running.attempt, end, registry_.now());
    transaction.commit();
  }
  if (metrics_ != nullptr) metrics_->attempt_ended(running.job.kind, !error);
  if (error) {
    spdlog::warn("job {} ({}) attempt {}: {}", job_id, running.job.kind, running.attempt,
                 error->text());
    retry_or_fail(running.job, *error);
  } else {
    finish(running, *result);
  }
  step();
}

void Pipeline::finish(const Running& running, const jobs::JobResult& result) {
  const auto output = state_.job(running.job.id) / jobs::kOutputFolder;
  base::Result<void> finished;
  if (running.job.kind == "inspect") {
    finished = finish_inspection(registry_, signers_, running.job, result, output);
  } else if (running.job.kind == "certify") {
    finished = finish_certification(registry_, running.job, result, output);
  } else if (running.job.kind == kReproduceJob) {
    finished = finish_reproduction(registry_, running.job, result, output);
  } else if (running.job.kind == kDriftJob) {
    finished = finish_drift(registry_, running.job, result, output);
  } else if (running.job.kind == "attack") {
    finished = finish_attack(registry_, running.job, result, output);
  } else {
    finished = finish_training(registry_, running.job, result, output);
  }
  if (!finished) {
    spdlog::error("job {} ({}): {}", running.job.id, running.job.kind, finished.error().text());
    retry_or_fail(running.job, finished.error());
    return;
  }
  remove_job_folder(state_.job(running.job.id));
}

void Pipeline::fail(const JobRow& job, const Error& error) {
  if (job.registration_id) {
    refuse_registration(registry_, *job.registration_id, job.id, error);
  } else if (job.kind == kReproduceJob) {
    fail_reproduction(registry_, job, error);
  } else if (job.kind == kDriftJob) {
    fail_drift(registry_, job, error);
  } else {
    fail_generation(registry_, *job.generation_id, error);
  }
}

void Pipeline::retry_or_fail(const JobRow& job, const Error& error) {
  std::int64_t spent = 0;
  for (const registry::AttemptRow& attempt : registry_.generations.attempts_of_job(job.id)) {
    if (attempt.ending && *attempt.ending != registry::kLostWithDaemon) ++spent;
  }
  if (is_permanent(error) || spent >= settings_.max_attempts) {
    fail(job, error);
    return;
  }
  const auto delay = settings_.retry_delay * (std::int64_t{1} << std::min<std::int64_t>(
                                                  std::max<std::int64_t>(spent - 1, 0), 10));
  not_before_[job.id] = clock_.steady() + delay;
  wake_(std::chrono::duration_cast<std::chrono::milliseconds>(delay));
}

void Pipeline::poll() {
  std::vector<std::int64_t> silent;
  for (auto& [job_id, running] : running_) {
    if (running.tail.poll()) running.last_sign = clock_.steady();
    if (clock_.steady() - running.last_sign > settings_.heartbeat_timeout) silent.push_back(job_id);
  }
  for (const std::int64_t job_id : silent) {
    spdlog::warn("job {} was silent for {} s; killing it", job_id,
                 settings_.heartbeat_timeout.count());
    runner_.kill(job_id);
  }
}

void Pipeline::stop() {
  stopping_ = true;
  for (const auto& [job_id, running] : running_) runner_.terminate(job_id);
}

void Pipeline::kill_workers() {
  std::vector<std::int64_t> all;
  for (const auto& [job_id, running] : running_) all.push_back(job_id);
  for (const std::int64_t job_id : all) runner_.kill(job_id);
}

std::optional<Pipeline::Progress> Pipeline::progress(std::int64_t generation_id) {
  for (auto& [job_id, running] : running_) {
    if (running.job.generation_id != generation_id) continue;
    running.tail.poll();
    Progress out{job_id, running.attempt, running.tail.last(), running.tail.started_from(), {}};
    const double elapsed =
        std::chrono::duration<double>(clock_.steady() - running.launched).count();
    if (out.last && out.started_from && out.last->position > *out.started_from) {
      const auto done = static_cast<double>(out.last->position - *out.started_from);
      out.eta_seconds = elapsed / done * static_cast<double>(out.last->total - out.last->position);
    }
    return out;
  }
  return std::nullopt;
}

}  // namespace heirloom::daemon
