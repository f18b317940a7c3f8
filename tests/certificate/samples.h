// A small certificate whose bounds and radii follow from its counts.
#pragma once

#include <cstdint>
#include <string>

#include "core/certificate/certificate.h"
#include "core/stats/binomial.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate::test {

// Sampling of the sample: n0 100, n 1000, alpha 0.001, sigma 0.5.
inline CertifiedExample sample_example(std::uint32_t index, std::int32_t label,
                                       std::int32_t selected, std::uint64_t n_a) {
  CertifiedExample example;
  example.index = index;
  example.label = label;
  example.n_a = n_a;
  example.p_lower = stats::clopper_pearson_lower(static_cast<std::int64_t>(n_a), 1000, 0.001);
  if (example.p_lower >= 0.5) {
    example.predicted = selected;
    example.radius = stats::certified_radius(0.5, example.p_lower);
  }
  return example;
}

// Correct, abstaining, wrong, and correct at the ceiling.
inline Certificate sample_certificate() {
  Certificate certificate;
  certificate.examples = {sample_example(3, 1, 1, 990), sample_example(4, 0, 0, 510),
                          sample_example(7, 2, 0, 900), sample_example(8, 2, 2, 1000)};
  certificate.model_sha256 = base::sha256("model");
  Protocol& protocol = certificate.protocol;
  protocol.n0 = 100;
  protocol.n = 1000;
  protocol.alpha = 0.001;
  protocol.sigma = 0.5;
  protocol.kernel = "float32";
  protocol.forward_batch = 64;
  protocol.holdout_id = base::sha256("holdout");
  protocol.examples = example_list_digest({3, 4, 7, 8});
  return certificate;
}

// `text` with the first `from` replaced; a `from` that is not there fails the test that uses it.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace heirloom::certificate::test
