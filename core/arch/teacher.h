// An artifact as the teacher of a training.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/arch/artifact.h"

namespace heirloom::arch {

class LeNet;

// Its logits are the artifact's up to rounding: an artifact that turns out to be the built-in LeNet
// is run by the code that trains one, about twice as fast. What is certified is the artifact
// itself.
class Teacher {
 public:
  // As Artifact::load.
  static base::Result<Teacher> load(std::string_view bytes, const jobs::InputShape& shape,
                                    std::int64_t classes, std::string_view origin);

  // float32 [N, C, H, W] -> logits [N, K], without gradients. One thread at a time.
  torch::Tensor forward(const torch::Tensor& x);

  // Whether it runs as a built-in network.
  bool is_built_in() const { return lenet_ != nullptr; }

 private:
  Teacher(Artifact artifact, std::shared_ptr<LeNet> lenet)
      : artifact_(std::move(artifact)), lenet_(std::move(lenet)) {}

  Artifact artifact_;
  std::shared_ptr<LeNet> lenet_;  // null when it is another network
};

}  // namespace heirloom::arch
