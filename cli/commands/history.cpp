// heirloom history: one metric over the generations.
#include "cli/render/history.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/pages.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::string metric;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json history,
                  get_all(context.client(), {"v1", "models", options.model, "history"},
                          {{"metric", options.metric}}, {"points"}));
  print(context.json() ? pretty(history) : render_history(history, context.style));
  if (items(history, "points").empty()) say(options.model + " has no certified generation yet");
  return ExitCode::done;
}

}  // namespace

void add_history(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(parent, "history", "One metric over the generations of a model",
                                  "heirloom history digits --metric certified_accuracy@0.50");
  add_model_argument(*command, options->model);
  command
      ->add_option("--metric", options->metric,
                   "acr, clean_accuracy, abstain_rate or certified_accuracy@RADIUS")
      ->required()
      ->type_name("NAME");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
