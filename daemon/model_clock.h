// What a model's policy wants done by itself: new snapshots tested, drifted data trained on, and
// what its schedule says. Every step works from the registry alone, so that missed turns and
// restarts change nothing.
//
// Owned by the pipeline; the loop thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "policies/policy.h"
#include "registry/registry.h"

namespace heirloom::daemon {

class ModelClock {
 public:
  ModelClock(registry::Registry& registry, const base::Clock& clock)
      : registry_(registry), clock_(clock), started_(clock.steady()) {}

  // Opens what is due. When to look again, if something is to become due.
  std::optional<std::chrono::milliseconds> step();

 private:
  // The parts of a policy that are looked at here; policies never change.
  struct Wishes {
    std::optional<policies::DriftSettings> drift;
    policies::Schedule schedule;
  };
  using Wait = std::optional<std::chrono::milliseconds>;

  const Wishes& wishes_of(const registry::PolicyRow& policy);
  std::chrono::milliseconds since(const std::string& instant) const;
  Wait test_drift(const registry::ModelRow& model, const registry::GenerationRow& champion,
                  const registry::PolicyRow& policy, const policies::DriftSettings& drift);
  void train_on_drift(const registry::ModelRow& model, const registry::GenerationRow& champion,
                      const registry::PolicyRow& policy);
  Wait retrain(const registry::ModelRow& model, const registry::GenerationRow& champion,
               const registry::PolicyRow& policy, std::chrono::seconds every);
  Wait recertify(const registry::GenerationRow& champion, std::chrono::seconds every);

  registry::Registry& registry_;
  const base::Clock& clock_;
  const std::chrono::steady_clock::time_point started_;
  std::map<std::int64_t, Wishes> wishes_;  // by policy id
};

}  // namespace heirloom::daemon
