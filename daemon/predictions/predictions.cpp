#include "daemon/predictions/predictions.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/base/files.h"
#include "daemon/pipeline/job_builder.h"

namespace heirloom::daemon {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using State = PredictionView::State;

// The runner's ids are the registry's job ids elsewhere, which count up from 1.
constexpr std::int64_t kFirstJobId = std::int64_t{1} << 40;
constexpr std::size_t kMaxWaiting = 16;
constexpr std::size_t kKept = 64;

// No fsync: a prediction does not outlive its daemon.
Result<void> write_plain(const std::filesystem::path& path, std::string_view bytes) {
  const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) return base::fail_errno("create", path.native(), errno);
  return base::write_all(fd, bytes, path.native());
}

base::Digest noise_key(const std::optional<std::uint64_t>& seed) {
  if (!seed) return base::random_digest();
  return base::FieldEncoder()
      .text("heirloom/predict-seed/v1")
      .integer(static_cast<std::int64_t>(*seed))
      .sha256();
}

}  // namespace

Predictions::Predictions(registry::Registry& registry, Runner& runner, const StateFolder& state,
                         const config::Settings& settings, const base::Clock& clock)
    : registry_(registry), runner_(runner), state_(state), settings_(settings), clock_(clock) {
  std::error_code ignored;  // whatever is left over has a number that is not given again
  std::filesystem::remove_all(state_.predictions(), ignored);
}

// With the epoch, so that no later daemon gives the same id again.
std::filesystem::path Predictions::folder(std::int64_t number) const {
  return state_.predictions() / fmt::format("{}-{}", registry_.epoch(), number);
}

Result<std::vector<jobs::PredictFile>> Predictions::write_images(
    const std::filesystem::path& where, const std::vector<SentImage>& images) const {
  std::error_code error;
  std::filesystem::create_directories(where, error);
  if (error) return base::fail_errno("create", where.native(), error.value());
  std::vector<jobs::PredictFile> files;
  for (const SentImage& image : images) {
    const std::filesystem::path path = where / std::to_string(files.size());
    HEIRLOOM_TRY(write_plain(path, image.bytes));
    files.push_back({{path.native(), base::sha256(image.bytes), image.bytes.size()},
                     image.name,
                     image.first,
                     image.count});
  }
  return files;
}

Result<jobs::Job> Predictions::job_for(const PredictionRequest& request, std::int64_t number) {
  const registry::GenerationRow& generation = request.generation;
  const auto policy = registry_.models.policy(generation.policy_id);
  if (!generation.model_sha256 || !generation.model_bytes || !generation.classifier_id ||
      !generation.kernel || !generation.forward_batch || !policy) {
    return base::fail(ErrorKind::conflict,
                      fmt::format("{} {} has no network to ask: it is {}", request.model.spec.name,
                                  generation.label(), registry::to_string(generation.state)));
  }
  jobs::Predict task;
  task.model = {registry_.artifacts.path(*generation.model_sha256).native(),
                *generation.model_sha256, static_cast<std::uint64_t>(*generation.model_bytes)};
  task.classifier_id = *generation.classifier_id;
  task.kernel = *generation.kernel;
  task.forward_batch = *generation.forward_batch;
  task.grid = policy->certify.grid;
  task.n0 = request.n0;
  task.n = request.n;
  task.alpha = request.alpha;
  task.noise_key = noise_key(request.seed);
  HEIRLOOM_ASSIGN(task.files, write_images(folder(number) / "images", request.images));
  return jobs::Job{.id = kFirstJobId + number,
                   .attempt = 1,
                   .epoch = registry_.epoch(),
                   .threads = compute_of(settings_).threads,
                   .device = settings_.device,
                   .model = request.model.spec,
                   .task = std::move(task)};
}

Result<std::string> Predictions::start(PredictionRequest request) {
  if (waiting_.size() >= kMaxWaiting || stopping_) {
    return base::fail(ErrorKind::unavailable,
                      fmt::format("{} predictions wait already", waiting_.size()),
                      "ask again in a moment");
  }
  const std::int64_t number = next_++;
  auto job = job_for(request, number);
  if (!job) {
    remove_job_folder(folder(number));
    return tl::unexpected(job.error());
  }
  Entry entry{.view = {}, .job = *std::move(job)};
  entry.view.id = fmt::format("{}-{}", registry_.epoch(), number);
  entry.view.model = request.model.spec.name;
  entry.view.generation = request.generation.label();
  entry.view.sigma = request.model.spec.sigma;
  entry.view.n0 = request.n0;
  entry.view.n = request.n;
  entry.view.alpha = request.alpha;
  entry.view.seed = request.seed;
  const std::string id = entry.view.id;
  entries_.emplace(number, std::move(entry));
  waiting_.push_back(number);
  launch_next();
  return id;
}

