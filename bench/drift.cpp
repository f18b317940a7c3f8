// heirloom-drift: how often the drift tests of the shipped policy see each shift of MNIST, and how
// often they see one where there is none. All 70,000 images are shuffled, since MNIST's own test
// images are not quite like its training images: on 50,000 a LeNet (Gaussian, sigma 0.5) is
// trained, once, 10,000 are its holdout, and batches come from the other 10,000. The network and
// what it makes of the images are kept in --cache. Prints one JSON object a line.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/mnist.h"
#include "bench/shifts.h"
#include "config/policy_yaml.h"
#include "core/arch/runtime.h"
#include "core/base/files.h"
#include "core/smooth/drift_tests.h"
#include "core/smooth/kernel.h"
#include "core/smooth/output_sampler.h"
#include "core/stats/permutation.h"
#include "core/train/train.h"

namespace {

using namespace heirloom;
using certificate::OutputRow;
using jobs::DriftTest;
using nlohmann::json;
using std::filesystem::path;

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;
constexpr std::size_t kTrained = 50000;
constexpr std::size_t kHoldout = 10000;
constexpr std::size_t kChanged = 1000;  // images of each shift

struct Options {
  path data;
  path cache;
  path policy;
  int batches = 30;       // of each shift
  int discrepancies = 3;  // of them with the permutations of mmd, which take seconds
  int null_batches = 2000;
  int threads = 2;
};

// Both parts of MNIST in one order that mixes them.
base::Result<data::Dataset> all_images(const path& folder) {
  data::Dataset out{bench::kDigits.input, bench::kDigits.classes, {}, {}};
  std::vector<data::Dataset> parts;
  for (const char* name : {"train", "t10k"}) {
    HEIRLOOM_ASSIGN(auto part, bench::mnist(folder, name));
    parts.push_back(std::move(part));
  }
  const std::size_t first = parts[0].size();
  stats::RandomSubset order(first + parts[1].size(), first + parts[1].size());
  base::PhiloxWords words(base::sha256("bench/drift order"));
  for (const std::uint32_t place : order.draw(words)) {
    const data::Dataset& part = parts[place < first ? 0 : 1];
    const std::size_t index = place < first ? place : place - first;
    const auto image = part.image(index);
    out.pixels.insert(out.pixels.end(), image.begin(), image.end());
    out.labels.push_back(part.labels[index]);
  }
  return out;
}

data::Dataset part_of(const data::Dataset& all, std::size_t first, std::size_t count) {
  data::Dataset out{all.shape, all.classes, {}, {}};
  for (std::size_t i = first; i < first + count; ++i) {
    const auto image = all.image(i);
    out.pixels.insert(out.pixels.end(), image.begin(), image.end());
    out.labels.push_back(all.labels[i]);
  }
  return out;
}

base::Digest seed_of(std::string_view what, std::int64_t number) {
  return base::FieldEncoder().text("bench/drift").text(what).integer(number).sha256();
}

struct Network {
  std::string artifact;
  base::Digest classifier_id;
};

base::Result<Network> network(const Options& options, const data::Dataset& dataset) {
  train::TrainTask task;
  task.model = bench::kDigits;
  task.spec.arch.name = "lenet";
  task.spec.settings.epochs = 6;
  task.spec.settings.batch = 128;
  task.spec.seed = 1;
  task.spec.precision = jobs::Precision::bf16;
  task.dataset = &dataset;
  task.threads = options.threads;
  task.checkpoints = options.cache / "checkpoints";
  task.fingerprint = base::sha256(fmt::format("drift {} {}", dataset.size(), smooth::kernel()));
  std::filesystem::create_directories(task.checkpoints);
  HEIRLOOM_ASSIGN(const train::TrainOutcome trained, train::train(task, {}));
  return Network{trained.artifact, trained.classifier_id};
}

// What the network makes of images, sampled once and kept.
class Outputs {
 public:
  Outputs(const Options& options, Network network, const policies::DriftSettings& drift)
      : options_(options), network_(std::move(network)) {
    protocol_.n0 = drift.n0;
    protocol_.n = drift.n;
    protocol_.alpha = drift.alpha;
    protocol_.sigma = bench::kDigits.sigma;
    protocol_.kernel = smooth::kernel();
    protocol_.forward_batch = smooth::forward_batch({"lenet", {}}, jobs::Precision::bf16);
  }

