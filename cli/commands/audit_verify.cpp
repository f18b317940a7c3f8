// heirloom audit verify: has anything that the chain recorded been changed since?
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/audit.h"

namespace heirloom::cli {
namespace {

// The daemon recomputes every row it ever recorded before it answers.
constexpr std::chrono::minutes kPatience{30};

base::Result<ExitCode> run(const Context& context) {
  const ApiClient client(context.socket_path, kPatience);
  HEIRLOOM_ASSIGN(const Json check, client.get(request_target({"v1", "audit", "verify"})));
  print(context.json() ? pretty(check) : render_audit_check(check, context.style));
  if (flag(check, "ok")) return ExitCode::done;
  report({base::ErrorKind::tampered, "stored rows differ from what the audit chain recorded",
          "keep a copy of the registry as it is; verdicts that rest on these rows are blocked"});
  return ExitCode::failed;
}

}  // namespace

void add_audit_verify(CLI::App& parent, Command& chosen) {
  CLI::App* command = add_command(
      parent, "verify", "Recompute the audit chain (exit code 1: broken)", "heirloom audit verify");
  choose(*command, chosen, run);
}

}  // namespace heirloom::cli
