#include "core/train/transfer.h"

namespace heirloom::train {

torch::Tensor transfer_loss(const torch::Tensor& student, const torch::Tensor& teacher,
                            const torch::Tensor& labels, double alpha, jobs::MatchOn match_on) {
  const bool on_softmax = match_on == jobs::MatchOn::softmax;
  const torch::Tensor difference =
      on_softmax ? student.softmax(1) - teacher.softmax(1) : student - teacher;
  torch::Tensor loss = alpha * difference.norm(2, 1).mean();
  if (alpha < 1.0) {
    loss = loss + (1.0 - alpha) * torch::nn::functional::cross_entropy(student, labels);
  }
  return loss;
}

torch::Tensor Transfer::loss(arch::Classifier& network, const StepContext& step) {
  const torch::Tensor& x = step.batch.images;
  const jobs::InputShape shape{x.size(1), x.size(2), x.size(3)};
  const torch::Tensor noisy = x + step.randomness.noise(x.size(0), shape);
  return transfer_loss(network.forward(noisy), teacher_.forward(noisy), step.batch.labels,
                       settings_.alpha, settings_.match_on);
}

}  // namespace heirloom::train
