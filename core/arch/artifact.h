// A loaded artifact: the classifier that is certified, taught from and served.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/arch/libtorch.h"
#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

class Artifact {
 public:
  // Loads TorchScript bytes, whose SHA-256 the caller has checked (LibTorch loads most damaged
  // files without an error), and tries them on one batch: float32 [3, C, H, W] must give finite
  // float32 [3, classes]. Weights are put into channels-last order where the module takes that.
  // `origin` names the file in errors (bad_data). Sets the calling thread to unoptimised graphs.
  static base::Result<Artifact> load(std::string_view bytes, const jobs::InputShape& shape,
                                     std::int64_t classes, std::string_view origin);

  // float32 [N, C, H, W] -> float32 logits [N, K] on the device of x, without gradients for the
  // weights, computed where use_device says. May throw
  // c10::Error. One thread at a time; each thread loads its own.
  torch::Tensor forward(const torch::Tensor& x);
  // The same, recorded so that a gradient with respect to x can be asked for; for attacks.
  torch::Tensor forward_with_gradient(const torch::Tensor& x);

  const base::Digest& classifier_id() const { return classifier_id_; }

 private:
  Artifact(torch::jit::Module module, const base::Digest& id, bool channels_last)
      : module_(std::move(module)), classifier_id_(id), channels_last_(channels_last) {}
  torch::Tensor in_layout(const torch::Tensor& x) const;

  torch::jit::Module module_;
  base::Digest classifier_id_;
  bool channels_last_;
};

}  // namespace heirloom::arch
