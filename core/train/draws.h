// What the losses of several methods share. m noise draws of a batch of B images go through the
// network in one pass of m B rows, draw by draw: row i B + j is draw i of image j.
#pragma once

#include <cstdint>

#include "core/arch/classifier.h"

namespace heirloom::train {

// float32 logits [N, K], whatever precision the pass itself had.
torch::Tensor logits_of(arch::Classifier& network, const torch::Tensor& x);

// [B, ...] -> [m B, ...], the batch once a draw.
torch::Tensor for_each_draw(const torch::Tensor& x, std::int64_t draws);

// Logits [m B, K] -> G [B, K], the mean of their softmax over the draws.
torch::Tensor mean_softmax(const torch::Tensor& logits, std::int64_t draws);

// log max(p, 1e-20): finite, and so is its gradient, where a probability underflows.
torch::Tensor floored_log(const torch::Tensor& probabilities);

// KL(target || p) of each row, from log p; the gradient flows through both.
torch::Tensor divergence(const torch::Tensor& target, const torch::Tensor& log_probabilities);

// Mean over the rows of -sum_k q_k log p_k with q = (1 - smoothing) 1[k = label] + smoothing / K.
torch::Tensor label_loss(const torch::Tensor& log_probabilities, const torch::Tensor& labels,
                         double smoothing);

// min(1, (epoch + 1) / epochs), 1 where epochs is 0. `epoch` counts from 0.
double warm_up(std::int64_t epoch, int epochs);

}  // namespace heirloom::train
