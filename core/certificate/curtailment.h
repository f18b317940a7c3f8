// Ending a certification early because it cannot pass any more. Only certain failure may end it:
// a run that may still pass is completed, so stopping changes no verdict (docs/statistics.md
// section 6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/certificate/certificate.h"

namespace heirloom::certificate {

class Curtailment {
 public:
  // `examples`: how many the run lists. No floors: never ends early.
  Curtailment(std::vector<Floor> floors, std::size_t examples);

  // The examples come in the order of the list. True once some floor is out of reach even if every
  // example that is left were certified.
  bool add(const CertifiedExample& example);
  bool out_of_reach() const { return out_of_reach_; }

 private:
  std::vector<Floor> floors_;
  std::vector<std::uint64_t> certified_;  // at each floor's radius
  std::size_t left_;
  bool out_of_reach_ = false;
};

}  // namespace heirloom::certificate
