// heirloom policy check: is a policy well-formed, and can it do what it says? No daemon needed.
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/findings.h"
#include "config/policy_yaml.h"
#include "policies/check.h"

namespace heirloom::cli {
namespace {

constexpr std::uint64_t kMaxPolicyBytes = 1 << 20;

struct Options {
  std::string file;
  std::uint64_t examples = 0;
  double rate = policies::kSamplesPerSecond;
};

struct Checked {
  std::string model;
  bool ok = false;
  std::vector<std::string> findings;
};

std::string in_words(const policies::Finding& finding) {
  switch (finding.severity) {
    case policies::Finding::Severity::error:
      return "error: " + finding.text;
    case policies::Finding::Severity::warning:
      return "warning: " + finding.text;
    case policies::Finding::Severity::note:
      return "note: " + finding.text;
  }
  return finding.text;
}

Checked check_policy(std::string_view text, const Options& options) {
  const std::string& file = options.file;
  Checked checked;
  const auto policy = config::policy_from_yaml(text, file);
  if (!policy.has_value()) {
    checked.findings.push_back("error: " + policy.error().text());
    return checked;
  }
  const std::vector<policies::Finding> findings =
      policies::check(*policy, options.examples, options.rate);
  for (const policies::Finding& finding : findings) checked.findings.push_back(in_words(finding));
  checked.model = policy->model.name;
  checked.ok = !policies::has_error(findings);
  return checked;
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const std::string text, read_named_file(options.file, kMaxPolicyBytes));
  const Checked checked = check_policy(text, options);
  if (context.json()) {
    print(pretty({{"file", options.file},
                  {"model", checked.model.empty() ? Json() : Json(checked.model)},
                  {"ok", checked.ok},
                  {"findings", checked.findings}}));
  } else {
    print(render_findings(checked.findings, context.style));
    print(options.file + (checked.ok ? ": ok\n" : ": not usable\n"));
  }
  return checked.ok ? ExitCode::done : ExitCode::failed;
}

}  // namespace

void add_policy_check(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "check", "Check a policy file without applying it; needs no daemon",
                  "heirloom policy check digits.yaml");
  add_file_argument(*command, options->file, "The policy, in YAML");
  command->add_option("--examples", options->examples, "Examples that the holdout will have")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("N");
  command
      ->add_option("--rate", options->rate,
                   "Samples a second of your model and machine, for the minutes (default: a small "
                   "network's on two cores)")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("N");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
