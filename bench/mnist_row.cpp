// heirloom-mnist-row: one row of the MNIST table. `train` trains a network as a policy's bootstrap
// section says, or its transfer section when there is a teacher; `certify` certifies every so
// many'th test image in exact mode. Both keep what they have done in --folder and go on from there.
// Each prints one line of JSON.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/mnist.h"
#include "bench/untrained.h"
#include "config/policy_yaml.h"
#include "core/arch/runtime.h"
#include "core/base/files.h"
#include "core/certificate/summary.h"
#include "core/certificate/tsv.h"
#include "core/smooth/count_sampler.h"
#include "core/smooth/counts_progress.h"
#include "core/smooth/kernel.h"
#include "core/train/train.h"

namespace {

using namespace heirloom;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::filesystem::path;

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;

struct Options {
  path data;
  path folder;
  std::string policy;
  std::string arch = "lenet";
  std::vector<std::string> parameters;  // key=value
  path torchscript;                     // the network as a module of Python's
  path teacher;
  std::uint64_t seed = 1;
  std::uint64_t n = 100000;
  std::uint32_t every = 20;
  int threads = 2;
};

double seconds_of(milliseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

base::Result<nlohmann::json> train_row(const Options& options) {
  HEIRLOOM_ASSIGN(const std::string text, base::read_file(options.policy, kMaxBytes));
  HEIRLOOM_ASSIGN(const policies::Policy policy, config::policy_from_yaml(text, options.policy));
  HEIRLOOM_ASSIGN(const data::Dataset dataset, bench::mnist(options.data, "train"));
  train::TrainTask task;
  HEIRLOOM_ASSIGN(task.spec.arch, bench::arch_from(options.arch, options.parameters));
  std::string module;
  if (!options.torchscript.empty()) {
    HEIRLOOM_ASSIGN(module, base::read_file(options.torchscript, kMaxBytes));
    task.spec.arch = {std::string(jobs::kTorchScript), {}};
    task.file = module;
  }
  task.model = policy.model;
  task.spec.method = policy.bootstrap.method;
  task.spec.settings = policy.bootstrap.settings;
  task.spec.precision = policy.certify.precision;
  task.spec.seed = options.seed;
  std::string teacher;
  if (!options.teacher.empty()) {
    HEIRLOOM_ASSIGN(teacher, base::read_file(options.teacher, kMaxBytes));
    task.teacher = teacher;
    task.spec.settings = policy.transfer.settings;
    task.spec.method = jobs::TransferMethod{
        .teacher = {}, .alpha = policy.transfer.alpha, .match_on = policy.transfer.match_on};
  }
  task.dataset = &dataset;
  task.threads = options.threads;
  task.checkpoints = options.folder / "checkpoints";
  std::filesystem::create_directories(task.checkpoints);
  task.fingerprint = base::sha256(fmt::format(
      "{}\n{}\n{}\n{}\n{}\n{}\n{}", text, options.arch, fmt::join(options.parameters, " "),
      options.seed, base::sha256(teacher).hex(), base::sha256(module).hex(), smooth::kernel()));
  train::TrainHooks hooks;
  std::int64_t steps_here = 0;
  hooks.on_step = [&](const train::Position& at) {
    ++steps_here;
    if (at.step % 500 != 0) return;
    std::fprintf(stderr, "step %lld of %lld, loss %.4f, %.0f images/s\n",
                 static_cast<long long>(at.step), static_cast<long long>(at.total), at.loss,
                 at.images_per_second);
  };
  HEIRLOOM_ASSIGN(const train::TrainOutcome trained, train::train(task, hooks));
  HEIRLOOM_TRY(base::write_file_atomically(options.folder / "model.pt", trained.artifact));
  nlohmann::json row{{"classifier_id", trained.classifier_id.hex()},
                     {"precision", jobs::to_string(task.spec.precision)},
                     {"forward_batch", smooth::forward_batch(task.spec.arch, task.spec.precision)},
                     {"steps", trained.steps},
                     {"steps_here", steps_here},
                     {"final_loss", trained.final_loss},
                     {"seconds", seconds_of(trained.worked)}};
  if (trained.transfer) row["distance"] = trained.transfer->distance;
  HEIRLOOM_TRY(base::write_file_atomically(options.folder / "trained.json", row.dump()));
  return row;
}

base::Result<certificate::Protocol> protocol_for(const Options& options,
                                                 const nlohmann::json& trained,
                                                 const data::Dataset& test,
                                                 const std::vector<std::uint32_t>& examples) {
  certificate::Protocol protocol;
  protocol.n0 = 100;
  protocol.n = options.n;
  protocol.alpha = 0.001;
  protocol.sigma = bench::kDigits.sigma;
  protocol.kernel = smooth::kernel();
  protocol.forward_batch = trained.at("forward_batch").get<std::int64_t>();
  protocol.precision = trained.at("precision").get<std::string>();
  protocol.holdout_id = jobs::holdout_id(data::example_digests(test));
  protocol.examples = certificate::example_list_digest(examples);
  return protocol;
}

// Every row of the certification, as many as there are already and the rest.
base::Result<std::vector<certificate::ExampleCounts>> count(const Options& options,
                                                            smooth::CountTask task) {
  base::FieldEncoder fields;
  fields.digest(task.noise.classifier_id).digest(task.protocol->id());
  HEIRLOOM_ASSIGN(smooth::CountsProgress progress,
                  smooth::CountsProgress::open(options.folder / fmt::format("counts_{}", options.n),
                                               fields.sha256(), task.examples));
  task.first = progress.rows().size();
  const milliseconds before = progress.worked();
  const auto start = steady_clock::now();
  smooth::CountHooks hooks;
  hooks.on_example = [&](const certificate::ExampleCounts& row) -> base::Result<smooth::Next> {
    const auto spent = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
    HEIRLOOM_TRY(progress.append(row, before + spent));
    if (progress.rows().size() % 50 == 0) {
      std::fprintf(stderr, "%zu of %zu examples\n", progress.rows().size(), task.examples.size());
    }
    return smooth::Next::go_on;
  };
  HEIRLOOM_TRY(smooth::sample_counts(task, hooks));
  HEIRLOOM_TRY(progress.sync());
  return progress.rows();
}

base::Result<nlohmann::json> certify_row(const Options& options) {
  HEIRLOOM_ASSIGN(const std::string model, base::read_file(options.folder / "model.pt", kMaxBytes));
  HEIRLOOM_ASSIGN(const std::string text,
                  base::read_file(options.folder / "trained.json", kMaxBytes));
  const nlohmann::json trained = nlohmann::json::parse(text);
  HEIRLOOM_ASSIGN(const data::Dataset test, bench::mnist(options.data, "t10k"));
  std::vector<std::uint32_t> indices;
  for (std::uint32_t i = 0; i < test.size(); i += options.every) indices.push_back(i);
  HEIRLOOM_ASSIGN(const certificate::Protocol protocol,
                  protocol_for(options, trained, test, indices));
  smooth::CountTask task;
  task.model = model;
  task.origin = "the network";
  task.holdout = &test;
  task.examples = indices;
  HEIRLOOM_ASSIGN(const base::Digest id,
                  base::Digest::from_hex(trained.at("classifier_id").get<std::string>()));
  task.noise = {base::sha256("mnist_table"), id, protocol.holdout_id, base::Sigma(protocol.sigma)};
  task.protocol = &protocol;
  task.threads = options.threads;
  HEIRLOOM_ASSIGN(const auto counts, count(options, task));
  HEIRLOOM_ASSIGN(
      const certificate::Certificate certificate,
      certificate::certify(protocol, base::sha256(model), bench::kDigits.classes, indices, counts));
  HEIRLOOM_TRY(
      base::write_file_atomically(options.folder / fmt::format("certificate_{}.tsv", options.n),
                                  certificate::to_tsv(certificate)));
  const certificate::Summary summary = certificate::summarize(certificate.examples);
  const double ceiling = certificate::radius_ceiling(protocol);
  nlohmann::json certified;
  for (const double radius : certificate::paper_radii(ceiling)) {
    certified[certificate::radius_key(radius)] =
        certificate::certified_accuracy(certificate.examples, radius);
  }
  return nlohmann::json{{"n", options.n},
                        {"examples", summary.examples},
                        {"ceiling", ceiling},
                        {"acr", summary.acr},
                        {"abstain_rate", summary.abstain_rate},
                        {"certified_accuracy", certified}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Trains or certifies one row of the MNIST table, going on where it stopped.");
  app.require_subcommand(1);
  app.add_option("--data", options.data, "folder of MNIST")->required();
  app.add_option("--folder", options.folder, "what belongs to this row")->required();
  app.add_option("--threads", options.threads)->capture_default_str();
  CLI::App* train = app.add_subcommand("train", "until model.pt is there");
  train->add_option("--policy", options.policy, "its bootstrap or transfer section")->required();
  train->add_option("--arch", options.arch, "built-in architecture")->capture_default_str();
  train->add_option("--set", options.parameters, "parameter of the architecture, key=value")
      ->allow_extra_args(false);
  train->add_option("--torchscript", options.torchscript, "a module instead of --arch");
  train->add_option("--teacher", options.teacher, "artifact; makes it a transfer");
  train->add_option("--seed", options.seed)->capture_default_str();
  CLI::App* certify = app.add_subcommand("certify", "model.pt of the folder");
  certify->add_option("--n", options.n, "draws an example")->capture_default_str();
  certify->add_option("--every", options.every, "take every so many'th image")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  arch::keep_freed_memory();
  arch::use_threads(options.threads);
  const auto row = train->parsed() ? train_row(options) : certify_row(options);
  if (!row) {
    std::fprintf(stderr, "heirloom-mnist-row: %s\n", row.error().text().c_str());
    return 1;
  }
  std::puts(row->dump().c_str());
  return 0;
}
