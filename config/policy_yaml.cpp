#include "config/policy_yaml.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "config/arch_yaml.h"
#include "config/drift_yaml.h"
#include "config/threshold_yaml.h"
#include "config/yaml_reader.h"
#include "core/base/names.h"
#include "core/jobs/setting_list.h"

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

void read_setting(YamlReader& reader, const char* key, int& value) {
  value = reader.small_integer(key);
}

void read_setting(YamlReader& reader, const char* key, double& value) {
  value = reader.number(key);
}

void read_setting(YamlReader& reader, const char* key, bool& value) {
  value = reader.boolean(key);
}

void read_setting(YamlReader& reader, const char* key, jobs::Schedule& value) {
  value = jobs::parse_schedule(reader.word(key)).value_or(value);
}

void read_setting(YamlReader& reader, const char* key, jobs::TrainPrecision& value) {
  value = jobs::parse_train_precision(reader.word(key)).value_or(value);
}

void read_setting(YamlReader& reader, const char* key, jobs::Augment& value) {
  value = jobs::parse_augment(reader.word(key)).value_or(value);
}

void read_setting(YamlReader& reader, const char* key, jobs::MatchOn& value) {
  value = jobs::parse_match_on(reader.word(key)).value_or(value);
}

void read_setting(YamlReader& reader, const char* key, std::vector<int>& value) {
  value.clear();
  for (const std::int64_t item : reader.ascending_integers(key)) {
    value.push_back(static_cast<int>(item));
  }
}

template <typename Settings>
void read_settings(YamlReader& reader, Settings& settings) {
  jobs::for_each_setting(settings, [&](const char* key, auto& value, const jobs::Range&) {
    read_setting(reader, key, value);
  });
}

jobs::TrainSettings read_training(YamlReader& reader) {
  jobs::TrainSettings settings;
  read_settings(reader, settings);
  const std::string_view schedule = jobs::to_string(settings.schedule);
  if (settings.schedule == jobs::Schedule::multistep) {
    if (settings.milestones.empty()) {
      reader.report("schedule", fmt::format("`{}` needs `{}`", reader.path_of("schedule"),
                                            reader.path_of("milestones")));
    } else if (settings.milestones.back() >= settings.epochs) {
      reader.report("milestones",
                    fmt::format("`{}` must end before `{}` do", reader.path_of("milestones"),
                                reader.path_of("epochs")));
    }
    return settings;
  }
  for (const char* key : {"milestones", "milestone_factor"}) {
    if (!reader.has(key)) continue;
    reader.report(key,
                  fmt::format("`{}` means nothing for schedule {}", reader.path_of(key), schedule));
  }
  return settings;
}

// A built-in one: the teacher is the policy's, and no file comes with it.
std::optional<jobs::ArchSpec> read_architecture(YamlReader& reader) {
  if (!reader.has("architecture")) {
    if (reader.has("set")) reader.report("set", "`bootstrap.set` belongs to `architecture`");
    return std::nullopt;
  }
  return read_arch(reader, "architecture");
}

policies::BootstrapSettings read_bootstrap(YamlReader reader) {
  policies::BootstrapSettings bootstrap;
  const std::string method = reader.word("method");
  reader.choose("method", method);
  bootstrap.settings = read_training(reader);
  bootstrap.method = jobs::method_called(method).value_or(jobs::GaussianMethod{});
  std::visit([&](auto& settings) { read_settings(reader, settings); }, bootstrap.method);
  bootstrap.architecture = read_architecture(reader);
  reader.done();
  return bootstrap;
}

policies::TransferSettings read_transfer(YamlReader reader) {
  policies::TransferSettings transfer;
  transfer.settings = read_training(reader);
  read_setting(reader, "alpha", transfer.alpha);
  read_setting(reader, "match_on", transfer.match_on);
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
                              certificate::to_string(certify.mode)),
                  "it belongs to mode adaptive");
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

void read_holdout(YamlReader reader, policies::Policy& policy) {
  stats::LedgerTerms& terms = policy.holdout;
  terms.candidates = reader.integer("candidates");
  terms.promotions = reader.integer("promotions");
  terms.risk = reader.number("risk");
  policy.sealed = reader.boolean("sealed");
  if (terms.promotions > terms.candidates) {
    reader.report("promotions", fmt::format("`{}` is {}, more than `{}`, which is {}",
                                            reader.path_of("promotions"), terms.promotions,
                                            reader.path_of("candidates"), terms.candidates));
  }
  reader.done();
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
  read_holdout(reader.map("holdout"), policy);
  policy.approval = policies::parse_approval(reader.word("approval")).value_or(policy.approval);
  if (reader.has("drift")) {
    policy.drift = read_drift(reader.map("drift"), policy.promote, policy.model.sigma);
  }
  policy.schedule = read_schedule(reader.map("schedule"));
  reader.done();
  if (problem.found()) return tl::unexpected(problem.error());
  return policy;
}

}  // namespace heirloom::config
