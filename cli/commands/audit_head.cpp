// heirloom audit head: the end of the chain, to be kept elsewhere.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/audit.h"
#include "core/base/files.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string out;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json head, context.client().get(request_target({"v1", "audit", "head"})));
  if (options.out.empty()) {
    print(context.json() ? pretty(head) : render_audit_head(head, context.style));
    return ExitCode::done;
  }
  HEIRLOOM_TRY(base::write_file_atomically(options.out, pretty(head)));
  say(fmt::format("wrote {}: event {}, {}", options.out, integer(head, "seq").value_or(0),
                  field(head, "envelope").is_null() ? "not signed" : "signed"));
  return ExitCode::done;
}

}  // namespace

void add_audit_head(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "head", "The end of the chain; kept elsewhere it shows a cut or a rewrite",
      "heirloom audit head --out head-of-june.json");
  command->add_option("--out", options->out, "Write it to this file, whole or not at all")
      ->type_name("FILE");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
