// heirloom holdout budget: how much of the holdout is spent; --unseal opens a sealed one.
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/budget.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  bool unseal = false;
  std::string reason;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  const ApiClient client = context.client();
  if (options.unseal) {
    HEIRLOOM_TRY(client.post(request_target({"v1", "models", options.model, "holdout", "unseal"}),
                             {{"reason", options.reason}}));
    say("unsealed for good; the audit log says who did it and why");
  }
  HEIRLOOM_ASSIGN(Json budget,
                  client.get(request_target({"v1", "models", options.model, "holdout"})));
  HEIRLOOM_TRY(add_gates(budget));
  print(context.json() ? pretty(budget) : render_budget(budget, context.style));
  return ExitCode::done;
}

}  // namespace

void add_holdout_budget(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "budget", "How often a model's holdout may still be judged on, and what passes",
      "heirloom holdout budget digits\n"
      "  heirloom holdout budget digits --unseal --reason \"yearly review\"");
  add_model_argument(*command, options->model);
  CLI::Option* unseal = command->add_flag(
      "--unseal", options->unseal, "Open the figures of a sealed holdout, for good and on record");
  CLI::Option* reason = command->add_option("--reason", options->reason, "Why it is unsealed")
                            ->type_name("TEXT")
                            ->needs(unseal);
  unseal->needs(reason);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
