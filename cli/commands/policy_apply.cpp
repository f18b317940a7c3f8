// heirloom policy apply: creates the model that a policy names, or its next policy version.
#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/explanation.h"
#include "cli/render/findings.h"
#include "cli/render/table.h"
#include "cli/render/text.h"
#include "config/policy_yaml.h"
#include "core/base/names.h"

namespace heirloom::cli {
namespace {

constexpr std::uint64_t kMaxPolicyBytes = 1 << 20;

struct Options {
  std::string file;
  bool dry_run = false;
};

// The newest generations, which is what a new policy is measured by.
constexpr std::int64_t kMostJudgedAgain = 20;

// The model's newest generations that have a verdict, oldest first; none where there is no model.
base::Result<std::vector<std::string>> judged_generations(const ApiClient& client,
                                                          const std::string& model) {
  const auto status = client.get(request_target({"v1", "status"}, {{"model", model}}));
  if (!status && status.error().kind == base::ErrorKind::not_found) {
    return std::vector<std::string>();
  }
  if (!status) return tl::unexpected(status.error());
  const Json& models = items(*status, "models");
  const std::string newest =
      models.empty() ? "" : text(field(models.front(), "last_verdict"), "generation");
  const auto number = base::parse_generation(newest);
  if (!number) return std::vector<std::string>();
  const std::int64_t after = std::max<std::int64_t>(0, *number - kMostJudgedAgain);
  HEIRLOOM_ASSIGN(const Json page, client.get(request_target({"v1", "models", model, "generations"},
                                                             {{"after", std::to_string(after)}})));
  std::vector<std::string> out;
  for (const Json& generation : page) {
    const std::string verdict = text(generation, "verdict");
    if (!verdict.empty() && verdict != "error") out.push_back(text(generation, "id"));
  }
  return out;
}

// What the file would have made of stored evidence. Nothing is stored, here or at the daemon.
base::Result<ExitCode> dry_run(const Options& options, const std::string& yaml,
                               const Context& context) {
  HEIRLOOM_ASSIGN(const policies::Policy policy, config::policy_from_yaml(yaml, options.file));
  const ApiClient client = context.client();
  HEIRLOOM_ASSIGN(const auto generations, judged_generations(client, policy.model.name));
  Json judged = Json::array();
  for (const std::string& generation : generations) {
    const auto answer = client.post(
        request_target({"v1", "models", policy.model.name, "generations", generation, "rejudge"}),
        {{"text", yaml}, {"origin", options.file}});
    if (answer) {
      judged.push_back(*answer);
      add_examples_that_decide(judged.back());
    } else if (answer.error().kind == base::ErrorKind::conflict) {
      judged.push_back({{"generation", generation}, {"reason", answer.error().message}});
    } else {
      return tl::unexpected(answer.error());
    }
  }
  if (context.json()) {
    print(pretty({{"model", policy.model.name}, {"dry_run", true}, {"generations", judged}}));
    return ExitCode::done;
  }
  std::vector<std::vector<Cell>> rows;
  for (const Json& one : judged) {
    const std::string verdict = text(one, "verdict");
    const bool same = verdict == text(one, "stored_verdict");
    rows.push_back({{printable(text(one, "generation"))},
                    {text(one, "stored_verdict")},
                    {verdict.empty() ? "-" : verdict, same ? Tone::plain : Tone::warn},
                    {printable(text(one, "reason"))}});
  }
  print(render_table({{"GENERATION"}, {"WAS"}, {"WOULD BE"}, {"WHY"}}, rows, context.style));
  say(
      fmt::format("{}: a dry run over {} judged generations; nothing was stored. Verdicts made "
                  "after the figures were seen are outside the holdout's risk.",
                  policy.model.name, judged.size()));
  return ExitCode::done;
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const std::string yaml, read_named_file(options.file, kMaxPolicyBytes));
  if (options.dry_run) return dry_run(options, yaml, context);
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
  command->add_flag("--dry-run", options->dry_run,
                    "Store nothing: judge the evidence of earlier generations by it");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
