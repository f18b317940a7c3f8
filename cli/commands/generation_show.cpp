// heirloom generation show: one generation, with the gates it was judged by.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/generation.h"
#include "cli/wait.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::string generation;
  bool wait = false;
  std::optional<double> timeout;
};

bool is_finished(const Json& generation) {
  const std::string state = text(generation, "state");
  return state == "promoted" || state == "rejected" || state == "held" || state == "failed";
}

// Asks until the generation is finished; its states on the way go to standard error.
base::Result<Waited> wait_for(const Options& options, const ApiClient& client,
                              const std::string& target, Json& generation) {
  std::string last_state;
  const auto look = [&]() -> base::Result<bool> {
    HEIRLOOM_ASSIGN(generation, client.get(target));
    const std::string state = text(generation, "state");
    if (state != last_state && !is_finished(generation)) {
      say(fmt::format("{} {} is {}", options.model, options.generation, state));
    }
    last_state = state;
    return is_finished(generation);
  };
  WaitLimits limits;
  limits.timeout = options.timeout;
  return wait_until(look, limits);
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  const ApiClient client = context.client(options.timeout);
  const std::string target =
      request_target({"v1", "models", options.model, "generations", options.generation});
  Json generation;
  Waited waited = Waited::done;
  if (options.wait) {
    HEIRLOOM_ASSIGN(waited, wait_for(options, client, target, generation));
  } else {
    HEIRLOOM_ASSIGN(generation, client.get(target));
  }
  print(context.json() ? pretty(generation)
                       : render_generation(options.model, generation, context.style));
  if (waited == Waited::timed_out) {
    report({base::ErrorKind::unavailable,
            fmt::format("{} {} is still {} after {:g} s", options.model, options.generation,
                        text(generation, "state"), *options.timeout),
            fmt::format("heirloom status {} shows how it goes on", options.model)});
    return ExitCode::failed;
  }
  return options.wait ? exit_code_for_verdict(text(generation, "state")) : ExitCode::done;
}

}  // namespace

void add_generation_show(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "show", "One generation, its figures and the gates it was judged by",
      "heirloom generation show digits g2 --wait\n\n"
      "With --wait the exit code is the verdict's: 0 promoted, 3 rejected, 4 held, 1 failed.");
  add_model_argument(*command, options->model);
  add_generation_argument(*command, options->generation);
  CLI::Option* wait = command->add_flag("--wait", options->wait, "Wait until it is finished");
  add_timeout_option(*command, options->timeout);
  command->get_option("--timeout")->needs(wait);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
