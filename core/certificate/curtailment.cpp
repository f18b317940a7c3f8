#include "core/certificate/curtailment.h"

namespace heirloom::certificate {

Curtailment::Curtailment(std::vector<Floor> floors, std::size_t examples)
    : floors_(std::move(floors)), certified_(floors_.size(), 0), left_(examples) {}

bool Curtailment::add(const CertifiedExample& example) {
  --left_;
  for (std::size_t i = 0; i < floors_.size(); ++i) {
    if (example.certified_at(floors_[i].radius)) ++certified_[i];
    out_of_reach_ = out_of_reach_ || certified_[i] + left_ < floors_[i].needed;
  }
  return out_of_reach_;
}

}  // namespace heirloom::certificate