void Predictions::launch_next() {
  while (!running_ && !waiting_.empty() && !stopping_) {
    const std::int64_t number = waiting_.front();
    waiting_.pop_front();
    Entry& entry = entries_.at(number);
    auto launched = prepare_job_folder(folder(number), entry.job);
    if (launched) {
      launched = runner_.launch(entry.job.id, folder(number),
                                [this, number](WorkerExit exit) { on_exit(number, exit); });
    }
    if (!launched) {
      finish(number, launched.error());
      continue;
    }
    entry.view.state = State::running;
    running_.emplace(Running{number, EventTail(folder(number)), clock_.steady()});
  }
}

void Predictions::on_exit(std::int64_t number, WorkerExit exit) {
  running_.reset();
  if (stopping_) return;
  const auto taken = take_answer(entries_.at(number), exit);
  finish(number, taken ? std::nullopt : std::optional<Error>(taken.error()));
  launch_next();
}

// From the worker's counts to answers, by the daemon's own arithmetic.
Result<void> Predictions::take_answer(Entry& entry, WorkerExit exit) {
  const jobs::Job& job = entry.job;
  const auto number = job.id - kFirstJobId;
  const auto result = read_result(folder(number), job.id, job.attempt, job.epoch);
  if (!result) {
    return base::fail(ErrorKind::unavailable,
                      fmt::format("the worker ended ({}) without an answer", exit.text()),
                      stderr_tail(folder(number)));
  }
  if (!result->outcome) return tl::unexpected(result->outcome.error());
  const auto* predicted = std::get_if<jobs::Predicted>(&*result->outcome);
  if (predicted == nullptr) {
    return base::fail(ErrorKind::internal, "the worker answered another question");
  }
  const auto& task = std::get<jobs::Predict>(job.task);
  certificate::Protocol protocol;
  protocol.n0 = task.n0;
  protocol.n = task.n;
  protocol.alpha = task.alpha;
  protocol.sigma = job.model.sigma;
  protocol.grid = task.grid;
  protocol.kernel = task.kernel;
  protocol.forward_batch = task.forward_batch;
  for (const jobs::PredictedImage& image : predicted->images) {
    HEIRLOOM_ASSIGN(
        const auto prediction,
        certificate::predict(protocol, job.model.classes, {0, 0, image.select, image.estimate}));
    entry.view.predictions.push_back(prediction);
  }
  entry.view.images = predicted->images;
  return {};
}

void Predictions::finish(std::int64_t number, std::optional<Error> error) {
  PredictionView& view = entries_.at(number).view;
  view.state = error ? State::failed : State::done;
  view.error = std::move(error);
  if (view.error) {
    spdlog::warn("prediction {}: {}", view.id, view.error->text());
  } else {
    spdlog::info("prediction {} ({} {}): {} images", view.id, view.model, view.generation,
                 view.images.size());
  }
  remove_job_folder(folder(number));
  finished_.push_back(number);
  if (finished_.size() > kKept) {
    entries_.erase(finished_.front());
    finished_.pop_front();
  }
}

Result<PredictionView> Predictions::find(std::string_view id) const {
  for (const auto& [number, entry] : entries_) {
    if (entry.view.id == id) return entry.view;
  }
  const bool ours = id.starts_with(fmt::format("{}-", registry_.epoch()));
  return base::fail(ErrorKind::not_found,
                    ours ? fmt::format("there is no prediction {}", id)
                         : fmt::format("there is no prediction {}: the daemon was restarted", id),
                    "predictions are kept for a while and not stored: ask again");
}

void Predictions::poll() {
  if (!running_) return;
  if (running_->tail.poll()) running_->last_sign = clock_.steady();
  if (clock_.steady() - running_->last_sign <= settings_.heartbeat_timeout) return;
  spdlog::warn("a prediction was silent for {} s; killing it", settings_.heartbeat_timeout.count());
  runner_.kill(kFirstJobId + running_->number);
}

void Predictions::stop() {
  stopping_ = true;
  if (running_) runner_.kill(kFirstJobId + running_->number);
}

}  // namespace heirloom::daemon
