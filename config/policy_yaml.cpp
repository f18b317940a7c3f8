#include "config/policy_yaml.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "config/threshold_yaml.h"
#include "config/yaml_reader.h"
#include "core/base/names.h"

namespace heirloom::config {
namespace {

using policies::Policy;

jobs::ModelSpec read_model(YamlReader& reader) {
  jobs::ModelSpec model;
  model.name = reader.text("model");
  if (const auto named = base::check_name("model name", model.name); !named.has_value()) {
    reader.report("model", named.error().message, named.error().hint);
  }
  YamlReader input = reader.map("input");
  const auto shape = input.integers("shape", 3);
  model.input = {shape[0], shape[1], shape[2]};
  model.classes = input.integer("classes");
  input.done();
  model.sigma = reader.number("sigma");
  return model;
}

jobs::Schedule schedule_from(std::string_view word) {
  if (word == "constant") return jobs::Schedule::constant;
  if (word == "step") return jobs::Schedule::step;
  return jobs::Schedule::one_cycle;
}

jobs::TrainSettings read_training(YamlReader& reader) {
  jobs::TrainSettings settings;
  settings.epochs = reader.small_integer("epochs");
  settings.batch = reader.small_integer("batch");
  settings.learning_rate = reader.number("learning_rate");
  settings.schedule = schedule_from(reader.word("schedule"));
  return settings;
}

policies::BootstrapSettings read_bootstrap(YamlReader reader) {
  policies::BootstrapSettings bootstrap;
  const std::string method = reader.word("method");
  bootstrap.settings = read_training(reader);
  if (method == "smoothmix") {
    jobs::SmoothMixMethod smoothmix;
    smoothmix.draws = reader.small_integer("draws");
    smoothmix.steps = reader.small_integer("steps");
    smoothmix.step_size = reader.number("step_size");
    smoothmix.eta = reader.number("eta");
    smoothmix.warmup_epochs = reader.small_integer("warmup_epochs");
    bootstrap.method = smoothmix;
  } else {
    bootstrap.method = jobs::GaussianMethod{};
    for (const char* key : {"draws", "steps", "step_size", "eta", "warmup_epochs"}) {
      if (reader.has(key)) {
        reader.report(key,
                      fmt::format("`{}` means nothing for method {}", reader.path_of(key), method));
      }
    }
  }
  reader.done();
  return bootstrap;
}

policies::TransferSettings read_transfer(YamlReader reader) {
  policies::TransferSettings transfer;
  transfer.settings = read_training(reader);
  transfer.alpha = reader.number("alpha");
  transfer.match_on =
      reader.word("match_on") == "softmax" ? jobs::MatchOn::softmax : jobs::MatchOn::logits;
  reader.done();
  return transfer;
}

policies::CertifySettings read_certify(YamlReader reader) {
  policies::CertifySettings certify;
  if (reader.has("examples")) certify.examples = reader.natural("examples");
  certify.n0 = reader.natural("n0");
  certify.n = reader.natural("n");
  certify.alpha = reader.number("alpha");
  certify.mode = certificate::parse_mode(reader.word("mode")).value_or(certificate::Mode::exact);
  certify.tolerance = reader.number("tolerance");
  if (reader.has("tolerance") && certify.mode != certificate::Mode::adaptive) {
    reader.report("tolerance",
                  fmt::format("`{}` means nothing in mode {}", reader.path_of("tolerance"),
                              certificate::to_string(certify.mode)));
  }
  certify.precision = jobs::parse_precision(reader.word("precision")).value_or(certify.precision);
  certify.grid = reader.boolean("grid");
  reader.done();
  return certify;
}

std::uint64_t read_falsify(YamlReader reader) {
  const std::uint64_t examples = reader.natural("examples");
  reader.done();
  return examples;
}

std::vector<policies::Threshold> read_promote(YamlReader& reader) {
  std::vector<policies::Threshold> thresholds;
  for (const YamlReader& line : reader.maps("promote")) {
    const policies::Threshold threshold = read_threshold(line);
    if (std::find(thresholds.begin(), thresholds.end(), threshold) != thresholds.end()) {
      reader.problem().report(line.place(),
                              fmt::format("the gate \"{}\" is there twice", threshold.text()));
    }
    thresholds.push_back(threshold);
  }
  const bool binds = std::any_of(thresholds.begin(), thresholds.end(),
                                 [](const auto& threshold) { return !threshold.dry_run; });
  if (!binds) {
    reader.report("promote", "every gate is a dry run: nothing could ever be promoted");
  }
  return thresholds;
}

stats::LedgerTerms read_holdout(YamlReader reader) {
  stats::LedgerTerms terms;
  terms.candidates = reader.integer("candidates");
  terms.promotions = reader.integer("promotions");
  terms.risk = reader.number("risk");
  reader.boolean("sealed");  // `true` is refused by the schema, `false` is what happens
  if (terms.promotions > terms.candidates) {
    reader.report("promotions", fmt::format("`{}` is more than `{}`", reader.path_of("promotions"),
                                            reader.path_of("candidates")));
  }
  reader.done();
  return terms;
}

}  // namespace

base::Result<Policy> policy_from_yaml(std::string_view text, std::string_view origin) {
  HEIRLOOM_ASSIGN(const YamlNode root, parse_yaml(text, origin));
  YamlProblem problem{std::string(origin)};
  YamlReader reader(root, policy_rules(), "", problem);
  if (problem.found()) return tl::unexpected(problem.error());
  Policy policy;
  policy.model = read_model(reader);
  policy.bootstrap = read_bootstrap(reader.map("bootstrap"));
  policy.transfer = read_transfer(reader.map("transfer"));
  policy.certify = read_certify(reader.map("certify"));
  policy.certify.falsify_examples = read_falsify(reader.map("falsify"));
  policy.promote = read_promote(reader);
  policy.confidence = reader.number("confidence");
  policy.holdout = read_holdout(reader.map("holdout"));
  reader.word("approval");  // `manual` is refused by the schema, `automatic` is what happens
  reader.done();
  if (problem.found()) return tl::unexpected(problem.error());
  return policy;
}

}  // namespace heirloom::config
