#include "bench/untrained.h"

#include <filesystem>
#include <random>

#include "core/base/digest.h"

namespace heirloom::bench {

base::Result<jobs::ArchSpec> arch_from(const std::string& name,
                                       const std::vector<std::string>& parameters) {
  jobs::ArchSpec arch{.name = name, .parameters = {}};
  for (const std::string& parameter : parameters) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string::npos) {
      return base::fail(base::ErrorKind::usage, "--set takes key=value, not " + parameter);
    }
    arch.parameters[parameter.substr(0, equals)] = parameter.substr(equals + 1);
  }
  return arch;
}

data::Dataset random_images(const jobs::ModelSpec& model, std::size_t count) {
  data::Dataset out;
  out.shape = model.input;
  out.classes = model.classes;
  out.labels.assign(count, 0);
  std::minstd_rand random(1);
  out.pixels.resize(count * static_cast<std::size_t>(model.input.numel()));
  for (std::uint8_t& pixel : out.pixels) pixel = static_cast<std::uint8_t>(random() >> 8);
  return out;
}

base::Result<train::TrainOutcome> untrained(const jobs::ArchSpec& arch,
                                            const jobs::ModelSpec& model,
                                            jobs::Precision precision) {
  const data::Dataset two = random_images(model, 2);
  const auto folder =
      std::filesystem::temp_directory_path() / ("heirloom-" + base::random_digest().hex());
  std::filesystem::create_directory(folder);
  train::TrainTask task;
  task.model = model;
  task.spec.arch = arch;
  task.spec.settings.epochs = 1;
  task.spec.precision = precision;
  task.dataset = &two;
  task.checkpoints = folder;
  task.fingerprint = base::random_digest();
  auto outcome = train::train(task, {});
  std::filesystem::remove_all(folder);
  return outcome;
}

}  // namespace heirloom::bench
