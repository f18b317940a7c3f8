// heirloom policy show: the text of a policy as it is stored.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::int64_t version = 0;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json policy, get_policy(context, options.model, options.version));
  if (context.json()) {
    print(pretty(policy));
    return ExitCode::done;
  }
  print(text(policy, "text"));
  say(fmt::format("{}: policy version {}, applied by {} at {}, SHA-256 {}",
                  printable(text(policy, "model")), integer(policy, "version").value_or(0),
                  printable(text(policy, "actor")), text(policy, "at"), text(policy, "sha256")));
  return ExitCode::done;
}

}  // namespace

base::Result<Json> get_policy(const Context& context, const std::string& model,
                              std::int64_t version) {
  const std::string which = version > 0 ? std::to_string(version) : "current";
  return context.client().get(request_target({"v1", "models", model, "policies", which}));
}

void add_policy_show(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(parent, "show", "Print a policy as it is stored",
                                  "heirloom policy show digits --version 2");
  add_model_argument(*command, options->model);
  command->add_option("--version", options->version, "Which (default: the current one)")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("N");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
