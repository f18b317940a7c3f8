// heirloom audit log: who did what, in the order it was recorded.
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/audit.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::int64_t after = 0;
  std::int64_t limit = 100;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json events, context.client().get(request_target(
                                         {"v1", "audit"}, {{"after", std::to_string(options.after)},
                                                           {"limit", std::to_string(options.limit)},
                                                           {"model", options.model}})));
  print(context.json() ? pretty(events) : render_audit_log(events, context.style));
  return ExitCode::done;
}

}  // namespace

void add_audit_log(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(parent, "log", "What was done and by whom, oldest first",
                                  "heirloom audit log --model digits --after 100");
  command->add_option("--model", options->model, "Only what concerns this model")
      ->type_name("MODEL");
  command->add_option("--after", options->after, "Only events after this number")
      ->type_name("SEQ")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--limit", options->limit, "At most this many events (1 to 1000)")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
