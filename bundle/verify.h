// Recomputes everything that a bundle claims, from the counts up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "core/base/signing.h"

namespace heirloom::bundle {

struct Verification {
  std::string model;  // what it is about
  std::string generation;
  std::vector<std::string> checks;        // what was recomputed and found equal, in order
  std::optional<std::string> difference;  // the first one: what, as stored, as recomputed
  std::string verdict;                    // as stored; empty while unknown
};

// The chain over the bundled events (to the head, where the bundle has the events between), the
// rows, the policy's text against its rows, each certificate from its counts, the level, and the
// verdict with every gate. With `key` the head must be signed by it. Stops at the first difference.
Verification verify(const Bundle& bundle, const std::optional<base::VerifyKey>& key = std::nullopt);

// The artifact that the verdict's certificate is about; nothing where the bundle does not say.
std::optional<base::Digest> certified_model(const Bundle& bundle);

}  // namespace heirloom::bundle
