#include "daemon/model_clock.h"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "config/policy_yaml.h"
#include "daemon/drift/drift_checks.h"
#include "daemon/pipeline/queueing.h"
#include "daemon/pipeline/reproducing.h"

namespace heirloom::daemon {
namespace {

using registry::GenerationRow;
using registry::ModelRow;
using registry::PolicyRow;
using std::chrono::milliseconds;

constexpr std::string_view kDriftCause = "drift: ";
constexpr std::string_view kScheduleCause = "schedule: ";

std::optional<milliseconds> sooner(std::optional<milliseconds> a, std::optional<milliseconds> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

const ModelClock::Wishes& ModelClock::wishes_of(const PolicyRow& policy) {
  const auto known = wishes_.find(policy.id);
  if (known != wishes_.end()) return known->second;
  Wishes wishes;
  if (auto read = config::policy_from_yaml(policy.text, "stored policy")) {
    wishes = {std::move(read->drift), read->schedule};
  } else {
    spdlog::error("policy {}: {}", policy.id, read.error().text());
  }
  return wishes_.emplace(policy.id, std::move(wishes)).first->second;
}

// How long ago something was recorded. Records have wall time, which can be set back: then the time
// that this process has run counts, so that nothing waits for longer than it should.
milliseconds ModelClock::since(const std::string& instant) const {
  const auto running = std::chrono::duration_cast<milliseconds>(clock_.steady() - started_);
  const auto at = base::time_of(instant);
  if (!at || *at > clock_.wall()) return running;
  return std::chrono::duration_cast<milliseconds>(clock_.wall() - *at);
}

ModelClock::Wait ModelClock::step() {
  Wait next;
  for (const ModelRow& model : registry_.models.all()) {
    const auto champion = registry_.evidence.champion(model.id);
    const auto policy = registry_.models.current_policy(model.id);
    if (!champion || !policy) continue;
    const auto generation = registry_.generations.get(champion->generation_id);
    const Wishes& wishes = wishes_of(*policy);
    if (wishes.drift) {
      next = sooner(next, test_drift(model, *generation, *policy, *wishes.drift));
      train_on_drift(model, *generation, *policy);
    }
    if (wishes.schedule.retrain) {
      next = sooner(next, retrain(model, *generation, *policy, *wishes.schedule.retrain));
    }
    if (wishes.schedule.recertify) {
      next = sooner(next, recertify(*generation, *wishes.schedule.recertify));
    }
  }
  return next;
}

// The newest snapshot, if it came after the champion's and was not tested with this champion.
ModelClock::Wait ModelClock::test_drift(const ModelRow& model, const GenerationRow& champion,
                                        const PolicyRow& policy,
                                        const policies::DriftSettings& drift) {
  const auto snapshot = registry_.catalog.latest_snapshot(model.id);
  if (!snapshot || snapshot->id <= champion.snapshot_id) return std::nullopt;
  if (registry_.drifts.planned(snapshot->id, champion.id)) return std::nullopt;
  DriftDue due{model, champion, *snapshot, policy, drift, std::nullopt};
  if (const auto last = registry_.drifts.newest_check(model.id)) {
    const auto report = registry_.drifts.report_of(last->id);
    if (!report) return std::nullopt;  // one at a time: its end is a turn of the pipeline, too
    const auto ago = since(last->created_at);
    const milliseconds pause = report->alarm ? std::max(drift.every, drift.cool_down) : drift.every;
    if (ago < pause) return pause - ago;
    due.since_last = std::chrono::duration_cast<std::chrono::seconds>(ago);
  }
  open_drift_check(registry_, due);
  return std::nullopt;
}

// What the newest test called drifted is trained on, taught by the champion: once for each champion
// and policy, until the champion's own data are as new.
void ModelClock::train_on_drift(const ModelRow& model, const GenerationRow& champion,
                                const PolicyRow& policy) {
  const auto newest = registry_.drifts.newest(model.id);
  if (!newest || newest->report.band != policies::to_string(policies::Band::drift)) return;
  const std::int64_t snapshot_id = newest->check.snapshot_id;
  if (snapshot_id <= champion.snapshot_id) return;
  if (registry_.generations.taught_on(champion.version_id, snapshot_id, policy.id, champion.id)) {
    return;
  }
  const auto snapshot = registry_.catalog.snapshot(snapshot_id);
  const auto version = registry_.catalog.version(champion.version_id);
  if (!snapshot || !version) return;
  queue_in_place_of_older(registry_, {model, *snapshot, policy}, *version, kDriftCause,
                          "snapshot " + snapshot->name);
}

ModelClock::Wait ModelClock::retrain(const ModelRow& model, const GenerationRow& champion,
                                     const PolicyRow& policy, std::chrono::seconds every) {
  const auto last = registry_.generations.newest(model.id);
  if (!last || !registry::is_final(last->state)) return std::nullopt;
  const auto ago = since(last->created_at);
  if (ago < every) return every - ago;
  const auto snapshot = registry_.catalog.latest_snapshot(model.id);
  const auto version = registry_.catalog.version(champion.version_id);
  if (!snapshot || !version) return std::nullopt;
  queue_in_place_of_older(registry_, {model, *snapshot, policy}, *version, kScheduleCause,
                          fmt::format("{} s after {}", every.count(), last->label()));
  return std::nullopt;
}

ModelClock::Wait ModelClock::recertify(const GenerationRow& champion, std::chrono::seconds every) {
  const auto verdict = registry_.evidence.verdict_of(champion.id);
  if (!verdict) return std::nullopt;
  const auto last = registry_.generations.newest_job(champion.id, kReproduceJob);
  if (last && last->state == "open") return std::nullopt;
  const auto ago = since(last ? last->created_at : verdict->created_at);
  if (ago < every) return every - ago;
  if (auto opened = open_reproduction(registry_, champion, "heirloomd"); !opened) {
    spdlog::error("{}: {}", champion.label(), opened.error().text());
  }
  return std::nullopt;
}

}  // namespace heirloom::daemon
