// heirloom export: the evidence behind a verdict, to be verified without registry and daemon.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "bundle/bundle_files.h"
#include "cli/bundle_download.h"
#include "cli/commands.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::string generation;
  std::string out;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const bundle::BundleFiles files,
                  download_bundle(context.client(), options.model, options.generation,
                                  /*with_model=*/true));
  HEIRLOOM_TRY(bundle::write_bundle(options.out, files));
  say(fmt::format("wrote {}: {} events, {} files of counts{}", options.out,
                  files.bundle.events.size(), files.bundle.artifacts.size(),
                  files.model ? ", model.pt" : "; the model is too large to take along"));
  return ExitCode::done;
}

}  // namespace

void add_export(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(parent, "export", "Write what heirloom verify needs to a folder",
                                  "heirloom export digits g3 --out evidence-of-g3");
  add_model_argument(*command, options->model);
  add_generation_argument(*command, options->generation);
  command->add_option("--out", options->out, "A folder that does not exist yet")
      ->required()
      ->type_name("DIR");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
