#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include "core/base/version.h"
#include "daemon/app.h"

int main(int argc, char** argv) {
  CLI::App flags("heirloomd: keeps certified robustness in the family");
  heirloom::daemon::Options options;
  options.program = std::filesystem::read_symlink("/proc/self/exe");
  flags.add_option("--state", options.state, "Folder of the registry, artifacts and socket")
      ->required();
  flags.add_option("--config", options.config, "Settings (YAML)");
  flags.set_version_flag("--version", fmt::format("heirloomd {} ({})", heirloom::base::version(),
                                                  heirloom::base::git_revision()));
  CLI11_PARSE(flags, argc, argv);

  spdlog::set_default_logger(spdlog::stderr_color_mt("heirloomd"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  try {
    const auto exit_code = heirloom::daemon::run(options);
    if (exit_code) return *exit_code;
    spdlog::critical("{}", exit_code.error().text());
  } catch (const std::exception& failure) {
    spdlog::critical("{}", failure.what());
  }
  return 1;
}
