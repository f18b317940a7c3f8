#include "core/arch/first_stage.h"

#include <ATen/Parallel.h>

#include <vector>

#include "core/arch/stage_kernels.h"

namespace heirloom::arch {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kImagesOfAPart = 16;

StageShape shape_of(const torch::Tensor& x, const torch::Tensor& weight) {
  return {.height = x.size(2), .width = x.size(3), .channels = weight.size(0)};
}

// The parts' sums, in the order of the parts: [C, 26], the last column for the biases.
torch::Tensor weight_gradients(const StageShape& shape, const torch::Tensor& x,
                               const torch::Tensor& gradient, const torch::Tensor& winners) {
  const std::int64_t images = x.size(0);
  const std::int64_t parts = (images + kImagesOfAPart - 1) / kImagesOfAPart;
  const torch::Tensor weights = torch::zeros({parts, shape.channels, 25});
  const torch::Tensor biases = torch::zeros({parts, shape.channels});
  const float* pixels = x.data_ptr<float>();
  const float* values = gradient.data_ptr<float>();
  const std::uint8_t* places = winners.data_ptr<std::uint8_t>();
  float* weight = weights.data_ptr<float>();
  float* bias = biases.data_ptr<float>();
  at::parallel_for(0, parts, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first * kImagesOfAPart; i < std::min(last * kImagesOfAPart, images);
         ++i) {
      const std::int64_t part = i / kImagesOfAPart;
      stage_weight_gradient(shape, pixels + i * shape.height * shape.width,
                            values + i * shape.outputs(), places + i * shape.outputs(),
                            weight + part * shape.channels * 25, bias + part * shape.channels);
    }
  });
  return torch::cat({weights.sum(0), biases.sum(0).unsqueeze(1)}, 1);
}

torch::Tensor image_gradients(const StageShape& shape, const torch::Tensor& x,
                              const StageWeights& weights, const torch::Tensor& gradient,
                              const torch::Tensor& winners) {
  const torch::Tensor out = torch::empty(x.sizes());
  float* pixels = out.data_ptr<float>();
  const float* values = gradient.data_ptr<float>();
  const std::uint8_t* places = winners.data_ptr<std::uint8_t>();
  at::parallel_for(0, x.size(0), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      stage_image_gradient(shape, weights, values + i * shape.outputs(),
                           places + i * shape.outputs(), pixels + i * shape.height * shape.width);
    }
  });
  return out;
}

struct FirstStage : torch::autograd::Function<FirstStage> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& images,
                               const torch::Tensor& weight, const torch::Tensor& bias) {
    const torch::Tensor x = images.contiguous();
    const torch::Tensor taps = weight.contiguous();
    const StageShape shape = shape_of(x, weight);
    const StageWeights weights(shape, taps.data_ptr<float>(), bias.data_ptr<float>());
    const torch::Tensor out =
        torch::empty({x.size(0), shape.channels, shape.pooled_height(), shape.pooled_width()},
                     at::MemoryFormat::ChannelsLast);
    const torch::Tensor winners = torch::empty({x.size(0), shape.outputs()}, torch::kUInt8);
    const float* pixels = x.data_ptr<float>();
    float* values = out.data_ptr<float>();
    std::uint8_t* places = winners.data_ptr<std::uint8_t>();
    at::parallel_for(0, x.size(0), 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) {
        stage_forward(shape, weights, pixels + i * shape.height * shape.width,
                      values + i * shape.outputs(), places + i * shape.outputs());
      }
    });
    context->save_for_backward({x, taps, bias, winners});
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor& winners = saved[3];
    const StageShape shape = shape_of(x, saved[1]);
    const torch::Tensor gradient =
        gradients[0].to(torch::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
    variable_list out(3);
    if (context->needs_input_grad(0)) {
      const StageWeights weights(shape, saved[1].data_ptr<float>(), saved[2].data_ptr<float>());
      out[0] = image_gradients(shape, x, weights, gradient, winners);
    }
    if (context->needs_input_grad(1) || context->needs_input_grad(2)) {
      const torch::Tensor both = weight_gradients(shape, x, gradient, winners);
      out[1] = both.slice(1, 0, 25).reshape(saved[1].sizes());
      out[2] = both.select(1, 25).contiguous();
    }
    return out;
  }
};

}  // namespace

bool first_stage_serves(const torch::Tensor& x, const torch::Tensor& weight) {
  return x.is_cpu() && x.size(1) == 1 && x.scalar_type() == torch::kFloat &&
         stage_supported(weight.size(0));
}

bool first_stage_applies(const torch::Tensor& x, const torch::Tensor& weight) {
  return torch::GradMode::is_enabled() && first_stage_serves(x, weight);
}

torch::Tensor first_stage(const torch::Tensor& x, const torch::Tensor& weight,
                          const torch::Tensor& bias) {
  return FirstStage::apply(x, weight, bias);
}

}  // namespace heirloom::arch
