// heirloom data add: a new snapshot of a model's data.
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/registration.h"
#include "core/jobs/data_part.h"

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

base::Result<Json> paths_of(jobs::DataFormat format, std::string_view part,
                            const std::vector<std::string>& given) {
  const auto named = format == jobs::DataFormat::idx ? split_pair(given) : given;
  if (named.size() > jobs::most_paths(format)) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("--{} has {} paths, for {} at most {} can be given", part,
                                  named.size(), jobs::to_string(format), jobs::most_paths(format)));
  }
  Json paths = Json::array();
  for (const std::string& path : named) {
    if (format == jobs::DataFormat::glyphs) {
      paths.push_back(path);
      continue;
    }
    HEIRLOOM_ASSIGN(std::string absolute, absolute_path(path));
    paths.push_back(std::move(absolute));
  }
  return paths;
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const jobs::DataFormat format, jobs::parse_data_format(options.format));
  HEIRLOOM_ASSIGN(const Json train, paths_of(format, "train", options.train));
  HEIRLOOM_ASSIGN(const Json holdout, paths_of(format, "holdout", options.holdout));
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
      "  heirloom data add cifar --name s1 --format cifar \\\n"
      "    --train cifar-10-batches-bin --holdout cifar-10-batches-bin\n"
      "  heirloom data add pets --name s1 --format folder --train pets/train --holdout pets/test\n"
      "  heirloom data add glyphs --name s1 --format glyphs --train 1:20000 --holdout 2:2000");
  add_model_argument(*command, options->model);
  add_name_option(*command, options->name, "snapshot");
  constexpr int any_number = CLI::detail::expected_max_vector_size;
  command
      ->add_option("--train", options->train,
                   "idx: a folder, or images and labels; cifar: a folder, or .bin files; folder: a "
                   "folder of class folders; glyphs: seed:COUNT")
      ->required()
      ->expected(1, any_number)
      ->type_name("PATH");
  command
      ->add_option("--holdout", options->holdout,
                   "The same for the labelled part that no training reads")
      ->expected(1, any_number)
      ->type_name("PATH");
  command->add_option("--format", options->format, "How the files are written")
      ->required()
      ->type_name("idx|cifar|folder|glyphs")
      ->check(CLI::IsMember({"idx", "cifar", "folder", "glyphs"}).description(""));
  command->add_flag("--no-wait", options->no_wait, "Do not wait until a worker has inspected it");
  add_timeout_option(*command, options->timeout);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
