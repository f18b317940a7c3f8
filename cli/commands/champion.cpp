// heirloom champion: the generation that consumers load.
#include "cli/render/champion.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(
      const Json champion,
      context.client().get(request_target({"v1", "models", options.model, "champion"})));
  print(context.json() ? pretty(champion) : render_champion(champion, context.style));
  return ExitCode::done;
}

}  // namespace

void add_champion(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "champion", "The generation that consumers load (exit code 5: none yet)",
                  "heirloom champion digits -o json");
  add_model_argument(*command, options->model);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
