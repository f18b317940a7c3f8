#include "core/train/method.h"

#include <cmath>

#include <fmt/format.h>

#include "core/train/gaussian.h"
#include "core/train/smoothmix.h"
#include "core/train/transfer.h"

namespace heirloom::train {
namespace {

using base::ErrorKind;
using Made = base::Result<std::unique_ptr<Method>>;

Made make(const jobs::GaussianMethod&, const jobs::ModelSpec&, std::string_view) {
  return std::make_unique<Gaussian>();
}

Made make(const jobs::SmoothMixMethod& settings, const jobs::ModelSpec&, std::string_view) {
  if (settings.draws < 1 || settings.draws > 256 || settings.steps < 1 || settings.steps > 1000 ||
      !(settings.step_size > 0.0) || !std::isfinite(settings.step_size) || !(settings.eta >= 0.0) ||
      !std::isfinite(settings.eta) || settings.warmup_epochs < 0) {
    return base::fail(ErrorKind::usage,
                      fmt::format("smoothmix settings out of range: draws {}, steps {}, step size "
                                  "{}, eta {}, warm-up {}",
                                  settings.draws, settings.steps, settings.step_size, settings.eta,
                                  settings.warmup_epochs));
  }
  return std::make_unique<SmoothMix>(settings);
}

Made make(const jobs::TransferMethod& settings, const jobs::ModelSpec& model,
          std::string_view teacher) {
  if (!(settings.alpha >= 0.0 && settings.alpha <= 1.0)) {
    return base::fail(ErrorKind::usage,
                      fmt::format("alpha of transfer is {}, not from 0 to 1", settings.alpha));
  }
  HEIRLOOM_ASSIGN(arch::Artifact artifact,
                  arch::Artifact::load(teacher, model.input, model.classes, "the teacher"));
  return std::make_unique<Transfer>(settings, std::move(artifact));
}

}  // namespace

Made make_method(const jobs::TrainMethod& settings, const jobs::ModelSpec& model,
                 std::string_view teacher) {
  return std::visit([&](const auto& method) { return make(method, model, teacher); }, settings);
}

}  // namespace heirloom::train