  base::Result<std::vector<OutputRow>> of(const data::Dataset& images, std::string_view name) {
    const path file = options_.cache / fmt::format("{}.outputs", name);
    if (const auto kept = base::read_file(file, kMaxBytes)) {
      return certificate::outputs_from_tsv(*kept, file.native());
    }
    std::fprintf(stderr, "sampling %s\n", std::string(name).c_str());
    smooth::OutputTask task;
    task.model = network_.artifact;
    task.origin = "the network";
    task.images = &images;
    for (std::uint32_t i = 0; i < images.size(); ++i) task.examples.push_back(i);
    task.noise = {base::sha256(name), network_.classifier_id, {}, base::Sigma(protocol_.sigma)};
    task.protocol = &protocol_;
    task.threads = options_.threads;
    HEIRLOOM_ASSIGN(auto rows, smooth::sample_outputs(task, {}));
    HEIRLOOM_TRY(base::write_file_atomically(file, certificate::outputs_to_tsv(rows)));
    return rows;
  }

  const certificate::Protocol& protocol() const { return protocol_; }

 private:
  const Options& options_;
  Network network_;
  certificate::Protocol protocol_;
};

// Everything that batches are drawn from and held against.
struct Bench {
  policies::DriftSettings drift;
  policies::DriftSizes sizes;
  certificate::Protocol protocol;
  std::vector<OutputRow> reference;
  std::vector<std::uint64_t> reference_labels;
};

std::vector<std::uint64_t> labels_of(const std::vector<OutputRow>& rows) {
  std::vector<std::uint64_t> counts(10, 0);
  for (const OutputRow& row : rows) ++counts[static_cast<std::size_t>(row.label)];
  return counts;
}

std::vector<OutputRow> some_of(const std::vector<OutputRow>& rows, std::size_t count,
                               const base::Digest& seed) {
  base::PhiloxWords words(seed);
  stats::RandomSubset subset(rows.size(), std::min(count, rows.size()));
  std::vector<OutputRow> out;
  for (const std::uint32_t place : subset.draw(words)) out.push_back(rows[place]);
  return out;
}

// One batch, tested as the daemon does on its first test of a reference. Of `labelled` come the
// labels.
policies::DriftAssessment test(const Bench& bench, const std::vector<OutputRow>& rows,
                               const std::vector<OutputRow>& labelled, const base::Digest& seed,
                               bool discrepancy) {
  std::vector<jobs::PlannedTest> planned = policies::plan_tests(bench.drift, std::nullopt);
  if (!discrepancy) {
    std::erase_if(planned, [](const auto& test) { return test.test == DriftTest::mmd; });
  }
  const auto batch = some_of(rows, bench.sizes.batch, seed);
  const auto labels = labels_of(some_of(labelled, bench.sizes.labels, seed));
  const smooth::DriftSamples samples{bench.reference, batch, bench.reference_labels, labels};
  jobs::Drifted found;
  found.fresh = found.labels = labelled.size();
  found.reference = smooth::coverage_of(bench.reference, bench.protocol, bench.drift.radius);
  found.batch = smooth::coverage_of(batch, bench.protocol, bench.drift.radius);
  found.tests = smooth::compare(samples, planned, seed);
  return policies::assess(bench.drift, planned, found, {});
}

json power(const Bench& bench, const Options& options, std::string_view name,
           const std::vector<OutputRow>& rows, const std::vector<OutputRow>& labelled) {
  json by_test = json::object();
  int alarms = 0;
  for (int i = 0; i < options.batches; ++i) {
    const bool discrepancy = i < options.discrepancies;
    const auto found = test(bench, rows, labelled, seed_of(name, i), discrepancy);
    if (found.band == policies::Band::drift) ++alarms;
    for (const policies::DriftLine& line : found.lines) {
      json& entry = by_test[std::string(jobs::to_string(line.test))];
      if (entry.is_null()) entry = {{"alarms", 0}, {"batches", 0}, {"effect", 0.0}};
      entry["batches"] = entry["batches"].get<int>() + 1;
      entry["effect"] = entry["effect"].get<double>() + line.effect;
      if (line.band == policies::Band::drift) entry["alarms"] = entry["alarms"].get<int>() + 1;
    }
  }
  for (json& entry : by_test) {
    entry["effect"] = entry["effect"].get<double>() / entry["batches"].get<double>();
  }
  const jobs::Coverage all = smooth::coverage_of(rows, bench.protocol, bench.drift.radius);
  return {{"shift", name},
          {"power", static_cast<double>(alarms) / options.batches},
          {"batches", options.batches},
          {"tests", by_test},
          {"certified", static_cast<double>(all.certified) / static_cast<double>(all.examples)},
          {"certified_right", static_cast<double>(all.right) / static_cast<double>(all.examples)}};
}

// Batches of images that nothing has happened to: how many alarms, and how often each test's
// p-value is below 1 in 20.
json without_shift(const Bench& bench, const Options& options, const std::vector<OutputRow>& pool) {
  int alarms = 0;
  int warnings = 0;
  std::map<std::string, int> low;
  for (int i = 0; i < options.null_batches; ++i) {
    const auto found = test(bench, pool, pool, seed_of("null", i), true);
    alarms += found.band == policies::Band::drift ? 1 : 0;
    warnings += found.band == policies::Band::warning ? 1 : 0;
    for (const policies::DriftLine& line : found.lines) {
      if (line.p_value)
        low[std::string(jobs::to_string(line.test))] += *line.p_value <= 0.05 ? 1 : 0;
    }
  }
  json shares;
  for (const auto& [name, count] : low) {
    shares[name] = static_cast<double>(count) / options.null_batches;
  }
  return {{"shift", "none"},
          {"batches", options.null_batches},
          {"alarms", alarms},
          {"warnings", warnings},
          {"p_below_0.05", shares}};
}

base::Result<void> run(const Options& options) {
  HEIRLOOM_ASSIGN(const std::string text, base::read_file(options.policy, kMaxBytes));
  HEIRLOOM_ASSIGN(const auto policy, config::policy_from_yaml(text, options.policy.native()));
  if (!policy.drift) return base::fail(base::ErrorKind::usage, "the policy has no `drift:`");
  HEIRLOOM_ASSIGN(const data::Dataset all, all_images(options.data));
  const data::Dataset trained_on = part_of(all, 0, kTrained);
  const data::Dataset holdout = part_of(all, kTrained, kHoldout);
  const std::size_t known = kTrained + kHoldout;
  const data::Dataset fresh = part_of(all, known, all.size() - known);
  HEIRLOOM_ASSIGN(Network trained, network(options, trained_on));
  Outputs outputs(options, std::move(trained), *policy.drift);

  Bench bench;
  bench.drift = *policy.drift;
  bench.sizes = policies::drift_sizes(bench.drift, holdout.size(), known);
  bench.protocol = outputs.protocol();
  bench.reference_labels = data::class_counts(part_of(all, 0, known));
  HEIRLOOM_ASSIGN(bench.reference,
                  outputs.of(part_of(holdout, 0, bench.sizes.reference), "reference"));
  HEIRLOOM_ASSIGN(const auto pool, outputs.of(part_of(fresh, 0, 4000), "fresh"));
  const auto print = [](const json& row) {
    std::puts(row.dump().c_str());
    std::fflush(stdout);
  };
  // Labels cost nothing: those of all fresh images.
  std::vector<OutputRow> labels;
  for (std::uint32_t i = 0; i < fresh.size(); ++i) labels.push_back({i, fresh.labels[i], {}, 0, 0});
  for (const bench::Shift& shift : bench::shifts()) {
    const base::Digest seed = seed_of(shift.name, -1);
    if (shift.kind == bench::ShiftKind::knockout) {
      const auto thin = [&](const std::vector<OutputRow>& rows) {
        std::vector<std::uint32_t> examples;
        for (const OutputRow& row : rows) examples.push_back(row.index);
        std::vector<OutputRow> out;
        for (const auto index : bench::thinned(fresh, examples, shift.amount, seed)) {
          out.push_back(rows[index]);
        }
        return out;
      };
      print(power(bench, options, shift.name, thin(pool), thin(labels)));
      continue;
    }
    const data::Dataset changed = bench::shifted(part_of(fresh, 0, kChanged), shift, seed);
    HEIRLOOM_ASSIGN(const auto rows, outputs.of(changed, shift.name));
    print(power(bench, options, shift.name, rows, labels));
  }
  print(without_shift(bench, options, pool));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures the drift tests of a policy on MNIST.");
  app.add_option("--data", options.data, "folder of MNIST")->required();
  app.add_option("--cache", options.cache, "what is trained and sampled once")->required();
  app.add_option("--policy", options.policy, "whose `drift:` is measured")->required();
  app.add_option("--batches", options.batches, "of each shift")->capture_default_str();
  app.add_option("--null-batches", options.null_batches, "without a shift")->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  arch::keep_freed_memory();
  arch::use_threads(options.threads);
  if (const auto done = run(options); !done) {
    std::fprintf(stderr, "heirloom-drift: %s\n", done.error().text().c_str());
    return 1;
  }
  return 0;
}
