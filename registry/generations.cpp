#include "registry/generations.h"

#include <array>

#include <fmt/format.h>

#include "registry/audit/seals.h"

namespace heirloom::registry {
namespace {

constexpr std::array kStates = {State::queued,   State::training, State::certifying, State::judging,
                                State::promoted, State::rejected, State::held,       State::failed};

State parse_state(std::string_view text) {
  for (const State state : kStates) {
    if (to_string(state) == text) return state;
  }
  throw DatabaseFailure(fmt::format("registry: \"{}\" is no state of a generation", text));
}

constexpr const char* kColumns =
    "SELECT id, model_id, number, version_id, snapshot_id, policy_id, seed, cause, state, attempt, "
    "epoch, kind, teacher_id, model_sha256, model_bytes, classifier_id, kernel, forward_batch, "
    "train_seconds, error, created_at FROM generations";

GenerationRow read_generation(const Query& row) {
  GenerationRow out;
  out.id = row.integer(0);
  out.model_id = row.integer(1);
  out.number = row.integer(2);
  out.version_id = row.integer(3);
  out.snapshot_id = row.integer(4);
  out.policy_id = row.integer(5);
  out.seed = static_cast<std::uint64_t>(row.integer(6));
  out.cause = row.text(7);
  out.state = parse_state(row.text(8));
  out.attempt = row.integer(9);
  out.epoch = row.integer(10);
  out.kind = row.optional_text(11);
  out.teacher_id = row.optional_integer(12);
  out.model_sha256 = row.optional_digest(13);
  out.model_bytes = row.optional_integer(14);
  out.classifier_id = row.optional_digest(15);
  out.kernel = row.optional_text(16);
  out.forward_batch = row.optional_integer(17);
  out.train_seconds = row.optional_real(18);
  out.error = row.optional_text(19);
  out.created_at = row.text(20);
  return out;
}

std::vector<GenerationRow> read_all(Query rows) {
  std::vector<GenerationRow> out;
  while (rows.step()) out.push_back(read_generation(rows));
  return out;
}

std::optional<GenerationRow> read_first(Query rows) {
  if (!rows.step()) return std::nullopt;
  return read_generation(rows);
}

constexpr const char* kJobColumns =
    "SELECT id, kind, registration_id, generation_id, subject_id, state, created_at FROM jobs";

JobRow read_job(const Query& row) {
  return JobRow{row.integer(0),
                row.text(1),
                row.optional_integer(2),
                row.optional_integer(3),
                row.optional_integer(4),
                row.text(5),
                row.text(6)};
}

constexpr const char* kAttemptColumns =
    "SELECT a.id, a.job_id, j.kind, a.number, a.epoch, a.started_at, a.ended_at, a.started_from, "
    "a.ending, a.error FROM attempts a JOIN jobs j ON j.id = a.job_id";

std::vector<AttemptRow> read_attempts(Query rows) {
  std::vector<AttemptRow> out;
  while (rows.step()) {
    out.push_back({rows.integer(0), rows.integer(1), rows.text(2), rows.integer(3), rows.integer(4),
                   rows.text(5), rows.optional_text(6), rows.optional_integer(7),
                   rows.optional_text(8), rows.optional_text(9)});
  }
  return out;
}

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::queued:
      return "queued";
    case State::training:
      return "training";
    case State::certifying:
      return "certifying";
    case State::judging:
      return "judging";
    case State::promoted:
      return "promoted";
    case State::rejected:
      return "rejected";
    case State::held:
      return "held";
    case State::failed:
      return "failed";
  }
  return "failed";
}

bool is_final(State state) {
  return state == State::promoted || state == State::rejected || state == State::held ||
         state == State::failed;
}

std::int64_t Generations::next_number(std::int64_t model_id) {
  Query row = db_.query("SELECT coalesce(max(number), 0) + 1 FROM generations WHERE model_id = ?",
                        model_id);
  row.step();
  return row.integer(0);
}

std::int64_t Generations::add(Transaction& transaction, const NewGeneration& generation,
                              const std::string& at, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO generations (model_id, number, version_id, snapshot_id, policy_id, seed, cause, "
      "state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?)",
      generation.model_id, next_number(generation.model_id), generation.version_id,
      generation.snapshot_id, generation.policy_id, generation.seed, generation.cause, at);
  seal(transaction, "generations", id);
  rows.push_back({"generations", id, id});
  return id;
}

