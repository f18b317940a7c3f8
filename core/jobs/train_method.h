// The training methods and what can be set about them. Defaults are the published settings for
// MNIST at sigma 0.5. core/jobs/setting_list.h lists every setting's name and range.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "core/base/result.h"
#include "core/jobs/data_part.h"

namespace heirloom::jobs {

// Cross-entropy on noisy inputs (Cohen et al. 2019).
struct GaussianMethod {};

// Noisy outputs held to the clean ones (Li et al. 2019).
struct StabilityMethod {
  double lambda = 2.0;  // weight of the stability loss
};

// Adversarial training of the smoothed classifier (Salman et al. 2019).
struct SmoothAdvMethod {
  int draws = 4;                // m: noise draws an image
  int steps = 10;               // T: attack steps, each of length 2 epsilon / T
  double epsilon = 0.99609375;  // radius of the attack, 255/256
  int warmup_epochs = 10;       // epsilon rises linearly over these
};

// Maximises a differentiable certified radius, without attacks (Zhai et al. 2020).
struct MacerMethod {
  int draws = 16;           // k
  double lambda = 16.0;     // weight of the radius loss
  double beta = 16.0;       // inverse temperature of the radius's softmax
  double gamma = 8.0;       // radii above sigma gamma / 2 are left alone
  int deferred_epochs = 0;  // lambda is 0 in these first ones
};

// Holds the outputs under several draws to their mean (Jeong and Shin 2020).
struct ConsistencyMethod {
  int draws = 2;
  double lambda = 5.0;  // weight of the divergence from the mean
  double eta = 0.5;     // weight of the mean's entropy
};

// Mixes images with adversaries of the smoothed classifier (Jeong et al. 2021).
struct SmoothMixMethod {
  int draws = 4;           // m: noise draws an image
  int steps = 4;           // T: attack steps
  double step_size = 1.0;  // a
  double eta = 5.0;        // weight of the mix-up loss
  int warmup_epochs = 10;  // eta ramps up linearly over these
  bool one_step = false;   // the adversary after one step takes the image's place
};

// Confidence-aware training (Jeong et al. 2023).
struct CatRsMethod {
  int draws = 4;
  int steps = 4;         // of the attack, each of length 2 epsilon / steps
  double epsilon = 1.0;  // radius of the attack on the noise
  double lambda = 1.0;   // weight of the worst-case loss
};

// Certified Robustness Transfer (Vaishnavi et al. 2022): match the teacher on noisy inputs.
enum class MatchOn { logits, softmax };
std::string_view to_string(MatchOn match_on);
base::Result<MatchOn> parse_match_on(std::string_view text);
struct TransferMethod {
  FileRef teacher;     // the champion's artifact
  double alpha = 1.0;  // weight of the transfer loss; 1 - alpha goes to cross-entropy
  MatchOn match_on = MatchOn::logits;
};

using TrainMethod = std::variant<GaussianMethod, StabilityMethod, SmoothAdvMethod, MacerMethod,
                                 ConsistencyMethod, SmoothMixMethod, CatRsMethod, TransferMethod>;
std::string_view method_name(const TrainMethod& method);  // "gaussian", ..., "catrs", "transfer"

// The method of that name with every default; nothing if there is none.
std::optional<TrainMethod> method_called(std::string_view name);

}  // namespace heirloom::jobs
