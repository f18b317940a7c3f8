// heirloom gc: removes what nothing needs any more.
#include <charconv>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/format.h"
#include "cli/render/table.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string older_than;
  bool dry_run = false;
};

// "30d", "12h", "45m", "10s" in seconds.
std::optional<std::int64_t> seconds_of(const std::string& text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0 || count > 1'000'000 ||
      end + 1 != text.data() + text.size()) {
    return std::nullopt;
  }
  switch (*end) {
    case 'd':
      return count * 86'400;
    case 'h':
      return count * 3'600;
    case 'm':
      return count * 60;
    case 's':
      return count;
    default:
      return std::nullopt;
  }
}

std::string age_check(const std::string& text) {
  return seconds_of(text) ? std::string() : text + " is no age: like 30d, 12h, 45m or 10s";
}

std::string render(const Json& answer, const Style& style) {
  std::vector<std::vector<Cell>> rows;
  for (const Json& item : items(answer, "removed")) {
    rows.push_back({{text(item, "path")}, {grouped(integer(item, "bytes"))}});
  }
  return rows.empty() ? "" : render_table({{"PATH"}, {"BYTES", true}}, rows, style);
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json answer,
                  context.client().post(request_target({"v1", "gc"}),
                                        {{"older_than_seconds", *seconds_of(options.older_than)},
                                         {"dry_run", options.dry_run}}));
  print(context.json() ? pretty(answer) : render(answer, context.style));
  say(fmt::format("{} {} files and folders, {} bytes", options.dry_run ? "would remove" : "removed",
                  items(answer, "removed").size(), grouped(integer(answer, "bytes"))));
  return ExitCode::done;
}

}  // namespace

void add_gc(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "gc", "Remove artifacts and folders that no row, champion or job names",
                  "heirloom gc --older-than 30d --dry-run");
  command
      ->add_option("--older-than", options->older_than,
                   "Only what was last written longer ago: 30d, 12h, 45m, 10s")
      ->required()
      ->type_name("AGE")
      ->check(age_check, "");
  command->add_flag("--dry-run", options->dry_run, "Show what would be removed");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
