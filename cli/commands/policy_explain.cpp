// heirloom policy explain: which gates a generation failed, by how much, and how many examples
// would have decided them.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/explanation.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::string generation;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(Json explanation,
                  context.client().get(request_target({"v1", "models", options.model, "generations",
                                                       options.generation, "explanation"})));
  add_examples_that_decide(explanation);
  print(context.json() ? pretty(explanation) : render_explanation(explanation, context.style));
  const std::string verdict = text(explanation, "stored_verdict");
  return verdict.empty() ? ExitCode::done : exit_code_for_verdict(verdict);
}

}  // namespace

void add_policy_explain(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "explain", "Why a generation passed its policy's gates or did not",
                  "heirloom policy explain digits g7");
  add_model_argument(*command, options->model);
  add_generation_argument(*command, options->generation);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
