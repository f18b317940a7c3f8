// heirloom architectures: what `register --arch` takes. No daemon needed.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/architectures.h"

namespace heirloom::cli {
namespace {

base::Result<ExitCode> run(const Context& context) {
  print(context.json() ? pretty(architectures_json()) : render_architectures(context.style));
  return ExitCode::done;
}

}  // namespace

void add_architectures(CLI::App& parent, Command& chosen) {
  CLI::App* command = add_command(
      parent, "architectures",
      "The built-in architectures with their parameters, ranges and defaults; needs no daemon",
      "heirloom architectures -o json");
  choose(*command, chosen, run);
}

}  // namespace heirloom::cli
