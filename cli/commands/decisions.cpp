// heirloom approve, reject, retry, bar: what a person decides about one generation. They differ in
// a word of the request only.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::string generation;
  std::string reason;
};

base::Result<ExitCode> run(const std::string& decision, const Options& options,
                           const Context& context) {
  HEIRLOOM_ASSIGN(
      const Json answer,
      context.client().post(request_target({"v1", "models", options.model, "generations",
                                            options.generation, decision}),
                            {{"reason", options.reason}}));
  if (context.json()) {
    print(pretty(answer));
  } else {
    std::string state = printable(text(answer, "state"));
    if (!field(answer, "barred").is_null()) state += ", barred";
    print(fmt::format("{} {}: {}\n", options.model, options.generation,
                      paint(state.empty() ? "done" : state, tone_of_state(state), context.style)));
  }
  return ExitCode::done;
}

void add_decision(CLI::App& parent, Command& chosen, const std::string& decision,
                  const std::string& description, const std::string& example_reason) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, decision, description,
                  fmt::format("heirloom {} digits g3 --reason \"{}\"", decision, example_reason));
  add_model_argument(*command, options->model);
  add_generation_argument(*command, options->generation);
  add_reason_option(*command, options->reason);
  choose(*command, chosen,
         [decision, options](const Context& context) { return run(decision, *options, context); });
}

}  // namespace

void add_decisions(CLI::App& parent, Command& chosen) {
  add_decision(parent, chosen, "approve", "Make a held generation the champion",
               "reviewed the figures with the owners");
  add_decision(parent, chosen, "reject", "Reject a held generation", "class 7 is too weak");
  add_decision(parent, chosen, "retry", "Queue a failed generation again", "the disk was full");
  add_decision(parent, chosen, "bar", "Never let a generation be champion or teacher again",
               "its training data were mislabelled");
}

}  // namespace heirloom::cli
