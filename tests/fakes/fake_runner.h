// A runner without processes: a test plays the worker, writing what a worker would write.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "core/base/files.h"
#include "core/jobs/job.h"
#include "core/jobs/result.h"
#include "daemon/runner/runner.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::fakes {

class FakeRunner final : public daemon::Runner {
 public:
  base::Result<void> launch(std::int64_t job_id, const std::filesystem::path& folder,
                            OnExit on_exit) override {
    if (refuse_launch) return base::fail(base::ErrorKind::io, "no more processes");
    children_[job_id] = {folder, std::move(on_exit)};
    ++launches;
    return {};
  }
  void terminate(std::int64_t job_id) override { terminated[job_id] = true; }
  void kill(std::int64_t job_id) override { end(job_id, {true, 9}); }
  std::size_t running() const override { return children_.size(); }

  // The one job that runs; a test that expects another number of them has failed already.
  std::int64_t only_job() const { return children_.size() == 1 ? children_.begin()->first : -1; }

  bool runs(std::int64_t job_id) const { return children_.contains(job_id); }

  jobs::Job job(std::int64_t job_id) const {
    const auto text = base::read_file(children_.at(job_id).first / jobs::kJobFile, 1 << 24);
    return jobs::job_from_json(text.value()).value();
  }
  std::filesystem::path output(std::int64_t job_id) const {
    return children_.at(job_id).first / jobs::kOutputFolder;
  }
  // Writes an output file as a worker does; what result.json says of it.
  jobs::OutputFile write_output(std::int64_t job_id, const std::string& name,
                                const std::string& bytes) const {
    write_file(output(job_id) / name, bytes);
    return {name, base::sha256(bytes), bytes.size()};
  }

  void succeed(std::int64_t job_id, jobs::Outcome outcome) {
    answer(job_id, base::Result<jobs::Outcome>(std::move(outcome)), {false, 0});
  }
  void refuse(std::int64_t job_id, base::Error error) {
    const int code = static_cast<int>(jobs::exit_code_for(error.kind));
    answer(job_id, tl::unexpected<base::Error>(std::move(error)), {false, code});
  }
  // The worker ends without a result.
  void end(std::int64_t job_id, daemon::WorkerExit exit) {
    auto child = children_.extract(job_id);
    if (!child.empty()) child.mapped().second(exit);
  }

  bool refuse_launch = false;
  int launches = 0;
  std::map<std::int64_t, bool> terminated;

 private:
  void answer(std::int64_t job_id, base::Result<jobs::Outcome> outcome, daemon::WorkerExit exit) {
    const jobs::Job told = job(job_id);
    jobs::JobResult result;
    result.job_id = told.id;
    result.attempt = told.attempt;
    result.epoch = told.epoch;
    result.seconds = 1.5;
    result.outcome = std::move(outcome);
    write_file(children_.at(job_id).first / jobs::kResultFile, jobs::to_json(result));
    end(job_id, exit);
  }

  std::map<std::int64_t, std::pair<std::filesystem::path, OnExit>> children_;
};

}  // namespace heirloom::fakes
