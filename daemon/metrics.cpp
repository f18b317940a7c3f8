#include "daemon/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "core/base/version.h"
#include "daemon/pipeline/commitment.h"

namespace heirloom::daemon {
namespace {

using CounterFamily = prometheus::Family<prometheus::Counter>;
using GaugeFamily = prometheus::Family<prometheus::Gauge>;

// A turn of the loop that takes longer keeps every client waiting.
const prometheus::Histogram::BucketBoundaries kTurnSeconds = {0.001, 0.005, 0.01, 0.05,
                                                              0.1,   0.5,   1.0};

GaugeFamily& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

CounterFamily& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

double seconds_of(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// What a model looks like now.
void add_models(prometheus::Registry& out, registry::Registry& registry) {
  GaugeFamily& champion =
      gauge(out, "heirloom_champion_generation", "Number of the model's champion; 0: none.");
  GaugeFamily& alarm = gauge(out, "heirloom_drift_alarm", "Whether an alarm of drift stands.");
  GaugeFamily& left = gauge(out, "heirloom_holdout_candidates_left",
                            "How many candidates the model's holdout can still be judged on.");
  GaugeFamily& paused = gauge(out, "heirloom_paused", "Whether the model is paused.");
  for (const registry::ModelRow& model : registry.models.all()) {
    const prometheus::Labels labels = {{"model", model.spec.name}};
    const auto row = registry.evidence.champion(model.id);
    const auto generation = row ? registry.generations.get(row->generation_id) : std::nullopt;
    champion.Add(labels).Set(generation ? static_cast<double>(generation->number) : 0.0);
    const bool stands =
        row && registry.drifts.standing_alarm(model.id, row->generation_id).has_value();
    alarm.Add(labels).Set(stands ? 1.0 : 0.0);
    paused.Add(labels).Set(registry.pauses.current(model.id) ? 1.0 : 0.0);
    const auto snapshot = registry.catalog.latest_holdout_snapshot(model.id);
    const auto policy = registry.models.current_policy(model.id);
    if (!snapshot || !policy) continue;
    const NextLevel next = next_level(registry, *policy, *snapshot->holdout_id);
    const std::int64_t free = next.terms.candidates - next.candidate + 1;
    left.Add(labels).Set(next.level > 0.0 ? static_cast<double>(free) : 0.0);
  }
}

void add_queue(prometheus::Registry& out, registry::Registry& registry) {
  GaugeFamily& jobs = gauge(out, "heirloom_jobs_open", "Jobs that run or wait.");
  for (const registry::JobRow& job : registry.generations.open_jobs()) {
    jobs.Add({{"kind", job.kind}}).Increment();
  }
  GaugeFamily& generations =
      gauge(out, "heirloom_generations_unfinished", "Generations without a verdict yet.");
  for (const registry::GenerationRow& generation : registry.generations.unfinished()) {
    generations.Add({{"state", std::string(registry::to_string(generation.state))}}).Increment();
  }
}

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  CounterFamily& attempts =
      counter(registry, "heirloom_attempts_total", "Launches of workers that have ended.");
  CounterFamily& generations =
      counter(registry, "heirloom_generations_ended_total", "Generations that came to an end.");
  CounterFamily& requests =
      counter(registry, "heirloom_http_requests_total", "Answers of the API.");
  prometheus::Gauge& reload_ok = gauge(registry, "heirloom_config_last_reload_successful",
                                       "Whether the settings could be read the last time.")
                                     .Add({});
  prometheus::Gauge& reload_time =
      gauge(registry, "heirloom_config_last_reload_success_timestamp_seconds",
            "When settings were last taken.")
          .Add({});
  prometheus::Histogram& turns = prometheus::BuildHistogram()
                                     .Name("heirloom_turn_seconds")
                                     .Help("How long a turn of the pipeline took.")
                                     .Register(registry)
                                     .Add({}, kTurnSeconds);

  State() {
    gauge(registry, "heirloom_build_info", "Always 1.")
        .Add({{"version", std::string(base::version())},
              {"revision", std::string(base::git_revision())}})
        .Set(1.0);
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::attempt_ended(std::string_view kind, bool well) {
  state_->attempts.Add({{"kind", std::string(kind)}, {"result", well ? "done" : "failed"}})
      .Increment();
}

void Metrics::generation_ended(std::string_view state) {
  state_->generations.Add({{"state", std::string(state)}}).Increment();
}

void Metrics::request_answered(int status) {
  state_->requests.Add({{"code", std::to_string(status)}}).Increment();
}

void Metrics::settings_reloaded(bool well, std::chrono::system_clock::time_point at) {
  state_->reload_ok.Set(well ? 1.0 : 0.0);
  if (well) state_->reload_time.Set(seconds_of(at));
}

void Metrics::turn_taken(std::chrono::duration<double> time) {
  state_->turns.Observe(time.count());
}

std::string Metrics::exposition(registry::Registry& registry, const Now& now) {
  prometheus::Registry current;
  add_models(current, registry);
  add_queue(current, registry);
  gauge(current, "heirloom_workers_running", "Worker processes.")
      .Add({})
      .Set(static_cast<double>(now.running));
  gauge(current, "heirloom_audit_intact", "0: the audit has found a row that is not as recorded.")
      .Add({})
      .Set(now.audit_intact ? 1.0 : 0.0);
  gauge(current, "heirloom_sandbox_whole", "0: a layer that confines workers is missing.")
      .Add({})
      .Set(now.sandbox_whole ? 1.0 : 0.0);
  gauge(current, "heirloom_all_paused", "Whether the whole daemon is paused.")
      .Add({})
      .Set(registry.pauses.current(std::nullopt) ? 1.0 : 0.0);
  auto families = state_->registry.Collect();
  auto more = current.Collect();
  families.insert(families.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace heirloom::daemon
