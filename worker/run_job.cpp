#include "worker/run_job.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <string>

#include <fmt/format.h>

#include "core/arch/runtime.h"
#include "worker/ending.h"
#include "worker/job_folder.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

using base::ErrorKind;
using base::Result;
using jobs::ExitCode;

jobs::Stage stage_of(const jobs::Task& task) {
  if (std::holds_alternative<jobs::Train>(task)) return jobs::Stage::train;
  if (std::holds_alternative<jobs::Certify>(task)) return jobs::Stage::certify;
  // The same work, on images that somebody sent: what an event says of it means the same, too.
  if (std::holds_alternative<jobs::Predict>(task)) return jobs::Stage::certify;
  if (std::holds_alternative<jobs::Attack>(task)) return jobs::Stage::attack;
  if (std::holds_alternative<jobs::Drift>(task)) return jobs::Stage::drift;
  return jobs::Stage::inspect;
}

// LibTorch reports failures by exceptions; they become errors here.
Result<jobs::Outcome> run_guarded(TaskContext& context) {
  try {
    HEIRLOOM_TRY(arch::use_device(context.job.device));
    return std::visit([&](const auto& task) { return run_task(task, context); }, context.job.task);
  } catch (const std::bad_alloc&) {
    return base::fail(ErrorKind::unavailable, "not enough memory");
  } catch (const std::exception& error) {
    const std::string_view all = error.what();
    const std::string_view words = all.substr(0, all.find('\n'));
    const bool memory = words.find("can't allocate memory") != std::string_view::npos;
    return base::fail(memory ? ErrorKind::unavailable : ErrorKind::internal,
                      fmt::format("the numerical library failed: {}", words));
  }
}

Result<jobs::JobResult> run_parsed(const jobs::Job& job, const JobFolder& folder) {
  HEIRLOOM_TRY(folder.prepare());
  HEIRLOOM_ASSIGN(EventLog events,
                  EventLog::open(folder.events(), job.attempt, stage_of(job.task)));
  arch::keep_freed_memory();
  TaskContext context{.job = job, .folder = folder, .events = events};
  const auto start = std::chrono::steady_clock::now();
  Result<jobs::Outcome> outcome = run_guarded(context);
  const std::chrono::duration<double> attempt = std::chrono::steady_clock::now() - start;
  return jobs::JobResult{.job_id = job.id,
                         .attempt = job.attempt,
                         .epoch = job.epoch,
                         .seconds = std::max(context.seconds, attempt.count()),
                         .started_from = context.started_from,
                         .outcome = std::move(outcome)};
}

}  // namespace

ExitCode run_job(const std::filesystem::path& path) {
  const JobFolder folder(path);
  const auto job = folder.read_job();
  if (!job) return end_without_job(job.error());
  const auto result = run_parsed(*job, folder);
  if (!result) {
    complain(result.error());
    return jobs::exit_code_for(result.error().kind);
  }
  return end_with_result(folder, *result);
}

}  // namespace heirloom::worker
