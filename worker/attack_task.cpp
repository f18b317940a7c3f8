#include <chrono>
#include <string>
#include <vector>

#include "core/base/files.h"
#include "core/certificate/falsification.h"
#include "core/smooth/attack.h"
#include "worker/certified_model.h"
#include "worker/process.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

using base::Result;
using certificate::AttackRow;
using certificate::AttackTarget;
using certificate::Protocol;
using std::chrono::steady_clock;

constexpr std::string_view kProgressFile = "attack.progress";
constexpr std::uint64_t kMaxProgressBytes = std::uint64_t{1} << 30;

std::vector<AttackTarget> targets_of(const jobs::Attack& task) {
  std::vector<AttackTarget> targets;
  for (const jobs::AttackTarget& target : task.targets) {
    targets.push_back({target.index, target.claimed, target.epsilon});
  }
  return targets;
}

// The rows of this attempt and of earlier ones. After each the whole file is replaced: an example
// takes seconds, and there are not many. Its first line is a checksum over the rows and everything
// that decides them.
class AttackProgress {
 public:
  AttackProgress(std::filesystem::path path, const jobs::Attack& task, const Protocol& protocol)
      : path_(std::move(path)) {
    base::FieldEncoder fields;
    fields.text("heirloom/attack-task/v1")
        .digest(task.classifier_id)
        .digest(task.noise_key)
        .digest(protocol.id())
        .integer(protocol.forward_batch);
    task_ = fields.sha256();
  }

  // Takes what an earlier attempt left, if it is a beginning of the rows for `targets`.
  void resume(const std::vector<AttackTarget>& targets) {
    const auto text = base::read_file(path_, kMaxProgressBytes);
    const std::size_t end = text ? text->find('\n') : std::string::npos;
    if (end == std::string::npos) return;
    const std::string rows = text->substr(end + 1);
    if (text->substr(0, end) != checksum(rows)) return;
    auto read = certificate::attack_from_tsv(rows, path_.native());
    if (!read || read->size() > targets.size()) return;
    for (std::size_t i = 0; i < read->size(); ++i) {
      if ((*read)[i].target != targets[i]) return;
    }
    rows_ = *std::move(read);
  }

  Result<void> add(const AttackRow& row) {
    rows_.push_back(row);
    const std::string rows = certificate::attack_to_tsv(rows_);
    return base::write_file_atomically(path_, checksum(rows) + "\n" + rows);
  }

  const std::vector<AttackRow>& rows() const { return rows_; }

 private:
  std::string checksum(std::string_view rows) const {
    return base::FieldEncoder().digest(task_).text(rows).sha256().hex();
  }

  std::filesystem::path path_;
  base::Digest task_;
  std::vector<AttackRow> rows_;
};

}  // namespace

Result<jobs::Outcome> run_task(const jobs::Attack& spec, TaskContext& context) {
  const jobs::Job& job = context.job;
  HEIRLOOM_ASSIGN(const Protocol protocol, protocol_for_worker(spec.protocol, job.model));
  HEIRLOOM_ASSIGN(const std::string model, load_artifact(spec.model));
  HEIRLOOM_ASSIGN(const data::Dataset holdout,
                  load_holdout(spec.holdout, protocol, job.model, job.threads));
  smooth::AttackTask task;
  task.model = model;
  task.origin = spec.model.path;
  task.holdout = &holdout;
  task.targets = targets_of(spec);
  task.noise = {.secret = spec.noise_key,
                .classifier_id = spec.classifier_id,
                .holdout_id = protocol.holdout_id,
                .sigma = base::Sigma(protocol.sigma)};
  task.grid = protocol.grid;
  task.forward_batch = protocol.forward_batch;
  task.threads = job.threads;

  AttackProgress progress(context.folder.checkpoints() / kProgressFile, spec, protocol);
  progress.resume(task.targets);
  task.first = progress.rows().size();
  const auto total = static_cast<std::int64_t>(task.targets.size());
  context.started_from = static_cast<std::int64_t>(task.first);
  context.events.started(context.started_from, total);
  const steady_clock::time_point start = steady_clock::now();
  jobs::Attacked outcome;
  smooth::AttackHooks hooks;
  hooks.on_example = [&](const AttackRow& row) { return progress.add(row); };
  hooks.on_samples = [&](std::uint64_t count) {
    outcome.samples += count;
    const double seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
    context.events.progress(static_cast<std::int64_t>(progress.rows().size()), total,
                            seconds > 0.0 ? static_cast<double>(outcome.samples) / seconds : 0.0,
                            0.0);
  };
  hooks.should_stop = [] { return stop_requested(); };
  HEIRLOOM_TRY(smooth::attack(task, hooks));
  HEIRLOOM_ASSIGN(outcome.rows,
                  context.folder.write_output(jobs::kAttackOutput,
                                              certificate::attack_to_tsv(progress.rows())));
  context.events.finished(total, total);
  return outcome;
}

}  // namespace heirloom::worker
