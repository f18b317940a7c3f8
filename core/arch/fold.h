// From the form of a network that is trained to the one that is exported: what a layer does in
// evaluation mode is put into as few operations as soundly possible.
#pragma once

#include <memory>

#include "core/arch/libtorch.h"

namespace heirloom::arch {

// Which operations a network is made of. The modules have the same names in both.
enum class Form { trained, deployed };

// A module whose parameters differ between the forms.
class Foldable : public torch::nn::Module {
 public:
  // Takes over the function that `trained`, of the same class and in the trained form, computes in
  // evaluation mode. This one is in the deployed form.
  virtual void fold_from(const Foldable& trained) = 0;
};

// Does that for each Foldable of the tree, and copies parameters and buffers of the rest. `from`
// and `to` are one network in its two forms.
void fold_network(const torch::nn::Module& from, torch::nn::Module& to);

// Batch normalisation in evaluation mode as x * gain + offset for each channel, in double, so that
// folding it adds one rounding and no more.
struct ChannelMap {
  explicit ChannelMap(const torch::nn::BatchNorm2dImpl& norm);
  torch::Tensor gain;
  torch::Tensor offset;
};

}  // namespace heirloom::arch
