#include "cli/program.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "core/base/names.h"
#include "core/base/version.h"

namespace heirloom::cli {
namespace {

struct GlobalOptions {
  std::string socket;
  std::string output = "table";
  bool no_color = false;
};

constexpr const char* kExitCodes =
    "Exit codes: 0 done or promoted, 1 failed, 2 usage, 3 rejected, 4 held, 5 not found,\n"
    "6 daemon unreachable, 7 conflict.\n\n"
    "Example:\n"
    "  heirloom policy apply digits.yaml\n"
    "  heirloom data add digits --name s1 --format glyphs --train 1:20000 --holdout 2:2000\n"
    "  heirloom register digits --name lenet-1 --arch lenet\n"
    "  heirloom status digits --watch";

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--socket", options.socket,
                 "The daemon's socket (default: heirloom.sock in $HEIRLOOM_STATE if that is set,\n"
                 "else /var/lib/heirloom/heirloom.sock)")
      ->envname("HEIRLOOM_SOCKET")
      ->type_name("PATH");
  app.add_option("-o,--output", options.output, "Tables for people, JSON for programs")
      ->type_name("table|json")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  app.add_flag("--no-color", options.no_color, "No colours (also: NO_COLOR)");
  app.set_version_flag("--version",
                       fmt::format("heirloom {} ({})", base::version(), base::git_revision()),
                       "Print the version and exit");
}

CLI::App& add_group(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* group = app.add_subcommand(name, description);
  group->require_subcommand(1);
  return *group;
}

void add_commands(CLI::App& app, Command& chosen) {
  add_status(app, chosen);
  CLI::App& policy = add_group(app, "policy", "Policies: check, apply, show, diff, explain");
  add_policy_check(policy, chosen);
  add_policy_apply(policy, chosen);
  add_policy_show(policy, chosen);
  add_policy_diff(policy, chosen);
  add_policy_explain(policy, chosen);
  add_holdout_budget(add_group(app, "holdout", "Holdouts: budget"), chosen);
  add_register(app, chosen);
  add_sign(app, chosen);
  add_architectures(app, chosen);
  add_data_add(add_group(app, "data", "Data: add a snapshot"), chosen);
  add_drift(add_group(app, "drift", "Drift of the data: list, show, acknowledge"), chosen);
  CLI::App& generation = add_group(app, "generation", "Generations: list, show");
  add_generation_list(generation, chosen);
  add_generation_show(generation, chosen);
  add_lineage(app, chosen);
  add_history(app, chosen);
  add_champion(app, chosen);
  add_predict(app, chosen);
  add_decisions(app, chosen);
  add_rollback(app, chosen);
  add_verify(app, chosen);
  add_export(app, chosen);
  add_gc(app, chosen);
  add_control(app, chosen);
  CLI::App& audit = add_group(app, "audit", "The audit chain: log, verify, head");
  add_audit_log(audit, chosen);
  add_audit_head(audit, chosen);
  add_audit_verify(audit, chosen);
  CLI::App& certificate = add_group(app, "certificate", "Certificates: summary, export, import");
  add_certificate_summary(certificate, chosen);
  add_certificate_export(certificate, chosen);
  add_certificate_import(certificate, chosen);
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_name().empty()) names.push_back(command->get_name());
  }
  return names;
}

base::Error unknown_command(const CLI::App& group, const std::string& word) {
  const std::string path =
      group.get_parent() == nullptr ? "heirloom" : "heirloom " + group.get_name();
  base::Error error{base::ErrorKind::usage,
                    fmt::format("there is no command \"{} {}\"", path, word),
                    fmt::format("{} --help lists the commands", path)};
  if (const auto near = base::nearest_word(word, command_names(group))) {
    error.hint = fmt::format("did you mean {} {}?", path, *near);
  }
  return error;
}

// Looks for a word that stands where a command must and is none. CLI11 would report it as an
// argument that was not expected, without a suggestion.
std::optional<base::Error> find_unknown_command(const CLI::App& app,
                                                const std::vector<std::string>& arguments) {
  const CLI::App* group = &app;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word.size() > 1 && word[0] == '-') {
      const CLI::Option* option = app.get_option_no_throw(word);
      if (option != nullptr && option->get_items_expected_max() > 0) ++i;  // its value
      continue;
    }
    const std::vector<std::string> names = command_names(*group);
    if (names.empty()) return std::nullopt;
    if (std::find(names.begin(), names.end(), word) == names.end()) {
      return unknown_command(*group, word);
    }
    group = group->get_subcommand(word);
  }
  return std::nullopt;
}

const CLI::App& deepest_command(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

std::string command_path(const CLI::App& command) {
  return command.get_parent() == nullptr
             ? "heirloom"
             : command_path(*command.get_parent()) + " " + command.get_name();
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = deepest_command(app);
  base::Error shown{base::ErrorKind::usage, error.what(),
                    command_path(command) + " --help shows its use"};
  std::vector<std::string> known;
  for (const CLI::App* level : {&command, &app}) {
    for (const CLI::Option* option : level->get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  }
  for (const std::string& left_over : app.remaining(/*recurse=*/true)) {
    if (left_over.substr(0, 2) != "--") continue;
    shown.message = fmt::format("{} has no option {}", command_path(command), left_over);
    if (const auto near = base::nearest_word(left_over, known)) {
      shown.hint = fmt::format("did you mean {}?", *near);
    }
    break;
  }
  report(shown);
  return static_cast<int>(ExitCode::usage);
}

int execute(const Command& command, const GlobalOptions& options) {
  Context context;
  context.socket_path = options.socket.empty() ? default_socket_path() : options.socket;
  context.output = options.output == "json" ? OutputForm::json : OutputForm::table;
  context.style = style_of_stdout(options.no_color);
  const base::Result<ExitCode> code = command(context);
  if (!code.has_value()) {
    report(code.error());
    return static_cast<int>(exit_code_for(code.error().kind));
  }
  if (const auto flushed = flush_output(); !flushed.has_value()) {
    report(flushed.error());
    return static_cast<int>(ExitCode::failed);
  }
  return static_cast<int>(*code);
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  GlobalOptions options;
  Command chosen;
  CLI::App app("Heirloom keeps certified robustness in the family.", "heirloom");
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(kExitCodes);
  add_global_options(app, options);
  add_commands(app, chosen);

  if (arguments.empty()) {
    fmt::print(stderr, "{}", app.help());
    return static_cast<int>(ExitCode::usage);
  }
  if (const auto unknown = find_unknown_command(app, arguments)) {
    report(*unknown);
    return static_cast<int>(ExitCode::usage);
  }
  try {
    // CLI11 takes the arguments from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  return execute(chosen, options);
}

}  // namespace heirloom::cli
