// What keeps a generation from being promoted by itself although its gates pass.
#pragma once

#include <optional>
#include <string>

#include "policies/judge.h"

namespace heirloom::policies {

struct Reservation {
  std::optional<std::string> borrowed_from;   // the snapshot whose holdout it was judged on
  std::optional<std::string> barred_teacher;  // "g2"
  bool manual_approval = false;               // the policy leaves every promotion to a person
};

// Turns a promotion into `held`, with the reason; other verdicts stay.
void reserve(Judgement& judgement, const Reservation& reservation);

}  // namespace heirloom::policies
