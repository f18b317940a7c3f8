// heirloom champion: the generation that consumers load, now, at an instant or since ever.
#include "cli/render/champion.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "core/base/clock.h"

namespace heirloom::cli {
namespace {

constexpr std::size_t kPage = 1000;

struct Options {
  std::string model;
  std::string at;
  bool history = false;
};

base::Result<ExitCode> run_history(const Options& options, const Context& context) {
  const ApiClient client = context.client();
  Json all = Json::array();
  for (std::int64_t after = 0;;) {
    HEIRLOOM_ASSIGN(const Json page,
                    client.get(request_target(
                        {"v1", "models", options.model, "champions"},
                        {{"after", std::to_string(after)}, {"limit", std::to_string(kPage)}})));
    for (const Json& row : page) all.push_back(row);
    if (page.size() < kPage) break;
    after = integer(page.back(), "id").value_or(after);
  }
  print(context.json() ? pretty(all) : render_champion_history(all, context.style));
  if (all.empty()) say(options.model + " has no champion yet");
  return ExitCode::done;
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  if (options.history) return run_history(options, context);
  HEIRLOOM_ASSIGN(const Json champion,
                  context.client().get(request_target({"v1", "models", options.model, "champion"},
                                                      {{"at", options.at}})));
  print(context.json() ? pretty(champion) : render_champion(champion, context.style));
  return ExitCode::done;
}

std::string instant_check(const std::string& text) {
  const auto instant = base::parse_instant(text);
  return instant.has_value() ? std::string() : instant.error().text();
}

}  // namespace

void add_champion(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "champion", "The generation that consumers load (exit code 5: none)",
                  "heirloom champion digits --at 2026-11-01");
  add_model_argument(*command, options->model);
  CLI::Option* at = command
                        ->add_option("--at", options->at,
                                     "Who it was at that instant, UTC: a day (its beginning) or\n"
                                     "a time, 2026-11-01T09:30")
                        ->type_name("TIME")
                        ->check(instant_check, "");
  command->add_flag("--history", options->history, "Everyone who ever was, oldest first")
      ->excludes(at);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
