#include "core/train/transfer.h"

#include "core/train/draws.h"

namespace heirloom::train {

StepLoss transfer_loss(const torch::Tensor& student, const torch::Tensor& teacher,
                       const torch::Tensor& labels, double label_smoothing,
                       const jobs::TransferMethod& settings) {
  const bool on_softmax = settings.match_on == jobs::MatchOn::softmax;
  const torch::Tensor difference =
      on_softmax ? student.softmax(1) - teacher.softmax(1) : student - teacher;
  const torch::Tensor distance = difference.norm(2, 1).mean();
  // At alpha 1 without a look at the labels.
  if (settings.alpha == 1.0) return {distance, distance.detach()};
  const torch::Tensor natural = label_loss(student.log_softmax(1), labels, label_smoothing);
  return {settings.alpha * distance + (1.0 - settings.alpha) * natural, distance.detach()};
}

StepLoss Transfer::loss(arch::Classifier& network, const StepContext& step) {
  const torch::Tensor noisy = step.batch.images + step.randomness.noise(step.batch, 1);
  return transfer_loss(logits_of(network, noisy), teacher_.forward(noisy).to(torch::kFloat),
                       step.batch.labels, step.label_smoothing, settings_);
}

}  // namespace heirloom::train
