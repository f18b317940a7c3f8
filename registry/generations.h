// Generations, and the jobs and attempts that make them.
//
// A generation's state changes only by move(), which names the state, attempt and epoch it leaves;
// a move that changes no row reports false and must be abandoned (docs/ARCHITECTURE.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "registry/audit/covered_rows.h"
#include "registry/db/database.h"

namespace heirloom::registry {

// Stored by these names.
enum class State { queued, training, certifying, judging, promoted, rejected, held, failed };
std::string_view to_string(State state);
bool is_final(State state);  // nothing more happens by itself: promoted, rejected, held, failed

struct GenerationRow {
  std::int64_t id = 0;
  std::int64_t model_id = 0;
  std::int64_t number = 0;
  std::int64_t version_id = 0;
  std::int64_t snapshot_id = 0;
  std::int64_t policy_id = 0;
  std::uint64_t seed = 0;
  std::string cause;
  State state = State::queued;
  std::int64_t attempt = 0;
  std::int64_t epoch = 0;
  std::optional<std::string> kind;  // bootstrap or transfer; known from training on
  std::optional<std::int64_t> teacher_id;
  std::optional<base::Digest> model_sha256;  // the artifact; known from certifying on
  std::optional<std::int64_t> model_bytes;
  std::optional<base::Digest> classifier_id;
  std::optional<std::string> kernel;
  std::optional<std::int64_t> forward_batch;
  std::optional<double> train_seconds;
  std::optional<std::string> error;  // why it failed
  std::string created_at;

  std::string label() const { return "g" + std::to_string(number); }
};

struct NewGeneration {
  std::int64_t model_id = 0;
  std::int64_t version_id = 0;
  std::int64_t snapshot_id = 0;
  std::int64_t policy_id = 0;
  std::uint64_t seed = 0;
  std::string cause;
};

struct TrainingRow {
  std::int64_t id = 0;
  std::string report;  // jobs::training_report_json
};

struct JobRow {
  std::int64_t id = 0;
  std::string kind;
  std::optional<std::int64_t> registration_id;
  std::optional<std::int64_t> generation_id;
  std::optional<std::int64_t> subject_id;  // certify, attack: whose artifact
  std::string state;                       // "open", "done" or "failed"
  std::string created_at{};
};

struct AttemptRow {
  std::int64_t id = 0;
  std::int64_t job_id = 0;
  std::string job_kind;
  std::int64_t number = 0;
  std::int64_t epoch = 0;
  std::string started_at;
  std::optional<std::string> ended_at;
  std::optional<std::int64_t> started_from;
  std::optional<std::string> ending;
  std::optional<std::string> error;
};

// How an attempt ended.
struct AttemptEnd {
  std::optional<std::int64_t> started_from;
  std::string ending;  // "exit 0", "signal 9", "lost with the daemon"
  std::optional<std::string> error;
  std::string stderr_tail;
};

inline constexpr std::string_view kLostWithDaemon = "lost with the daemon";

class Generations {
 public:
  explicit Generations(Database& db) : db_(db) {}

  // The number that the model's next generation will get.
  std::int64_t next_number(std::int64_t model_id);
  std::int64_t add(Transaction& transaction, const NewGeneration& generation, const std::string& at,
                   std::vector<RowRange>& rows);
  std::optional<GenerationRow> get(std::int64_t id);
  std::optional<GenerationRow> find(std::int64_t model_id, std::int64_t number);
  // Numbers > after, ascending.
  std::vector<GenerationRow> list(std::int64_t model_id, std::int64_t after, std::int64_t limit);
  // Of that version on that data by that policy.
  std::optional<GenerationRow> newest_of(std::int64_t version_id, std::int64_t snapshot_id,
                                         std::int64_t policy_id);
  std::optional<GenerationRow> newest_finished(std::int64_t model_id);
  std::optional<GenerationRow> newest(std::int64_t model_id);
  // Whether there is one of that version on that data by that policy, taught by `teacher_id` or not
  // yet begun.
  bool taught_on(std::int64_t version_id, std::int64_t snapshot_id, std::int64_t policy_id,
                 std::int64_t teacher_id);
  // Not final, by model: what is under way first, then the queue by number.
  std::vector<GenerationRow> unfinished();

  // The weights, as an artifact of safetensors, that a training of a generation ended in: the last
  // ones, if there are any.
  void add_trained_weights(Transaction& transaction, std::int64_t generation_id,
                           const base::Digest& sha256, std::uint64_t bytes,
                           std::vector<RowRange>& rows);
  std::optional<base::Digest> trained_weights(std::int64_t generation_id);

  // Writes every mutable column of `to` if the row is still in `from`'s state, attempt and epoch.
  bool move(Transaction& transaction, const GenerationRow& from, const GenerationRow& to);

  void add_training(Transaction& transaction, std::int64_t generation_id, const std::string& report,
                    std::vector<RowRange>& rows);
  // Its newest training that has ended.
  std::optional<TrainingRow> training(std::int64_t generation_id);

  std::int64_t add_job(Transaction& transaction, const JobRow& job, const std::string& at);
  void close_job(Transaction& transaction, std::int64_t job_id, std::string_view state);
  std::optional<JobRow> job(std::int64_t id);
  std::vector<JobRow> open_jobs();
  std::optional<JobRow> newest_job(std::int64_t generation_id, std::string_view kind);
  std::int64_t add_attempt(Transaction& transaction, std::int64_t job_id, std::int64_t number,
                           std::int64_t epoch, const std::string& at);
  // False when the attempt had ended already.
  bool end_attempt(Transaction& transaction, std::int64_t job_id, std::int64_t number,
                   const AttemptEnd& end, const std::string& at);
  std::vector<AttemptRow> attempts_of_job(std::int64_t job_id);
  std::vector<AttemptRow> attempts_of_generation(std::int64_t generation_id);
  // The number of the last attempt of the job that needed most; 0 without jobs.
  std::int64_t most_attempts(std::int64_t generation_id);
  // Attempts without an end: they ran when an earlier daemon died.
  std::vector<AttemptRow> unended_attempts();

 private:
  Database& db_;
};

}  // namespace heirloom::registry
