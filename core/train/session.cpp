#include "core/train/session.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "core/arch/build.h"
#include "core/arch/export.h"
#include "core/arch/weights.h"
#include "core/data/sampler.h"
#include "core/jobs/setting_list.h"
#include "core/train/autocast.h"
#include "core/train/schedule.h"

namespace heirloom::train {
namespace {

using base::ErrorKind;
using base::Result;

constexpr int kMostRecoveries = 2;
constexpr std::int64_t kStepsBetweenPoints = 100;

Result<void> check_settings(jobs::TrainSettings settings) {
  const std::string wrong = jobs::settings_out_of_range(settings);
  const auto& milestones = settings.milestones;
  const bool ascending = std::adjacent_find(milestones.begin(), milestones.end(),
                                            std::greater_equal<>()) == milestones.end();
  const bool multistep = settings.schedule == jobs::Schedule::multistep;
  if (wrong.empty() && ascending && multistep == !milestones.empty()) return {};
  return base::fail(ErrorKind::usage, wrong.empty()
                                          ? std::string("milestones must ascend, and be there for "
                                                        "multistep and for no other schedule")
                                          : "training settings out of range: " + wrong);
}

Result<void> check_task(const SessionTask& task) {
  HEIRLOOM_TRY(check_settings(task.settings));
  if (!(task.model.sigma > 0.0) || !std::isfinite(task.model.sigma)) {
    return base::fail(ErrorKind::usage, fmt::format("sigma is {}", task.model.sigma));
  }
  const data::Dataset& dataset = *task.dataset;
  if (dataset.size() == 0 || dataset.size() > std::numeric_limits<std::uint32_t>::max() ||
      dataset.shape != task.model.input || dataset.classes != task.model.classes) {
    return base::fail(ErrorKind::bad_data, "the training examples do not fit the model");
  }
  return {};
}

tl::unexpected<base::Error> diverged(std::string_view how, std::int64_t step) {
  return base::fail(ErrorKind::numerical,
                    fmt::format("training diverged: {} at step {}", how, step),
                    "lower the learning rate");
}

c10::IValue guard_fields(const LossGuard::State& guard) {
  return c10::ivalue::Tuple::create(
      {guard.steps, guard.first, guard.smooth, guard.best, guard.above});
}

LossGuard::State guard_from(const c10::IValue& value) {
  const auto& fields = value.toTupleRef().elements();
  return {.steps = fields.at(0).toInt(),
          .first = fields.at(1).toDouble(),
          .smooth = fields.at(2).toDouble(),
          .best = fields.at(3).toDouble(),
          .above = fields.at(4).toInt()};
}

std::string pickled(const c10::IValue& value) {
  const std::vector<char> bytes = torch::jit::pickle_save(value);
  return {bytes.begin(), bytes.end()};
}

c10::IValue unpickled(std::string_view bytes) {
  return torch::jit::pickle_load({bytes.begin(), bytes.end()});
}

}  // namespace

Session::Session(const SessionTask& task, std::shared_ptr<arch::Classifier> network,
                 std::unique_ptr<Method> method)
    : task_(task),
      network_(std::move(network)),
      method_(std::move(method)),
      optimiser_(network_->parameters(), task.settings.momentum, task.settings.weight_decay) {
  const auto examples = static_cast<std::int64_t>(task.dataset->size());
  steps_per_epoch_ = (examples + task.settings.batch - 1) / task.settings.batch;
  if (task.settings.ema_decay > 0.0) average_.emplace(network_, task.settings.ema_decay);
}

Result<std::unique_ptr<Session>> Session::create(const SessionTask& task) {
  HEIRLOOM_TRY(check_task(task));
  arch::run_graphs_unoptimised();
  HEIRLOOM_ASSIGN(std::unique_ptr<Method> method,
                  make_method(task.method, task.model, task.teacher));
  torch::manual_seed(task.seed);
  HEIRLOOM_ASSIGN(std::shared_ptr<arch::Classifier> network,
                  arch::build(task.arch, task.model.input, task.model.classes, task.file));
  network->to(arch::device());
  if (network->channels_last()) arch::use_channels_last(*network);
  {
    const torch::NoGradGuard no_grad;
    network->eval();
    const auto& shape = task.model.input;
    const torch::Tensor logits = network->forward(
        torch::zeros({2, shape.channels, shape.height, shape.width}, arch::device()));
    if (logits.sizes() != torch::IntArrayRef({2, task.model.classes})) {
      return base::fail(ErrorKind::internal,
                        fmt::format("{} gives logits of another shape", task.arch.name));
    }
  }
  network->train();
  return std::unique_ptr<Session>(new Session(task, std::move(network), std::move(method)));
}

Batch Session::next_batch(const StepRandomness& randomness) {
  const std::int64_t epoch = step_ / steps_per_epoch_;
  const std::int64_t within = step_ % steps_per_epoch_;
  if (order_epoch_ != epoch) {
    order_ =
        data::epoch_order(task_.seed, epoch, static_cast<std::uint32_t>(task_.dataset->size()));
    order_epoch_ = epoch;
  }
  if (within == 0) {
    loss_sum_ = 0.0;
    loss_images_ = 0;
  }
  const auto batch_size = static_cast<std::size_t>(task_.settings.batch);
  const std::size_t first = static_cast<std::size_t>(within) * batch_size;
  const auto indices =
      std::span(order_).subspan(first, std::min(batch_size, order_.size() - first));
  return make_batch(*task_.dataset, indices,
                    randomness.placements(task_.settings.augment, indices.size()));
}

Result<void> Session::take_step(const Batch& batch, const StepRandomness& randomness) {
  const jobs::TrainSettings& settings = task_.settings;
  optimiser_.clear_gradients();
  StepLoss loss;
  {
    const Autocast autocast(settings.train_precision);
    loss = method_->loss(*network_, {.batch = batch,
                                     .randomness = randomness,
                                     .epoch = step_ / steps_per_epoch_,
                                     .label_smoothing = settings.label_smoothing});
  }
  last_loss_ = loss.total.item<double>();
  last_watched_ = loss.watched.item<double>();
  if (!std::isfinite(last_loss_)) return diverged("the loss is not finite", step_);
  loss.total.backward();
  const double norm = std::sqrt(optimiser_.squared_gradient_norm());
  if (!std::isfinite(norm)) return diverged("the gradient is not finite", step_);
  if (settings.clip_norm > 0.0 && norm > settings.clip_norm) {
    optimiser_.scale_gradients(settings.clip_norm / norm);
  }
  optimiser_.step(std::ldexp(learning_rate(settings, step_, total_steps()), -recoveries_));
  if (!optimiser_.weights_finite()) return diverged("a weight is not finite", step_);
  if (guard_.observe(last_watched_)) {
    return diverged(
        fmt::format("the loss has risen to {:.3g}, from {:.3g} at first and {:.3g} at best",
                    guard_.state().smooth, guard_.state().first, guard_.state().best),
        step_);
  }
  if (average_) average_->update(step_);
  return {};
}

Result<std::int64_t> Session::advance() {
  if (step_ % kStepsBetweenPoints == 0 && guard_.calm()) last_good_ = point();
  const StepRandomness randomness(task_.seed, step_, base::Sigma(task_.model.sigma));
  const Batch batch = next_batch(randomness);
  HEIRLOOM_TRY(take_step(batch, randomness));
  const std::int64_t images = batch.labels.size(0);
  loss_sum_ += last_loss_ * static_cast<double>(images);
  loss_images_ += images;
  ++step_;
  ++steps_taken_;
  return images;
}

bool Session::recover() {
  if (recoveries_ >= kMostRecoveries) return false;
  ++recoveries_;
  go_to(last_good_);
  return true;
}

double Session::epoch_loss() const {
  return loss_images_ == 0 ? 0.0 : loss_sum_ / static_cast<double>(loss_images_);
}

std::vector<std::pair<std::string, torch::Tensor>> Session::tensors() const {
  std::vector<std::pair<std::string, torch::Tensor>> named;
  std::size_t i = 0;
  for (const auto& entry : network_->named_parameters()) {
    named.emplace_back("parameter." + entry.key(), entry.value().detach());
    named.emplace_back("velocity." + entry.key(), optimiser_.velocities()[i++]);
  }
  for (const auto& entry : network_->named_buffers()) {
    named.emplace_back("buffer." + entry.key(), entry.value());
  }
  if (average_) {
    for (const auto& [name, tensor] : average_->tensors()) {
      named.emplace_back("average." + name, tensor);
    }
  }
  return named;
}

std::string Session::point() const {
  c10::Dict<std::string, torch::Tensor> weights;
  for (const auto& [name, tensor] : tensors()) weights.insert(name, tensor);
  return pickled(c10::ivalue::Tuple::create({step_, loss_sum_, loss_images_, last_loss_,
                                             c10::IValue(weights), guard_fields(guard_.state())}));
}

void Session::go_to(std::string_view point) {
  const c10::IValue value = unpickled(point);
  const auto& fields = value.toTupleRef().elements();
  const auto weights = fields.at(4).toGenericDict();
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : tensors()) {
    // In place: the tensors keep their memory order, on which the bits of later steps depend.
    torch::Tensor target = tensor;
    target.copy_(weights.at(name).toTensor());
  }
  step_ = fields.at(0).toInt();
  loss_sum_ = fields.at(1).toDouble();
  loss_images_ = fields.at(2).toInt();
  last_loss_ = fields.at(3).toDouble();
  guard_.restore(guard_from(fields.at(5)));
}

