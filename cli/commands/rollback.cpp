// heirloom rollback: an earlier champion again, in one step.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/champion.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::string generation;
  std::string from;
  std::string reason;
  bool no_bar = false;
};

// The champion to leave is named in the request: whoever became champion meanwhile is not touched.
base::Result<ExitCode> run(const Options& options, const Context& context) {
  const ApiClient client = context.client();
  std::string from = options.from;
  if (from.empty()) {
    HEIRLOOM_ASSIGN(const Json champion,
                    client.get(request_target({"v1", "models", options.model, "champion"})));
    from = text(champion, "generation");
  }
  HEIRLOOM_ASSIGN(const Json now,
                  client.post(request_target({"v1", "models", options.model, "rollback"}),
                              {{"to", options.generation},
                               {"from", from},
                               {"bar", !options.no_bar},
                               {"reason", options.reason}}));
  print(context.json() ? pretty(now) : render_champion(now, context.style));
  if (!options.no_bar) say(fmt::format("{} is barred: never champion or teacher again", from));
  return ExitCode::done;
}

}  // namespace

void add_rollback(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "rollback", "Make an earlier champion the champion again",
                  "heirloom rollback digits g3 --reason \"g5 fails on scans from the new office\"");
  add_model_argument(*command, options->model);
  add_generation_argument(*command, options->generation);
  add_reason_option(*command, options->reason);
  command
      ->add_option("--from", options->from,
                   "The champion that is to be left (exit code 7 when it is another)")
      ->type_name("GENERATION");
  command->add_flag("--no-bar", options->no_bar,
                    "Do not bar the generation that is left from being champion or teacher again");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
