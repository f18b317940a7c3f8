// heirloom sign: says, with a secret key, that a file is meant to be a version of a model. No
// daemon: the key is where the file is made, not where it is registered.
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "core/audit/version_signature.h"
#include "core/base/files.h"
#include "core/base/key_files.h"

namespace heirloom::cli {
namespace {

// As much as a worker would read of it.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;

struct Options {
  std::string file;
  std::string key;
  std::string model;
  std::string version;
  std::string kind;
  std::string out;
};

// A TorchScript module is a zip archive; safetensors begin with the length of a JSON object.
base::Result<std::string> kind_of(std::string_view bytes, const Options& options) {
  if (!options.kind.empty()) return options.kind;
  if (bytes.starts_with("PK\x03\x04")) return std::string(audit::kModuleKind);
  constexpr std::size_t kLength = 8;
  if (bytes.size() > kLength && bytes[kLength] == '{') return std::string(audit::kWeightsKind);
  return base::fail(base::ErrorKind::bad_data,
                    options.file + " is neither a TorchScript module nor safetensors",
                    "--kind says what it will be registered as");
}

base::Result<base::SigningKey> read_key(const std::string& path) {
  auto key = base::read_signing_key(path);
  // As for read_named_file: a mistake in the command.
  if (!key && key.error().kind == base::ErrorKind::not_found) {
    key.error().kind = base::ErrorKind::usage;
  }
  return key;
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const base::SigningKey key, read_key(options.key));
  HEIRLOOM_ASSIGN(const std::string bytes, read_named_file(options.file, kMaxFileBytes));
  HEIRLOOM_ASSIGN(const std::string kind, kind_of(bytes, options));
  const base::Digest sha256 = base::sha256(bytes);
  const std::string name = std::filesystem::path(options.file).filename().string();
  const std::string out = options.out.empty() ? options.file + ".sig" : options.out;
  HEIRLOOM_TRY(base::write_file_atomically(
      out, audit::sign_version_file(key, {options.model, options.version, kind}, name, sha256)));
  const std::string id = key.public_key().id();
  if (context.json()) {
    print(pretty(Json{{"file", options.file},
                      {"sha256", sha256.hex()},
                      {"model", options.model},
                      {"version", options.version},
                      {"kind", kind},
                      {"key", id},
                      {"signature", out}}));
  } else {
    print(fmt::format("{}: signed by key {:.12} for version {} of {} ({})\n", out, id,
                      options.version, options.model, kind));
  }
  return ExitCode::done;
}

}  // namespace

void add_sign(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "sign", "Sign the file of a version, for register --signature (no daemon needed)",
      "heirloom sign net.pt --key release.pem --model digits --name own");
  add_file_argument(*command, options->file, "The TorchScript module or safetensors file");
  command
      ->add_option("--key", options->key,
                   "The secret Ed25519 key (PEM, mode 600):\n"
                   "openssl genpkey -algorithm ed25519 -out FILE")
      ->required()
      ->type_name("FILE");
  add_model_option(*command, options->model);
  add_name_option(*command, options->version, "version");
  command
      ->add_option("--kind", options->kind,
                   "What it will be registered as; otherwise what it looks like")
      ->type_name("torchscript|weights")
      ->check(CLI::IsMember({std::string(audit::kModuleKind), std::string(audit::kWeightsKind)})
                  .description(""));
  command->add_option("--out", options->out, "Where to; otherwise FILE.sig")->type_name("FILE");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
