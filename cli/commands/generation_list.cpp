// heirloom generation list: all generations of a model.
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/generation.h"
#include "core/base/names.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
};

// The API gives at most a thousand at a time.
base::Result<Json> all_generations(const ApiClient& client, const std::string& model) {
  constexpr std::size_t kPage = 1000;
  Json all = Json::array();
  int after = 0;
  while (true) {
    HEIRLOOM_ASSIGN(const Json page,
                    client.get(request_target(
                        {"v1", "models", model, "generations"},
                        {{"after", std::to_string(after)}, {"limit", std::to_string(kPage)}})));
    if (!page.is_array()) {
      return base::fail(base::ErrorKind::bad_data, "the daemon's list of generations is no array");
    }
    for (const Json& generation : page) all.push_back(generation);
    if (page.size() < kPage) return all;
    HEIRLOOM_ASSIGN(const int last, base::parse_generation(text(page.back(), "id")));
    if (last <= after) {
      return base::fail(base::ErrorKind::bad_data, "the daemon's list of generations is unordered");
    }
    after = last;
  }
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json generations, all_generations(context.client(), options.model));
  print(context.json() ? pretty(generations) : render_generation_list(generations, context.style));
  if (generations.empty()) say(options.model + " has no generation yet");
  return ExitCode::done;
}

}  // namespace

void add_generation_list(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(parent, "list", "All generations of a model, oldest first",
                                  "heirloom generation list digits");
  add_model_argument(*command, options->model);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
