// Runs the real heirloom-worker on job folders.
#pragma once

#include <chrono>
#include <csignal>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>

#include "core/base/files.h"
#include "core/data/source.h"
#include "core/jobs/event.h"
#include "core/jobs/job.h"
#include "core/jobs/result.h"
#include "tests/fakes/temp_folder.h"

extern char** environ;  // POSIX gives it no header

namespace heirloom::worker {

inline constexpr jobs::InputShape kShape{1, 28, 28};

inline pid_t start_worker(const std::filesystem::path& folder,
                          std::string program = HEIRLOOM_WORKER) {
  std::string argument = folder.native();
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) != 0) {
    throw std::runtime_error("cannot start the worker");
  }
  return child;
}

// The exit code, or minus the signal that ended it.
inline int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

inline int run_worker(const std::filesystem::path& folder) {
  return wait_for(start_worker(folder));
}

// Polls for up to a minute: the machine may be busy.
inline bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 12000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

inline jobs::Job job_with(jobs::Task task, std::int64_t attempt = 1) {
  jobs::Job job;
  job.id = 5;
  job.attempt = attempt;
  job.epoch = 2;
  job.threads = 1;
  job.model = {.name = "glyphs", .input = kShape, .classes = 10, .sigma = 0.25};
  job.task = std::move(task);
  return job;
}

inline void write_job(const std::filesystem::path& folder, const jobs::Job& job) {
  fakes::write_file(folder / jobs::kJobFile, jobs::to_json(job));
}

inline jobs::JobResult result_in(const std::filesystem::path& folder) {
  const auto text = base::read_file(folder / jobs::kResultFile, 1 << 20);
  if (!text) throw std::runtime_error(text.error().text());
  return jobs::result_from_json(*text).value();
}

template <typename Outcome>
Outcome outcome_in(const std::filesystem::path& folder) {
  const jobs::JobResult result = result_in(folder);
  if (!result.outcome) throw std::runtime_error(result.outcome.error().text());
  return std::get<Outcome>(*result.outcome);
}

inline std::vector<jobs::Event> events_in(const std::filesystem::path& folder) {
  std::vector<jobs::Event> events;
  const std::string text = base::read_file(folder / jobs::kEventsFile, 1 << 24).value();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    events.push_back(jobs::event_from_json_line(text.substr(at, end - at)).value());
    at = end + 1;
  }
  return events;
}

inline jobs::DataPart glyphs_part(const std::string& source) {
  return data::resolve({jobs::DataFormat::glyphs, {source}}, kShape, 10).value().part;
}

// A training of about `epochs` * 8 steps.
inline jobs::Train train_task(const std::string& arch, int epochs) {
  jobs::Train train;
  train.arch.name = arch;
  train.train = glyphs_part("1:512");
  train.settings.epochs = epochs;
  train.settings.batch = 64;
  train.seed = 9;
  return train;
}

}  // namespace heirloom::worker
