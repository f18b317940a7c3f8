// Every loss, its gradient and its adversaries against tests/golden/loss_reference.py. The network
// there has batch normalisation: an attack in training mode, a pass too many or one batch in place
// of two gives other values, as does any other noise, norm or mask.
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "core/train/catrs.h"
#include "core/train/consistency.h"
#include "core/train/draws.h"
#include "core/train/macer.h"
#include "core/train/smoothadv.h"
#include "core/train/smoothmix.h"
#include "core/train/stability.h"
#include "core/train/transfer.h"
#include "tests/train/reference.h"

namespace heirloom::train {
namespace {

using LossOf = std::function<torch::Tensor(const Reference&)>;

constexpr double kEpsilon = 0.7;
constexpr double kWarm = 0.6;

jobs::SmoothAdvMethod smoothadv_settings(const Reference& r) {
  return {.draws = r.draws, .steps = r.steps};
}

jobs::SmoothMixMethod smoothmix_settings(const Reference& r, bool one_step) {
  return {.draws = r.draws, .steps = r.steps, .step_size = 0.8, .eta = 2.5, .one_step = one_step};
}

jobs::CatRsMethod catrs_settings(const Reference& r) {
  return {.draws = r.draws, .steps = r.steps, .epsilon = 0.5, .lambda = 1.5};
}

LossOf smoothmix(bool one_step) {
  return [one_step](const Reference& r) {
    return smoothmix_loss(*r.network, r.batch, {r.noise, r.lambda, kWarm}, r.label_smoothing,
                          smoothmix_settings(r, one_step))
        .total;
  };
}

LossOf transfer(double alpha, jobs::MatchOn match_on) {
  return [=](const Reference& r) {
    const torch::Tensor student = r.network->forward(r.batch.images + r.first_noise());
    return transfer_loss(student, r.teacher, r.batch.labels, r.label_smoothing,
                         {.teacher = {}, .alpha = alpha, .match_on = match_on})
        .total;
  };
}

const std::map<std::string, LossOf>& losses() {
  static const std::map<std::string, LossOf> all = {
      {"gaussian",
       [](const Reference& r) {
         const torch::Tensor logits = r.network->forward(r.batch.images + r.first_noise());
         return label_loss(logits.log_softmax(1), r.batch.labels, r.label_smoothing);
       }},
      {"stability",
       [](const Reference& r) {
         return stability_loss(*r.network, r.batch, r.first_noise(), r.label_smoothing,
                               {.lambda = 2.0})
             .total;
       }},
      {"smoothadv",
       [](const Reference& r) {
         return smoothadv_loss(*r.network, r.batch, r.noise, kEpsilon, r.label_smoothing,
                               smoothadv_settings(r))
             .total;
       }},
      {"macer",
       [](const Reference& r) {
         const jobs::MacerMethod settings{.draws = r.draws, .beta = 2.0, .gamma = 1.2};
         return macer_loss(*r.network, r.batch, r.noise, r.sigma, 6.0, r.label_smoothing, settings)
             .total;
       }},
      {"consistency",
       [](const Reference& r) {
         return consistency_loss(*r.network, r.batch, r.noise, r.label_smoothing,
                                 {.draws = r.draws, .lambda = 5.0, .eta = 0.5})
             .total;
       }},
      {"smoothmix", smoothmix(false)},
      {"smoothmix_one_step", smoothmix(true)},
      {"catrs",
       [](const Reference& r) {
         return catrs_loss(*r.network, r.batch, r.noise, r.uniform, r.label_smoothing,
                           catrs_settings(r))
             .total;
       }},
      {"transfer_logits", transfer(1.0, jobs::MatchOn::logits)},
      {"transfer_softmax", transfer(1.0, jobs::MatchOn::softmax)},
      {"transfer_mixed", transfer(0.7, jobs::MatchOn::logits)}};
  return all;
}

class Losses : public testing::TestWithParam<std::string> {};

std::vector<std::string> names_of_losses() {
  std::vector<std::string> names;
  for (const auto& [name, loss] : losses()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Reference, Losses, testing::ValuesIn(names_of_losses()),
                         [](const auto& loss) { return loss.param; });

TEST_P(Losses, HaveTheValueAndTheGradientOfTheReference) {
  const Reference r;
  const nlohmann::json& expected = golden().at("losses").at(GetParam());
  const torch::Tensor loss = losses().at(GetParam())(r);
  EXPECT_NEAR(loss.item<double>(), expected.at("loss").get<double>(), 1e-5);
  loss.backward();
  for (const auto& entry : r.network->named_parameters()) {
    const torch::Tensor gradient =
        tensor_of(expected.at("gradient").at(entry.key()), entry.value().sizes());
    const double worst = (entry.value().grad() - gradient).abs().max().item<double>();
    EXPECT_LE(worst, 1e-5) << entry.key();
  }
  const torch::Tensor mean = tensor_of(expected.at("running_mean"), {-1});
  EXPECT_TRUE(torch::allclose(r.network->named_buffers()["norm.running_mean"], mean, 0.0, 1e-6));
  EXPECT_TRUE(r.network->is_training());
}

TEST(Losses, AreAllOfTheReference) {
  EXPECT_EQ(losses().size(), golden().at("losses").size());
}

void expect_near(const torch::Tensor& found, const char* name, const Reference& r) {
  const torch::Tensor expected = Reference::values(name, {-1, 1, r.side, r.side});
  EXPECT_LE((found - expected).abs().max().item<double>(), 1e-5) << name;
  EXPECT_FALSE(found.requires_grad());
}

// No trace: neither of gradients nor of evaluation mode nor of the batch's statistics.
void expect_untouched(const Reference& r) {
  EXPECT_TRUE(r.network->is_training());
  for (const torch::Tensor& parameter : r.network->parameters()) {
    EXPECT_TRUE(parameter.requires_grad());
    EXPECT_FALSE(parameter.grad().defined());
  }
  const Reference fresh;
  EXPECT_TRUE(torch::equal(r.network->named_buffers()["norm.running_mean"],
                           fresh.network->named_buffers()["norm.running_mean"]));
}

TEST(Attacks, FindTheAdversariesOfTheReferenceAndLeaveNoTrace) {
  const Reference r;
  const auto mixed = smoothmix_adversary(*r.network, r.batch, {r.noise, r.lambda, kWarm},
                                         smoothmix_settings(r, true));
  expect_near(mixed.start, "smoothmix_start", r);
  expect_near(mixed.end, "smoothmix_end", r);
  expect_near(smoothadv_adversary(*r.network, r.batch, r.noise, kEpsilon, smoothadv_settings(r)),
              "smoothadv_adversary", r);
  const torch::Tensor target = Reference::values("catrs_target", {r.rows, r.classes});
  expect_near(catrs_noise(*r.network, r.batch, r.noise, target, catrs_settings(r)), "catrs_noise",
              r);
  expect_untouched(r);
}

TEST(SmoothMix, StartsFromTheImageItselfWithoutTheOptionOfOneStep) {
  const Reference r;
  const auto found = smoothmix_adversary(*r.network, r.batch, {r.noise, r.lambda, kWarm},
                                         smoothmix_settings(r, false));
  EXPECT_TRUE(torch::equal(found.start, r.batch.images));
}

}  // namespace
}  // namespace heirloom::train
