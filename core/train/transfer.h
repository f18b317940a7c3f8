// Certified Robustness Transfer (Vaishnavi et al. 2022). With one
// noise draw an image, shared by both networks, and logits z of student S and teacher T:
//
//   loss = alpha mean_batch |z_S(x + d) - z_T(x + d)|_2 + (1 - alpha) CE(z_S(x + d), y)
//
// The norm is not squared and not divided by the number of classes, as in the authors' code. The
// paper is also quoted with softmax outputs in place of logits: MatchOn::softmax.
#pragma once

#include "core/arch/teacher.h"
#include "core/train/method.h"

namespace heirloom::train {

// From logits [B, K] of both on the same noisy inputs. Watched is the distance.
StepLoss transfer_loss(const torch::Tensor& student, const torch::Tensor& teacher,
                       const torch::Tensor& labels, double label_smoothing,
                       const jobs::TransferMethod& settings);

// Owns the teacher: frozen, in evaluation mode.
class Transfer final : public Method {
 public:
  Transfer(const jobs::TransferMethod& settings, arch::Teacher teacher)
      : settings_(settings), teacher_(std::move(teacher)) {}
  StepLoss loss(arch::Classifier& network, const StepContext& step) override;

 private:
  jobs::TransferMethod settings_;
  arch::Teacher teacher_;
};

}  // namespace heirloom::train
