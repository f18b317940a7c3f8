// heirloom drift list, show, acknowledge: tests of new data, and alarms that somebody has seen.
#include "cli/render/drift.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/pages.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::string check = "newest";
  std::string reason;
};

base::Result<ExitCode> list(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(
      const Json checks,
      get_all(context.client(), {"v1", "models", options.model, "drift"}, {}, {"checks"}));
  print(context.json() ? pretty(checks) : render_drift_list(checks, context.style));
  if (items(checks, "checks").empty()) say("no snapshot of " + options.model + " was tested yet");
  return ExitCode::done;
}

base::Result<ExitCode> show(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json check, context.client().get(request_target(
                                        {"v1", "models", options.model, "drift", options.check})));
  print(context.json() ? pretty(check) : render_drift(check, context.style));
  return ExitCode::done;
}

base::Result<ExitCode> acknowledge(const Options& options, const Context& context) {
  HEIRLOOM_TRY(
      context.client().post(request_target({"v1", "models", options.model, "drift", "acknowledge"}),
                            {{"reason", options.reason}}));
  say("acknowledged; the next drift is an alarm again");
  return ExitCode::done;
}

}  // namespace

void add_drift(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* listing = add_command(parent, "list", "The tests of a model's snapshots for drift",
                                  "heirloom drift list digits");
  add_model_argument(*listing, options->model);
  choose(*listing, chosen, [options](const Context& context) { return list(*options, context); });

  CLI::App* showing = add_command(parent, "show", "What one test found, with its levels",
                                  "heirloom drift show digits\n  heirloom drift show digits 7");
  add_model_argument(*showing, options->model);
  showing->add_option("id", options->check, "A test's number; without it the newest")
      ->type_name("ID");
  choose(*showing, chosen, [options](const Context& context) { return show(*options, context); });

  CLI::App* seen = add_command(
      parent, "acknowledge", "Say that an alarm was seen: the next drift is an alarm again",
      "heirloom drift acknowledge digits --reason \"the new scanner, as planned\"");
  add_model_argument(*seen, options->model);
  seen->add_option("--reason", options->reason, "Kept for good")->required()->type_name("TEXT");
  choose(*seen, chosen,
         [options](const Context& context) { return acknowledge(*options, context); });
}

}  // namespace heirloom::cli
