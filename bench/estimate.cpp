// heirloom-estimate: how many images a second the bootstrap method of a policy would train an
// architecture at, by timing some steps on random images. Prints one line of JSON.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/untrained.h"
#include "config/policy_yaml.h"
#include "core/base/files.h"
#include "core/train/estimate.h"

namespace {

using namespace heirloom;

constexpr std::uint64_t kMaxPolicyBytes = 256 * 1024;

struct Options {
  std::string policy;
  std::string arch;
  std::vector<std::string> parameters;  // key=value
  std::int64_t steps = 50;
  int threads = 1;
};

base::Result<nlohmann::json> estimate(const Options& options) {
  HEIRLOOM_ASSIGN(const jobs::ArchSpec arch, bench::arch_from(options.arch, options.parameters));
  HEIRLOOM_ASSIGN(const std::string text, base::read_file(options.policy, kMaxPolicyBytes));
  HEIRLOOM_ASSIGN(const policies::Policy policy, config::policy_from_yaml(text, options.policy));
  HEIRLOOM_ASSIGN(const double rate,
                  train::estimate_images_per_second({.arch = arch,
                                                     .model = policy.model,
                                                     .method = policy.bootstrap.method,
                                                     .settings = policy.bootstrap.settings,
                                                     .teacher = {},
                                                     .steps = options.steps,
                                                     .threads = options.threads}));
  return nlohmann::json{{"arch", options.arch},
                        {"method", std::string(jobs::method_name(policy.bootstrap.method))},
                        {"steps", options.steps},
                        {"images_per_second", rate},
                        {"epochs", policy.bootstrap.settings.epochs}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times training steps on random images and prints images a second as JSON.");
  app.add_option("--policy", options.policy, "its model, bootstrap method and settings are used")
      ->required();
  app.add_option("--arch", options.arch, "built-in architecture")->required();
  app.add_option("--set", options.parameters, "parameter of the architecture, key=value")
      ->allow_extra_args(false);
  app.add_option("--steps", options.steps, "timed steps")->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const auto line = estimate(options);
  if (!line) {
    std::fprintf(stderr, "heirloom-estimate: %s\n", line.error().text().c_str());
    return 1;
  }
  std::puts(line->dump().c_str());
  return 0;
}