std::optional<GenerationRow> Generations::get(std::int64_t id) {
  return read_first(db_.query(fmt::format("{} WHERE id = ?", kColumns).c_str(), id));
}

std::optional<GenerationRow> Generations::find(std::int64_t model_id, std::int64_t number) {
  return read_first(db_.query(fmt::format("{} WHERE model_id = ? AND number = ?", kColumns).c_str(),
                              model_id, number));
}

std::vector<GenerationRow> Generations::list(std::int64_t model_id, std::int64_t after,
                                             std::int64_t limit) {
  return read_all(db_.query(
      fmt::format("{} WHERE model_id = ? AND number > ? ORDER BY number LIMIT ?", kColumns).c_str(),
      model_id, after, limit));
}

std::optional<GenerationRow> Generations::newest_of(std::int64_t version_id,
                                                    std::int64_t snapshot_id,
                                                    std::int64_t policy_id) {
  return read_first(
      db_.query(fmt::format("{} WHERE version_id = ? AND snapshot_id = ? AND policy_id = ? "
                            "ORDER BY number DESC LIMIT 1",
                            kColumns)
                    .c_str(),
                version_id, snapshot_id, policy_id));
}

std::optional<GenerationRow> Generations::newest_finished(std::int64_t model_id) {
  return read_first(db_.query(
      fmt::format("{} WHERE model_id = ? AND state IN ('promoted', 'rejected', 'held', 'failed') "
                  "ORDER BY number DESC LIMIT 1",
                  kColumns)
          .c_str(),
      model_id));
}

std::optional<GenerationRow> Generations::newest(std::int64_t model_id) {
  return read_first(
      db_.query(fmt::format("{} WHERE model_id = ? ORDER BY number DESC LIMIT 1", kColumns).c_str(),
                model_id));
}

bool Generations::taught_on(std::int64_t version_id, std::int64_t snapshot_id,
                            std::int64_t policy_id, std::int64_t teacher_id) {
  return db_
      .query(
          "SELECT 1 FROM generations WHERE version_id = ? AND snapshot_id = ? AND "
          "policy_id = ? AND (teacher_id = ? OR (teacher_id IS NULL AND state = 'queued')) "
          "LIMIT 1",
          version_id, snapshot_id, policy_id, teacher_id)
      .step();
}

std::vector<GenerationRow> Generations::unfinished() {
  return read_all(
      db_.query(fmt::format("{} WHERE state IN ('queued', 'training', 'certifying', 'judging') "
                            "ORDER BY model_id, state = 'queued', number",
                            kColumns)
                    .c_str()));
}

void Generations::add_trained_weights(Transaction& transaction, std::int64_t generation_id,
                                      const base::Digest& sha256, std::uint64_t bytes,
                                      std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO trained_weights (generation_id, sha256, bytes) VALUES (?, ?, ?)", generation_id,
      sha256, bytes);
  rows.push_back({"trained_weights", id, id});
}

std::optional<base::Digest> Generations::trained_weights(std::int64_t generation_id) {
  Query row = db_.query(
      "SELECT sha256 FROM trained_weights WHERE generation_id = ? ORDER BY id DESC LIMIT 1",
      generation_id);
  if (!row.step()) return std::nullopt;
  return row.digest(0);
}

bool Generations::move(Transaction& transaction, const GenerationRow& from,
                       const GenerationRow& to) {
  const bool moved =
      transaction.db().execute(
          "UPDATE generations SET state = ?, attempt = ?, epoch = ?, kind = ?, teacher_id = ?, "
          "model_sha256 = ?, model_bytes = ?, classifier_id = ?, kernel = ?, forward_batch = ?, "
          "train_seconds = ?, error = ? WHERE id = ? AND state = ? AND attempt = ? AND epoch = "
          "?",
          to_string(to.state), to.attempt, to.epoch, to.kind, to.teacher_id, to.model_sha256,
          to.model_bytes, to.classifier_id, to.kernel, to.forward_batch, to.train_seconds, to.error,
          from.id, to_string(from.state), from.attempt, from.epoch) == 1;
  if (moved) seal(transaction, "generations", from.id);
  return moved;
}

