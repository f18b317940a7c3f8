// What a certificate comes to: ACR, abstain rate and certified accuracy, as plain shares of the
// examples (point values; the gates use the bounds in core/stats).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/certificate/certificate.h"

namespace heirloom::certificate {

struct Summary {
  std::size_t examples = 0;
  double acr = 0.0;             // mean of radius over correct examples, zero for the others
  double clean_accuracy = 0.0;  // certified accuracy at radius 0
  double abstain_rate = 0.0;
};

Summary summarize(std::span<const CertifiedExample> examples);
std::size_t count_certified(std::span<const CertifiedExample> examples, double radius);
double certified_accuracy(std::span<const CertifiedExample> examples, double radius);

// 0, step, 2 step, ... (to a millionth) while below the ceiling `max_radius`, and at most 10,000 of
// them; by default the grid of the papers' tables. No radii for a step that is not positive.
std::vector<double> paper_radii(double max_radius, double step = 0.25);

// "0.50": how a radius is written as a key in JSON.
std::string radius_key(double radius);

}  // namespace heirloom::certificate
