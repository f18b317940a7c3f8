// heirloom register: a new version (an architecture) of a model.
#include <memory>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/registration.h"
#include "core/audit/version_signature.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;
  std::string name;
  std::string arch;
  std::string torchscript;
  std::string weights;
  std::string signature;
  std::vector<std::string> settings;
  bool no_wait = false;
  std::optional<double> timeout;
};

base::Result<Json> parameters_of(const std::vector<std::string>& settings) {
  Json parameters = Json::object();
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      return base::fail(base::ErrorKind::usage, fmt::format("--set {} is no key=value", setting),
                        "for example --set depth=8");
    }
    const std::string key = setting.substr(0, equals);
    if (parameters.contains(key)) {
      return base::fail(base::ErrorKind::usage, fmt::format("--set gives {} twice", key));
    }
    parameters[key] = setting.substr(equals + 1);
  }
  return parameters;
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json parameters, parameters_of(options.settings));
  Json body = {{"name", options.name}};
  if (options.torchscript.empty()) {
    body["arch"] = options.arch;
  } else {
    HEIRLOOM_ASSIGN(body["torchscript"], absolute_path(options.torchscript));
  }
  body["parameters"] = parameters;
  if (!options.weights.empty()) {
    HEIRLOOM_ASSIGN(body["weights"], absolute_path(options.weights));
  }
  if (!options.signature.empty()) {
    // The text, not the path: what is checked is what this user can read.
    HEIRLOOM_ASSIGN(body["signature"],
                    read_named_file(options.signature, audit::kMaxVersionSignatureBytes));
  }
  return register_and_wait(context, request_target({"v1", "models", options.model, "versions"}),
                           body, {!options.no_wait, options.timeout});
}

}  // namespace

void add_register(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "register", "Register a version: an architecture to keep robust",
                  "heirloom register digits --name resnet8 --arch resnet --set depth=8");
  add_model_argument(*command, options->model);
  add_name_option(*command, options->name, "version");
  CLI::Option_group* source = command->add_option_group("Architecture");
  source
      ->add_option("--arch", options->arch, "A built-in architecture (see heirloom architectures)")
      ->type_name("NAME");
  source
      ->add_option("--torchscript", options->torchscript,
                   "A TorchScript module exported from Python")
      ->type_name("FILE");
  source->require_option(1);
  command->add_option("--set", options->settings, "A parameter of the architecture; repeatable")
      ->type_name("KEY=VALUE");
  command
      ->add_option("--weights", options->weights,
                   "Weights to begin with (safetensors), in place of fresh ones")
      ->type_name("FILE");
  command
      ->add_option("--signature", options->signature,
                   "The signature of that file, by heirloom sign")
      ->type_name("FILE");
  command->add_flag("--no-wait", options->no_wait, "Do not wait until a worker has inspected it");
  add_timeout_option(*command, options->timeout);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
