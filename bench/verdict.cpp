// heirloom-verdict: how long it takes to decide which of 500 MNIST test images a LeNet certifies
// at radii 0.5 and 1.0, by the stopping rule of gate mode or by exact certification. Trains the
// network once (Gaussian, sigma 0.5) and keeps it in --cache. Prints one line of JSON.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/mnist.h"
#include "core/arch/runtime.h"
#include "core/base/files.h"
#include "core/certificate/stopping.h"
#include "core/certificate/summary.h"
#include "core/smooth/count_sampler.h"
#include "core/smooth/kernel.h"
#include "core/train/train.h"

namespace {

using namespace heirloom;
using std::filesystem::path;

const std::vector<double> kRadii = {0.0, 0.5, 1.0};

struct Options {
  path data;
  path cache;
  std::string precision = "bf16";
  std::string mode = "gate";
  std::uint64_t n = 100000;
  std::uint32_t every = 20;  // of the 10,000 test images: 500 of them
  int epochs = 8;
  int threads = 2;
};

struct Network {
  std::string artifact;
  base::Digest classifier_id;
};

// Training goes on from its checkpoints, so a finished one is only loaded.
base::Result<Network> network(const Options& options) {
  HEIRLOOM_ASSIGN(const data::Dataset dataset, bench::mnist(options.data, "train"));
  train::TrainTask task;
  task.model = bench::kDigits;
  task.spec.arch.name = "lenet";
  task.spec.settings.epochs = options.epochs;
  task.spec.settings.batch = 128;
  task.spec.seed = 1;
  HEIRLOOM_ASSIGN(task.spec.precision, jobs::parse_precision(options.precision));
  task.dataset = &dataset;
  task.threads = options.threads;
  task.checkpoints = options.cache;
  task.fingerprint = base::sha256(fmt::format("verdict {} {}", options.epochs, smooth::kernel()));
  std::filesystem::create_directories(options.cache);
  HEIRLOOM_ASSIGN(const train::TrainOutcome trained, train::train(task, {}));
  return Network{trained.artifact, trained.classifier_id};
}

certificate::Protocol protocol_for(const Options& options,
                                   const std::vector<std::uint32_t>& examples) {
  certificate::Protocol protocol;
  protocol.mode = certificate::parse_mode(options.mode).value_or(certificate::Mode::gate);
  const bool gate = protocol.mode == certificate::Mode::gate;
  protocol.n0 = gate ? 0 : 100;
  protocol.n = options.n;
  protocol.alpha = 0.001;
  protocol.sigma = bench::kDigits.sigma;
  if (gate) protocol.radii = kRadii;
  protocol.kernel = smooth::kernel();
  protocol.forward_batch = smooth::forward_batch({"lenet", {}}, jobs::Precision::bf16);
  protocol.examples = certificate::example_list_digest(examples);
  return protocol;
}

// Reached the cap without an e-process having spoken: what n draws leave open.
bool undecided(const certificate::Protocol& protocol, const certificate::ExampleCounts& row) {
  return std::any_of(row.stops.begin(), row.stops.end(),
                     [&](const certificate::Stop& stop) { return stop.draws == protocol.n; });
}

base::Result<nlohmann::json> verdict(const Options& options) {
  HEIRLOOM_ASSIGN(const Network network_, network(options));
  HEIRLOOM_ASSIGN(const data::Dataset test, bench::mnist(options.data, "t10k"));
  std::vector<std::uint32_t> indices;
  for (std::uint32_t i = 0; i < test.size(); i += options.every) indices.push_back(i);
  const certificate::Protocol protocol = protocol_for(options, indices);
  HEIRLOOM_ASSIGN(const auto rule,
                  certificate::StoppingRule::create(protocol, bench::kDigits.classes));

  smooth::CountTask task;
  task.model = network_.artifact;
  task.origin = "the network";
  task.holdout = &test;
  task.examples = indices;
  task.noise = {base::sha256("verdict"), network_.classifier_id, protocol.holdout_id,
                base::Sigma(bench::kDigits.sigma)};
  task.protocol = &protocol;
  task.threads = options.threads;
  std::vector<certificate::CertifiedExample> examples;
  std::uint64_t counted = 0;
  std::uint64_t drawn = 0;
  std::size_t open = 0;
  const auto start = std::chrono::steady_clock::now();
  HEIRLOOM_TRY(smooth::sample_counts(
      task,
      {.on_example = [&](const certificate::ExampleCounts& row) -> base::Result<smooth::Next> {
         HEIRLOOM_ASSIGN(auto example, rule.conclude(row));
         examples.push_back(example);
         std::uint64_t draws = row.stops.empty() ? protocol.n : 0;
         for (const auto& stop : row.stops) draws = std::max<std::uint64_t>(draws, stop.draws);
         counted += protocol.n0 + draws;
         open += undecided(protocol, row) ? 1 : 0;
         return smooth::Next::go_on;
       },
       .on_samples = [&](std::uint64_t count) { drawn += count; },
       .should_stop = {}}));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  nlohmann::json certified = nlohmann::json::array();
  for (const double radius : kRadii) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& example : examples) {
      if (example.certified_at(radius)) list.push_back(example.index);
    }
    certified.push_back(std::move(list));
  }
  return nlohmann::json{{"mode", options.mode},        {"precision", options.precision},
                        {"examples", examples.size()}, {"seconds", elapsed.count()},
                        {"samples", counted},          {"samples_drawn", drawn},
                        {"undecided", open},           {"radii", kRadii},
                        {"certified", certified}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times the certification of MNIST test images at radii 0.5 and 1.0.");
  app.add_option("--data", options.data, "folder of MNIST")->required();
  app.add_option("--cache", options.cache, "folder for the network's checkpoints")->required();
  app.add_option("--precision", options.precision, "fp32 or bf16")->capture_default_str();
  app.add_option("--mode", options.mode, "gate or exact")->capture_default_str();
  app.add_option("--n", options.n, "most draws an example")->capture_default_str();
  app.add_option("--every", options.every, "take every so many'th image")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of training")->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  arch::keep_freed_memory();
  arch::use_threads(options.threads);
  const auto row = verdict(options);
  if (!row) {
    std::fprintf(stderr, "heirloom-verdict: %s\n", row.error().text().c_str());
    return 1;
  }
  std::puts(row->dump().c_str());
  return 0;
}
