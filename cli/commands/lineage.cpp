// heirloom lineage: who taught whom.
#include "cli/render/lineage.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/pages.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json lineage,
                  get_all(context.client(), {"v1", "models", options.model, "lineage"}, {},
                          {"nodes", "edges"}));
  print(context.json() ? pretty(lineage) : render_lineage(lineage, context.style));
  if (items(lineage, "nodes").empty()) say(options.model + " has no generation yet");
  return ExitCode::done;
}

}  // namespace

void add_lineage(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "lineage", "Who taught whom, as a tree", "heirloom lineage digits");
  add_model_argument(*command, options->model);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