void Generations::add_training(Transaction& transaction, std::int64_t generation_id,
                               const std::string& report, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO trainings (generation_id, report) VALUES (?, ?)", generation_id, report);
  rows.push_back({"trainings", id, id});
}

std::optional<TrainingRow> Generations::training(std::int64_t generation_id) {
  Query row =
      db_.query("SELECT id, report FROM trainings WHERE generation_id = ? ORDER BY id DESC LIMIT 1",
                generation_id);
  if (!row.step()) return std::nullopt;
  return TrainingRow{row.integer(0), row.text(1)};
}

std::int64_t Generations::add_job(Transaction& transaction, const JobRow& job,
                                  const std::string& at) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO jobs (kind, registration_id, generation_id, subject_id, state, created_at) "
      "VALUES (?, ?, ?, ?, 'open', ?)",
      job.kind, job.registration_id, job.generation_id, job.subject_id, at);
  seal(transaction, "jobs", id);
  return id;
}

void Generations::close_job(Transaction& transaction, std::int64_t job_id, std::string_view state) {
  transaction.db().execute("UPDATE jobs SET state = ? WHERE id = ?", state, job_id);
  seal(transaction, "jobs", job_id);
}

std::optional<JobRow> Generations::job(std::int64_t id) {
  Query row = db_.query(fmt::format("{} WHERE id = ?", kJobColumns).c_str(), id);
  if (!row.step()) return std::nullopt;
  return read_job(row);
}

std::vector<JobRow> Generations::open_jobs() {
  Query rows = db_.query(fmt::format("{} WHERE state = 'open' ORDER BY id", kJobColumns).c_str());
  std::vector<JobRow> out;
  while (rows.step()) out.push_back(read_job(rows));
  return out;
}

std::optional<JobRow> Generations::newest_job(std::int64_t generation_id, std::string_view kind) {
  Query row = db_.query(
      fmt::format("{} WHERE generation_id = ? AND kind = ? ORDER BY id DESC LIMIT 1", kJobColumns)
          .c_str(),
      generation_id, kind);
  return row.step() ? std::optional(read_job(row)) : std::nullopt;
}

std::int64_t Generations::add_attempt(Transaction& transaction, std::int64_t job_id,
                                      std::int64_t number, std::int64_t epoch,
                                      const std::string& at) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO attempts (job_id, number, epoch, started_at) VALUES (?, ?, ?, ?)", job_id,
      number, epoch, at);
  seal(transaction, "attempts", id);
  return id;
}

bool Generations::end_attempt(Transaction& transaction, std::int64_t job_id, std::int64_t number,
                              const AttemptEnd& end, const std::string& at) {
  std::int64_t id = 0;
  {
    Query open = transaction.db().query(
        "SELECT id FROM attempts WHERE job_id = ? AND number = ? AND ended_at IS NULL", job_id,
        number);
    if (!open.step()) return false;
    id = open.integer(0);
  }
  transaction.db().execute(
      "UPDATE attempts SET ended_at = ?, started_from = ?, ending = ?, error = ?, "
      "stderr_tail = ? WHERE id = ?",
      at, end.started_from, end.ending, end.error, end.stderr_tail, id);
  seal(transaction, "attempts", id);
  return true;
}

std::vector<AttemptRow> Generations::attempts_of_job(std::int64_t job_id) {
  return read_attempts(db_.query(
      fmt::format("{} WHERE a.job_id = ? ORDER BY a.number", kAttemptColumns).c_str(), job_id));
}

std::vector<AttemptRow> Generations::attempts_of_generation(std::int64_t generation_id) {
  return read_attempts(
      db_.query(fmt::format("{} WHERE j.generation_id = ? ORDER BY a.id", kAttemptColumns).c_str(),
                generation_id));
}

std::int64_t Generations::most_attempts(std::int64_t generation_id) {
  Query row = db_.query(
      "SELECT coalesce(max(a.number), 0) FROM jobs j JOIN attempts a ON a.job_id = j.id "
      "WHERE j.generation_id = ?",
      generation_id);
  row.step();
  return row.integer(0);
}

std::vector<AttemptRow> Generations::unended_attempts() {
  return read_attempts(
      db_.query(fmt::format("{} WHERE a.ended_at IS NULL ORDER BY a.id", kAttemptColumns).c_str()));
}

}  // namespace heirloom::registry
