#include "cli/options.h"

#include <filesystem>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "core/base/files.h"
#include "core/base/names.h"

namespace heirloom::cli {
namespace {

// CLI11 validators return what is wrong, or "" when nothing is.
std::function<std::string(const std::string&)> name_check(const std::string& what) {
  return [what](const std::string& name) {
    const auto checked = base::check_name(what, name);
    return checked.has_value() ? std::string() : checked.error().text();
  };
}

std::string generation_check(const std::string& word) {
  const auto number = base::parse_generation(word);
  return number.has_value() ? std::string() : number.error().text();
}

}  // namespace

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& example) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->footer("Example:\n  " + example +
                  "\n\nOptions of every command (-o, --socket, --no-color): heirloom --help");
  return command;
}

void choose(CLI::App& command, Command& chosen, Command run) {
  command.callback([&chosen, run = std::move(run)] { chosen = run; });
}

void add_model_argument(CLI::App& command, std::string& model, bool required) {
  command.add_option("MODEL", model, "The model's name")
      ->required(required)
      ->type_name("")
      ->check(name_check("model name"), "");
}

void add_model_option(CLI::App& command, std::string& model) {
  command.add_option("--model", model, "The model's name")
      ->required()
      ->type_name("NAME")
      ->check(name_check("model name"), "");
}

void add_generation_argument(CLI::App& command, std::string& generation) {
  command.add_option("GENERATION", generation, "The generation: g1, g2, ...")
      ->required()
      ->type_name("")
      ->check(generation_check, "");
}

void add_name_option(CLI::App& command, std::string& name, const std::string& what) {
  command.add_option("--name", name, "The " + what + "'s name")
      ->required()
      ->type_name("NAME")
      ->check(name_check(what + " name"), "");
}

void add_file_argument(CLI::App& command, std::string& path, const std::string& description) {
  command.add_option("FILE", path, description)->required()->type_name("");
}

void add_timeout_option(CLI::App& command, std::optional<double>& seconds) {
  command.add_option("--timeout", seconds, "Stop waiting after this many seconds (exit code 1)")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
}

void add_reason_option(CLI::App& command, std::string& reason) {
  command.add_option("--reason", reason, "Why; kept in the audit log")
      ->required()
      ->type_name("TEXT")
      ->check(
          [](const std::string& given) {
            return given.find_first_not_of(" \t\n") == std::string::npos
                       ? std::string("a reason is needed")
                       : std::string();
          },
          "");
}

base::Result<std::string> read_named_file(const std::string& path, std::uint64_t max_bytes) {
  auto bytes = base::read_file(path, max_bytes);
  if (!bytes.has_value() && bytes.error().kind == base::ErrorKind::not_found) {
    bytes.error().kind = base::ErrorKind::usage;
  }
  return bytes;
}

// Dots are resolved in names only where no ".." could lead
// out of a symbolic link.
base::Result<std::string> absolute_path(const std::string& given) {
  if (given.empty()) return base::fail(base::ErrorKind::usage, "a path is empty");
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(given, error);
  if (error) {
    return base::fail(base::ErrorKind::io,
                      fmt::format("cannot make {} absolute: {}", given, error.message()));
  }
  for (const std::filesystem::path& part : path) {
    if (part == "..") return path.string();
  }
  return path.lexically_normal().string();
}

}  // namespace heirloom::cli
