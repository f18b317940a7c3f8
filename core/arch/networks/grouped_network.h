// What ResNeXt and RegNetX share: a 3x3 convolution, stages of bottlenecks (1x1, grouped 3x3, 1x1,
// each with batch normalisation; ReLU after the first two and after the sum), mean over the pixels,
// one fully connected layer. A block that changes the shape has a 1x1 convolution with batch
// normalisation as its shortcut. Deployed, every normalisation is folded.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/arch/classifier.h"
#include "core/arch/conv_norm.h"

namespace heirloom::arch {

struct GroupedStage {
  std::int64_t blocks = 1;
  std::int64_t outputs = 0;
  std::int64_t inner = 0;  // channels of the grouped convolution
  std::int64_t groups = 1;
  std::int64_t stride = 1;  // of the first block
};

struct GroupedConfig {
  std::int64_t channels = 3;
  std::int64_t classes = 10;
  std::int64_t stem = 0;
  std::vector<GroupedStage> stages;
};

class GroupedBlock;

class GroupedNetwork final : public Classifier {
 public:
  explicit GroupedNetwork(const GroupedConfig& config, Form form = Form::trained);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  GroupedConfig config_;
  std::shared_ptr<ConvNorm> stem_;
  std::vector<std::shared_ptr<GroupedBlock>> blocks_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch
