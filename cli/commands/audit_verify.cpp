// heirloom audit verify: has anything that the chain recorded been changed since?
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/audit_head.h"
#include "cli/commands.h"
#include "cli/render/audit.h"
#include "cli/wait.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string head;
  std::string key;
};

// The daemon checks in small pieces beside its work; this asks until it is done.
base::Result<Json> checked(const ApiClient& client) {
  const std::string target = request_target({"v1", "audit", "verify"});
  HEIRLOOM_ASSIGN(Json check, client.post(target, Json::object()));
  WaitLimits limits;
  limits.first_pause = std::chrono::milliseconds(20);
  HEIRLOOM_TRY(wait_until(
      [&]() -> base::Result<bool> {
        HEIRLOOM_ASSIGN(check, client.get(target));
        return text(check, "state") != "running";
      },
      limits));
  return check;
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  const ApiClient client = context.client();
  HEIRLOOM_ASSIGN(const Json check, checked(client));
  print(context.json() ? pretty(check) : render_audit_check(check, context.style));
  if (!flag(check, "ok")) {
    report({base::ErrorKind::tampered, "stored rows differ from what the audit chain recorded",
            "keep a copy of the registry as it is; verdicts that rest on these rows are blocked"});
    return ExitCode::failed;
  }
  if (options.head.empty()) return ExitCode::done;
  HEIRLOOM_TRY(check_head(client, options.head, options.key));
  say("the chain still holds the head of " + options.head);
  return ExitCode::done;
}

}  // namespace

void add_audit_verify(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "verify", "Recompute the audit chain (exit code 1: broken)",
                  "heirloom audit verify --head head-of-june.json");
  CLI::Option* head = command
                          ->add_option("--head", options->head,
                                       "A head kept elsewhere (audit head --out) that the chain\n"
                                       "must still hold")
                          ->type_name("FILE");
  command->add_option("--key", options->key, "The public key (PEM) that must have signed the head")
      ->type_name("FILE")
      ->needs(head);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
