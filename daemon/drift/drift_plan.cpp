#include "daemon/drift/drift_plan.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "daemon/pipeline/commitment.h"
#include "registry/json_text.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using Json = nlohmann::json;

}  // namespace

base::Result<DriftReference> drift_reference(registry::Registry& registry,
                                             const registry::GenerationRow& champion) {
  HEIRLOOM_ASSIGN(JudgedOn on, judged_on(registry, champion));
  const auto own = registry.catalog.snapshot(champion.snapshot_id);
  if (!own || !on.snapshot.holdout || !champion.kernel || !champion.forward_batch) {
    return base::fail(ErrorKind::internal, "a champion without its data or artifact");
  }
  std::vector<std::uint64_t> labels = own->train.class_counts;
  for (std::size_t k = 0; own->holdout && k < labels.size(); ++k) {
    labels[k] += own->holdout->class_counts[k];
  }
  return DriftReference{champion, std::move(on.snapshot), std::move(on.holdout), std::move(labels)};
}

std::string to_json(const DriftPlan& plan) {
  Json tests = Json::array();
  for (const jobs::PlannedTest& test : plan.tests) {
    tests.push_back({{"test", jobs::to_string(test.test)}, {"level", test.level}});
  }
  return registry::json_text(
      {{"tests", std::move(tests)},
       {"reference", plan.sizes.reference},
       {"batch", plan.sizes.batch},
       {"labels", plan.sizes.labels},
       {"n0", plan.n0},
       {"n", plan.n},
       {"alpha", plan.alpha},
       {"radius", plan.radius},
       {"since_last_seconds", plan.since_last ? Json(plan.since_last->count()) : Json()},
       {"passed_over", plan.passed_over}});
}

base::Result<DriftPlan> drift_plan_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    DriftPlan plan;
    for (const Json& item : json.at("tests")) {
      HEIRLOOM_ASSIGN(const auto test, jobs::parse_drift_test(item.at("test").get<std::string>()));
      plan.tests.push_back({test, item.at("level").get<double>()});
    }
    plan.sizes = {json.at("reference"), json.at("batch"), json.at("labels")};
    plan.n0 = json.at("n0");
    plan.n = json.at("n");
    plan.alpha = json.at("alpha");
    plan.radius = json.at("radius");
    if (const Json& since = json.at("since_last_seconds"); !since.is_null()) {
      plan.since_last = std::chrono::seconds(since.get<std::int64_t>());
    }
    plan.passed_over = json.at("passed_over").get<std::vector<std::string>>();
    return plan;
  } catch (const Json::exception& error) {
    return base::fail(ErrorKind::tampered,
                      fmt::format("a plan of a drift test cannot be read: {}", error.what()));
  }
}

base::Result<DriftPlan> plan_drift(const policies::DriftSettings& settings,
                                   const DriftReference& reference,
                                   std::optional<std::chrono::seconds> since_last) {
  const auto labelled =
      std::accumulate(reference.labels.begin(), reference.labels.end(), std::uint64_t{0});
  DriftPlan plan;
  plan.sizes = policies::drift_sizes(
      settings, static_cast<std::uint64_t>(reference.holdout.examples), labelled);
  if (plan.sizes.batch < jobs::kLeastDriftBatch) {
    return base::fail(
        ErrorKind::conflict,
        fmt::format("the champion's holdout of {} examples is too small to test against",
                    reference.holdout.examples),
        fmt::format("it takes {}: add a snapshot with a larger holdout",
                    policies::kReferenceTimes * jobs::kLeastDriftBatch));
  }
  for (const jobs::PlannedTest& test : policies::plan_tests(settings, since_last)) {
    const bool of_labels = test.test == jobs::DriftTest::label_chi2;
    if (!of_labels || plan.sizes.labels >= jobs::kLeastDriftBatch) plan.tests.push_back(test);
  }
  plan.sizes.labels = std::max(plan.sizes.labels, jobs::kLeastDriftBatch);
  plan.n0 = settings.n0;
  plan.n = settings.n;
  plan.alpha = settings.alpha;
  plan.radius = settings.radius;
  plan.since_last = since_last;
  return plan;
}

base::Result<DriftDraws> drift_draws(registry::Registry& registry, const DriftReference& reference,
                                     const DriftPlan& plan) {
  const registry::GenerationRow& champion = reference.champion;
  const auto model = registry.models.get(champion.model_id);
  const auto policy = registry.models.policy(champion.policy_id);
  if (!model || !policy) return base::fail(ErrorKind::internal, "a champion without its policy");
  DriftDraws draws;
  std::vector<std::uint32_t> all(static_cast<std::size_t>(reference.holdout.examples));
  std::iota(all.begin(), all.end(), 0U);
  HEIRLOOM_ASSIGN(draws.examples,
                  rank_examples(registry, reference.holdout, "heirloom/drift-reference/v1", all));
  draws.examples.resize(std::min<std::size_t>(draws.examples.size(), plan.sizes.reference));
  std::sort(draws.examples.begin(), draws.examples.end());

  certificate::Protocol& protocol = draws.protocol;
  protocol.n0 = plan.n0;
  protocol.n = plan.n;
  protocol.alpha = plan.alpha;
  protocol.sigma = model->spec.sigma;
  protocol.grid = policy->certify.grid;
  protocol.kernel = *champion.kernel;
  protocol.forward_batch = *champion.forward_batch;
  protocol.precision = jobs::to_string(policy->certify.precision);
  protocol.holdout_id = reference.holdout.digest;
  protocol.examples = certificate::example_list_digest(draws.examples);

  HEIRLOOM_ASSIGN(const base::Digest secret, registry.catalog.noise_key(reference.holdout.id));
  draws.noise_key =
      base::hmac_sha256(secret, base::FieldEncoder().text("heirloom/drift-noise/v1").encoded());
  draws.reference_key = base::FieldEncoder()
                            .text("heirloom/drift-reference/v1")
                            .digest(*champion.classifier_id)
                            .digest(protocol.id())
                            .integer(protocol.forward_batch)
                            .digest(reference.holdout.key_commitment)
                            .real(plan.radius)
                            .sha256();
  return draws;
}

}  // namespace heirloom::daemon
