// heirloom policy apply: creates the model that a policy names, or its next policy version.
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/findings.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

constexpr std::uint64_t kMaxPolicyBytes = 1 << 20;

struct Options {
  std::string file;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const std::string yaml, read_named_file(options.file, kMaxPolicyBytes));
  HEIRLOOM_ASSIGN(const Json answer,
                  context.client().post(request_target({"v1", "policies"}),
                                        {{"text", yaml}, {"origin", options.file}}));
  if (context.json()) {
    print(pretty(answer));
    return ExitCode::done;
  }
  std::vector<std::string> findings;
  for (const Json& finding : items(answer, "findings")) {
    if (finding.is_string()) findings.push_back(finding.get<std::string>());
  }
  print(render_findings(findings, context.style));
  print(fmt::format("{}: policy version {}{}\n", printable(text(answer, "model")),
                    integer(answer, "policy_version").value_or(0),
                    flag(answer, "created") ? "" : " already, nothing changed"));
  return ExitCode::done;
}

}  // namespace

void add_policy_apply(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "apply", "Apply a policy: creates the model it names, or its next policy version",
      "heirloom policy apply digits.yaml");
  add_file_argument(*command, options->file, "The policy, in YAML");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
