// Arguments that several commands share, with their checks and words.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/context.h"

namespace CLI {
class App;
}

namespace heirloom::cli {

using Command = std::function<base::Result<ExitCode>(const Context&)>;

// A command `name` under `parent`; `example` is shown at the end of its help.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& example);

// When `command` is what the user asked for, `chosen` becomes `run`.
void choose(CLI::App& command, Command& chosen, Command run);

void add_model_argument(CLI::App& command, std::string& model, bool required = true);
// `--model`, where the command has no daemon to ask about it.
void add_model_option(CLI::App& command, std::string& model);
void add_generation_argument(CLI::App& command, std::string& generation);
// `--name`, a name by the rule of names; `what` says of what.
void add_name_option(CLI::App& command, std::string& name, const std::string& what);
void add_file_argument(CLI::App& command, std::string& path, const std::string& description);
void add_timeout_option(CLI::App& command, std::optional<double>& seconds);
void add_reason_option(CLI::App& command, std::string& reason);

// The bytes of a file that the user named; a file that is not there is a mistake in the command.
base::Result<std::string> read_named_file(const std::string& path, std::uint64_t max_bytes);

// What a user wrote as a path, for the daemon, which has another working folder.
base::Result<std::string> absolute_path(const std::string& given);

}  // namespace heirloom::cli
