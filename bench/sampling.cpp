// heirloom-sampling: Monte-Carlo samples a second of exact certification at several forward
// batches, for choosing core/smooth's forward_batch. Prints one line of JSON a batch size.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/untrained.h"
#include "core/arch/runtime.h"
#include "core/data/dataset.h"
#include "core/smooth/count_sampler.h"
#include "core/smooth/grid_noise.h"
#include "core/smooth/noisy_input.h"
#include "core/train/train.h"

namespace {

using namespace heirloom;

struct Options {
  std::string arch = "lenet";
  std::vector<std::string> parameters;         // key=value
  std::vector<std::int64_t> input{1, 28, 28};  // channels, height, width
  std::vector<std::int64_t> batches{64, 128, 256};
  std::uint64_t draws = 20000;
  int threads = 2;
  std::string precision = "fp32";
  bool grid = false;
};

// Seconds that one thread takes to make the noisy inputs of `draws` draws.
double noise_seconds(const data::Dataset& images, const Options& options, std::uint64_t draws) {
  const auto numel = static_cast<std::size_t>(images.shape.numel());
  std::vector<float> scratch(numel);
  std::vector<float> out(numel);
  const std::vector<float> image = smooth::pixel_values(images.image(0));
  const std::vector<std::int32_t> pixels(numel, 100);
  const base::Sigma sigma(0.5);
  const smooth::GridNoise grid(sigma);
  const base::Digest seed = base::sha256("noise");
  const base::NormalStream stream(seed);
  const auto start = std::chrono::steady_clock::now();
  for (std::uint32_t draw = 0; draw < draws; ++draw) {
    if (options.grid) {
      grid.add(pixels, images.shape, seed, draw, out);
    } else {
      smooth::add_noise(image, images.shape, sigma, stream, draw, scratch, out);
    }
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

base::Result<void> measure(const Options& options) {
  const jobs::ModelSpec model{.name = "sampling",
                              .input = {options.input[0], options.input[1], options.input[2]},
                              .classes = 10,
                              .sigma = 0.5};
  HEIRLOOM_ASSIGN(const jobs::ArchSpec arch, bench::arch_from(options.arch, options.parameters));
  HEIRLOOM_ASSIGN(const jobs::Precision precision, jobs::parse_precision(options.precision));
  HEIRLOOM_ASSIGN(const train::TrainOutcome trained, bench::untrained(arch, model, precision));
  const data::Dataset images = bench::random_images(model, 4);
  for (const std::int64_t batch : options.batches) {
    smooth::CountTask task;
    task.model = trained.artifact;
    task.origin = "the network";
    task.holdout = &images;
    task.examples = {0, 1, 2, 3};
    task.noise.classifier_id = trained.classifier_id;
    task.noise.sigma = base::Sigma(model.sigma);
    certificate::Protocol protocol;
    protocol.n0 = 100;
    protocol.n = options.draws / task.examples.size();
    protocol.alpha = 0.001;
    protocol.sigma = model.sigma;
    protocol.grid = options.grid;
    protocol.forward_batch = batch;
    task.protocol = &protocol;
    task.threads = options.threads;
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t samples = 0;
    HEIRLOOM_TRY(
        smooth::sample_counts(task, {.on_example = [](const auto&) -> base::Result<smooth::Next> {
                                       return smooth::Next::go_on;
                                     },
                                     .on_samples = [&](std::uint64_t count) { samples += count; },
                                     .should_stop = {}}));
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    constexpr std::uint64_t kNoiseDraws = 2000;
    const double noise = noise_seconds(images, options, kNoiseDraws) / kNoiseDraws;
    const double each = elapsed.count() * options.threads / static_cast<double>(samples);
    const nlohmann::json line = {
        {"arch", options.arch},
        {"precision", options.precision},
        {"forward_batch", batch},
        {"threads", options.threads},
        {"noise_share", noise / each},
        {"samples_per_second", static_cast<double>(samples) / elapsed.count()}};
    std::puts(line.dump().c_str());
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Prints certification samples a second for several forward batches.");
  app.add_option("--arch", options.arch, "built-in architecture")->capture_default_str();
  app.add_option("--set", options.parameters, "parameter of the architecture, key=value")
      ->allow_extra_args(false);
  app.add_option("--input", options.input, "channels,height,width")->delimiter(',')->expected(3);
  app.add_option("--batches", options.batches)->delimiter(',')->capture_default_str();
  app.add_option("--draws", options.draws, "draws at each batch size")->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_option("--precision", options.precision, "fp32 or bf16")->capture_default_str();
  app.add_flag("--grid", options.grid, "noise on the grid of 1/255");
  CLI11_PARSE(app, argc, argv);
  heirloom::arch::keep_freed_memory();
  if (const auto measured = measure(options); !measured) {
    std::fprintf(stderr, "heirloom-sampling: %s\n", measured.error().text().c_str());
    return 1;
  }
  return 0;
}
