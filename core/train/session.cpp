#include "core/train/session.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/arch/build.h"
#include "core/arch/export.h"
#include "core/data/sampler.h"
#include "core/train/schedule.h"

namespace heirloom::train {
namespace {

using base::ErrorKind;
using base::Result;

Result<void> check_task(const SessionTask& task) {
  const jobs::TrainSettings& settings = task.settings;
  const auto finite = [](double value) { return std::isfinite(value) && value >= 0.0; };
  if (settings.epochs < 1 || settings.batch < 1 || !finite(settings.learning_rate) ||
      settings.learning_rate == 0.0 || !finite(settings.momentum) || settings.momentum >= 1.0 ||
      !finite(settings.weight_decay)) {
    return base::fail(ErrorKind::usage,
                      fmt::format("training settings out of range: epochs {}, batch {}, learning "
                                  "rate {}, momentum {}, weight decay {}",
                                  settings.epochs, settings.batch, settings.learning_rate,
                                  settings.momentum, settings.weight_decay));
  }
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

tl::unexpected<base::Error> diverged(std::string_view what, std::int64_t step) {
  return base::fail(ErrorKind::numerical,
                    fmt::format("training diverged: {} is not finite at step {}", what, step),
                    "lower the learning rate");
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
}

Result<std::unique_ptr<Session>> Session::create(const SessionTask& task) {
  HEIRLOOM_TRY(check_task(task));
  arch::run_graphs_unoptimised();
  HEIRLOOM_ASSIGN(std::unique_ptr<Method> method,
                  make_method(task.method, task.model, task.teacher));
  torch::manual_seed(task.seed);
  HEIRLOOM_ASSIGN(std::shared_ptr<arch::Classifier> network,
                  arch::build(task.arch, task.model.input, task.model.classes));
  arch::use_channels_last(*network);
  {
    const torch::NoGradGuard no_grad;
    network->eval();
    const auto& shape = task.model.input;
    const torch::Tensor logits =
        network->forward(torch::zeros({2, shape.channels, shape.height, shape.width}));
    if (logits.sizes() != torch::IntArrayRef({2, task.model.classes})) {
      return base::fail(ErrorKind::internal,
                        fmt::format("{} gives logits of another shape", task.arch.name));
    }
  }
  network->train();
  return std::unique_ptr<Session>(new Session(task, std::move(network), std::move(method)));
}

Result<std::int64_t> Session::advance() {
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
  const Batch batch = make_batch(*task_.dataset, indices);
  const StepRandomness randomness(task_.seed, step_, base::Sigma(task_.model.sigma));

  optimiser_.clear_gradients();
  const StepLoss loss =
      method_->loss(*network_, {.batch = batch, .randomness = randomness, .epoch = epoch});
  last_loss_ = loss.total.item<double>();
  last_watched_ = loss.watched.item<double>();
  if (!std::isfinite(last_loss_)) return diverged("the loss", step_);
  loss.total.backward();
  if (!std::isfinite(optimiser_.squared_gradient_norm())) return diverged("the gradient", step_);
  optimiser_.step(learning_rate(task_.settings, step_, total_steps()));
  if (!optimiser_.weights_finite()) return diverged("a weight", step_);

  const auto images = static_cast<std::int64_t>(indices.size());
  loss_sum_ += last_loss_ * static_cast<double>(images);
  loss_images_ += images;
  ++step_;
  return images;
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
  return named;
}

std::string Session::state() const {
  c10::Dict<std::string, torch::Tensor> weights;
  for (const auto& [name, tensor] : tensors()) weights.insert(name, tensor);
  const std::vector<char> bytes = torch::jit::pickle_save(c10::ivalue::Tuple::create(
      {step_, loss_sum_, loss_images_, last_loss_, c10::IValue(weights)}));
  return {bytes.begin(), bytes.end()};
}

Result<void> Session::restore(std::string_view bytes) {
  try {
    const c10::IValue value = torch::jit::pickle_load({bytes.begin(), bytes.end()});
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
    return {};
  } catch (const std::exception& error) {
    const std::string_view words = error.what();
    return base::fail(ErrorKind::bad_data, fmt::format("the checkpoint cannot be read: {}",
                                                       words.substr(0, words.find('\n'))));
  }
}

Result<std::string> Session::artifact() const {
  return arch::export_classifier(*network_, task_.model.input);
}

}  // namespace heirloom::train
