// Strong<Tag, Rep>: a number whose unit is part of its type. A Sigma is not an L2Radius.
#pragma once

#include <compare>

namespace heirloom::base {

template <typename Tag, typename Rep>
class Strong {
 public:
  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

 private:
  Rep value_{};
};

// Standard deviation of the smoothing noise, in units of the input ([0, 1] pixels). Positive.
using Sigma = Strong<struct SigmaTag, double>;
// An l2 distance in input space. A certified radius is one; not negative.
using L2Radius = Strong<struct L2RadiusTag, double>;

}  // namespace heirloom::base
