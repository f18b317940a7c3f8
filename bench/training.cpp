// heirloom-training: images a second of training by one method with its default settings, on random
// images. Prints one line of JSON.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/untrained.h"
#include "core/train/estimate.h"

namespace {

using namespace heirloom;

struct Options {
  std::string method = "transfer";  // the teacher has the same architecture
  std::string arch = "lenet";
  std::vector<std::string> parameters;         // key=value
  std::vector<std::int64_t> input{1, 28, 28};  // channels, height, width
  std::string precision = "fp32";
  std::string augment = "none";
  int batch = 256;
  std::int64_t steps = 10;
  int threads = 2;
};

base::Result<nlohmann::json> measure(const Options& options) {
  const jobs::ModelSpec model{.name = "training",
                              .input = {options.input[0], options.input[1], options.input[2]},
                              .classes = 10,
                              .sigma = 0.5};
  HEIRLOOM_ASSIGN(const jobs::ArchSpec arch, bench::arch_from(options.arch, options.parameters));
  const auto method = jobs::method_called(options.method);
  if (!method) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("there is no method \"{}\"", options.method));
  }
  jobs::TrainSettings settings;
  settings.batch = options.batch;
  HEIRLOOM_ASSIGN(settings.train_precision, jobs::parse_train_precision(options.precision));
  HEIRLOOM_ASSIGN(settings.augment, jobs::parse_augment(options.augment));
  HEIRLOOM_ASSIGN(const train::TrainOutcome teacher,
                  bench::untrained(arch, model, jobs::Precision::fp32));
  const train::EstimateTask task{.arch = arch,
                                 .model = model,
                                 .method = *method,
                                 .settings = settings,
                                 .teacher = teacher.artifact,
                                 .steps = options.steps,
                                 .threads = options.threads};
  HEIRLOOM_ASSIGN(const double rate, train::estimate_images_per_second(task));
  HEIRLOOM_ASSIGN(const double batch_seconds, train::estimate_batch_seconds(task));
  return nlohmann::json{{"method", options.method},
                        {"arch", options.arch},
                        {"precision", options.precision},
                        {"batch", options.batch},
                        {"augment", options.augment},
                        {"threads", options.threads},
                        {"images_per_second", rate},
                        {"batch_ms", 1e3 * batch_seconds},
                        {"step_ms", 1e3 * options.batch / rate}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times training steps on random images and prints images a second as JSON.");
  app.add_option("--method", options.method)->capture_default_str();
  app.add_option("--arch", options.arch, "built-in architecture")->capture_default_str();
  app.add_option("--set", options.parameters, "parameter of the architecture, key=value")
      ->allow_extra_args(false);
  app.add_option("--input", options.input, "channels,height,width")->delimiter(',')->expected(3);
  app.add_option("--precision", options.precision, "fp32 or bf16, of the passes")
      ->capture_default_str();
  app.add_option("--augment", options.augment, "none, crop or crop_flip")->capture_default_str();
  app.add_option("--batch", options.batch)->capture_default_str();
  app.add_option("--steps", options.steps, "timed steps")->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const auto line = measure(options);
  if (!line) {
    std::fprintf(stderr, "heirloom-training: %s\n", line.error().text().c_str());
    return 1;
  }
  std::puts(line->dump().c_str());
  return 0;
}