std::string Session::state() const {
  return pickled(c10::ivalue::Tuple::create(
      {point(), last_good_, steps_taken_, static_cast<std::int64_t>(recoveries_)}));
}

Result<void> Session::restore(std::string_view bytes) {
  try {
    const c10::IValue value = unpickled(bytes);
    const auto& fields = value.toTupleRef().elements();
    go_to(fields.at(0).toStringRef());
    last_good_ = fields.at(1).toStringRef();
    steps_taken_ = fields.at(2).toInt();
    recoveries_ = static_cast<int>(fields.at(3).toInt());
    return {};
  } catch (const std::exception& error) {
    const std::string_view words = error.what();
    return base::fail(ErrorKind::bad_data, fmt::format("the checkpoint cannot be read: {}",
                                                       words.substr(0, words.find('\n'))));
  }
}

Result<std::shared_ptr<arch::Classifier>> Session::exported_network() const {
  if (!average_) return network_;
  HEIRLOOM_ASSIGN(std::shared_ptr<arch::Classifier> averaged,
                  arch::build(task_.arch, task_.model.input, task_.model.classes, task_.file));
  average_->copy_to(*averaged);
  return averaged;
}

Result<std::string> Session::artifact() const {
  HEIRLOOM_ASSIGN(const std::shared_ptr<arch::Classifier> network, exported_network());
  return arch::export_classifier(*network, task_.model.input, task_.precision);
}

Result<std::string> Session::weights() const {
  if (task_.arch.name == jobs::kTorchScript) return std::string();
  HEIRLOOM_ASSIGN(const std::shared_ptr<arch::Classifier> network, exported_network());
  return arch::save_weights(*network);
}

}  // namespace heirloom::train
