#include "policies/reservation.h"

#include <fmt/format.h>

namespace heirloom::policies {

void reserve(Judgement& judgement, const Reservation& reservation) {
  if (judgement.verdict != Verdict::promoted) return;
  std::string why;
  if (reservation.borrowed_from) {
    why = fmt::format("its snapshot has no holdout, so it was judged on that of {}",
                      *reservation.borrowed_from);
  } else if (reservation.barred_teacher) {
    why = fmt::format("its teacher {} was barred", *reservation.barred_teacher);
  } else if (reservation.manual_approval) {
    why = "the policy leaves the promotion to a person";
  }
  if (why.empty()) return;
  judgement.verdict = Verdict::held;
  judgement.reason = fmt::format("held: {}; but {}", judgement.reason, why);
}

}  // namespace heirloom::policies
