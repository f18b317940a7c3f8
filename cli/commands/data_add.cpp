// heirloom data add: a new snapshot of a model's data.
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/registration.h"

namespace heirloom::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model;
  std::string name;
  std::string format;
  std::vector<std::string> train;
  std::vector<std::string> holdout;
  bool no_wait = false;
  std::optional<double> timeout;
};

// "IMAGES,LABELS" in one argument means two paths, unless a file has that very name.
std::vector<std::string> split_pair(const std::vector<std::string>& given) {
  std::error_code ignored;  // a path that cannot be looked at is the daemon's to refuse
  const std::size_t comma = given.size() == 1 ? given[0].find(',') : std::string::npos;
  if (comma == std::string::npos || fs::exists(given[0], ignored)) return given;
  return {given[0].substr(0, comma), given[0].substr(comma + 1)};
}

base::Result<Json> paths_of(const Options& options, const std::vector<std::string>& given) {
  Json paths = Json::array();
  if (options.format == "glyphs") {
    for (const std::string& path : given) paths.push_back(path);
    return paths;
  }
  for (const std::string& path : split_pair(given)) {
    HEIRLOOM_ASSIGN(std::string absolute, absolute_path(path));
    paths.push_back(std::move(absolute));
  }
  return paths;
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  if (options.format == "cifar" || options.format == "folder") {
    return base::fail(base::ErrorKind::unsupported,
                      fmt::format("--format {} is not available in this version", options.format),
                      "idx and glyphs are");
  }
  HEIRLOOM_ASSIGN(const Json train, paths_of(options, options.train));
  HEIRLOOM_ASSIGN(const Json holdout, paths_of(options, options.holdout));
  Json body = {{"name", options.name}, {"format", options.format}, {"train", train}};
  if (!holdout.empty()) body["holdout"] = holdout;
  return register_and_wait(context, request_target({"v1", "models", options.model, "snapshots"}),
                           body, {!options.no_wait, options.timeout});
}

}  // namespace

void add_data_add(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "add", "Register a snapshot: a state of the model's data",
      "heirloom data add digits --name s1 --format idx \\\n"
      "    --train train-images.gz train-labels.gz --holdout test-images.gz test-labels.gz\n"
      "  heirloom data add glyphs --name s1 --format glyphs --train 1:20000 --holdout 2:2000");
  add_model_argument(*command, options->model);
  add_name_option(*command, options->name, "snapshot");
  command
      ->add_option("--train", options->train,
                   "A folder, or images and labels; for glyphs seed:COUNT")
      ->required()
      ->expected(1, 2)
      ->type_name("PATH");
  command
      ->add_option("--holdout", options->holdout,
                   "The same for the labelled part that no training reads")
      ->expected(1, 2)
      ->type_name("PATH");
  command->add_option("--format", options->format, "How the files are written")
      ->required()
      ->type_name("idx|glyphs")
      ->check(CLI::IsMember({"idx", "glyphs", "cifar", "folder"}).description(""));
  command->add_flag("--no-wait", options->no_wait, "Do not wait until a worker has inspected it");
  add_timeout_option(*command, options->timeout);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
