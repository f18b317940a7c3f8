// heirloom certificate import: read a certification log of any form and say what it is. Nothing
// is stored, and no daemon is needed.
#include <algorithm>
#include <memory>
#include <set>

#include <CLI/CLI.hpp>

#include "cli/certificate_log.h"
#include "cli/commands.h"
#include "cli/render/import.h"

namespace heirloom::cli {
namespace {

Json sampling_of(const certificate::Log& log) {
  if (!log.protocol) return nullptr;
  const certificate::Protocol& protocol = *log.protocol;
  return {{"mode", certificate::to_string(protocol.mode)},
          // A paper log's is not known: nobody was asked for it.
          {"n0", log.form == certificate::Form::paper ? Json() : Json(protocol.n0)},
          {"n", protocol.n},
          {"alpha", protocol.alpha},
          {"sigma", protocol.sigma},
          {"id", log.protocol_id ? Json(log.protocol_id->hex()) : Json()}};
}

Json found_in(const std::string& file, const certificate::Log& log) {
  std::set<std::int32_t> labels;
  std::size_t abstained = 0;
  std::size_t correct = 0;
  double largest = 0.0;
  for (const certificate::CertifiedExample& example : log.examples) {
    labels.insert(example.label);
    if (example.predicted == certificate::kAbstain) ++abstained;
    if (example.correct()) ++correct;
    largest = std::max(largest, example.radius);
  }
  return {{"file", file},
          {"form", certificate::to_string(log.form)},
          {"n", log.examples.size()},
          {"idx", {log.examples.front().index, log.examples.back().index}},
          {"labels", labels.size()},
          {"correct", correct},
          {"abstained", abstained},
          {"wrong", log.examples.size() - correct - abstained},
          {"largest_radius", largest},
          {"sampling", sampling_of(log)},
          {"model_sha256", log.model_sha256 ? Json(log.model_sha256->hex()) : Json()},
          {"warnings", certificate::warnings(log)}};
}

base::Result<ExitCode> run(const LogOptions& options, const Context& context) {
  HEIRLOOM_ASSIGN(const certificate::Log log, read_named_log(options));
  const Json found = found_in(options.file, log);
  print(context.json() ? pretty(found) : render_import(found, context.style));
  return ExitCode::done;
}

}  // namespace

void add_certificate_import(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<LogOptions>();
  CLI::App* command = add_command(
      parent, "import", "Read and validate a log of any form, and say what it is; needs no daemon",
      "heirloom certificate import cifar10_resnet110_noise_0.50.tsv");
  add_log_options(*command, *options);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
