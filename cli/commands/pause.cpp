// heirloom pause, resume, reload: whether jobs are started, of one model or of all, and by which
// settings.
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::string reason;
};

base::Result<ExitCode> run(const Options& options, const Context& context, bool pause) {
  Json body = {{"reason", options.reason}};
  if (!options.model.empty()) body["model"] = options.model;
  HEIRLOOM_TRY(context.client().post(pause ? "/v1/pause" : "/v1/resume", body));
  const std::string what = options.model.empty() ? "every model" : options.model;
  say(pause ? what + " is paused: what runs goes on, nothing new is started" : what + " goes on");
  return ExitCode::done;
}

base::Result<ExitCode> reload(const Context& context) {
  HEIRLOOM_TRY(context.client().post("/-/reload", Json::object()));
  say("the daemon has read its settings again");
  return ExitCode::done;
}

}  // namespace

void add_control(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  for (const bool pause : {true, false}) {
    CLI::App* command =
        pause ? add_command(parent, "pause", "Start no job any more, of one model or of all",
                            "heirloom pause --reason \"moving disks\"\n"
                            "  heirloom pause digits --reason \"new labels are being checked\"")
              : add_command(parent, "resume", "Start jobs again", "heirloom resume digits");
    command->add_option("model", options->model, "One model; without it all")->type_name("MODEL");
    CLI::Option* reason =
        command->add_option("--reason", options->reason, "Kept for good")->type_name("TEXT");
    if (pause) reason->required();
    choose(*command, chosen,
           [options, pause](const Context& context) { return run(*options, context, pause); });
  }
  CLI::App* command =
      add_command(parent, "reload", "Have the daemon read its settings again", "heirloom reload");
  choose(*command, chosen, [](const Context& context) { return reload(context); });
}

}  // namespace heirloom::cli
