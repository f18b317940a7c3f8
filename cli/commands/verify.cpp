// heirloom verify: does a verdict follow from its evidence? Recomputed here, from the counts up;
// the daemon or a bundle only hands them over.
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "bundle/bundle_files.h"
#include "bundle/promotion.h"
#include "bundle/verify.h"
#include "cli/bundle_download.h"
#include "cli/commands.h"
#include "cli/render/verification.h"
#include "cli/reproduction.h"

namespace heirloom::cli {
namespace {

constexpr std::uint64_t kMaxKeyBytes = 64 * 1024;

struct Options {
  std::string target;  // a model, or a bundle when no generation follows
  std::string generation;
  std::string key;
  bool full = false;
};

base::Result<bundle::BundleFiles> evidence(const Options& options, const Context& context) {
  if (!options.generation.empty()) {
    return download_bundle(context.client(), options.target, options.generation,
                           /*with_model=*/false);
  }
  std::error_code error;
  if (!std::filesystem::exists(options.target, error)) {
    return base::fail(base::ErrorKind::usage, fmt::format("there is no bundle {}", options.target),
                      "heirloom verify MODEL gN asks the daemon");
  }
  return bundle::read_bundle(options.target);
}

base::Result<std::optional<base::VerifyKey>> verify_key(const Options& options) {
  if (options.key.empty()) return std::optional<base::VerifyKey>();
  HEIRLOOM_ASSIGN(const std::string pem, read_named_file(options.key, kMaxKeyBytes));
  HEIRLOOM_ASSIGN(auto key, base::VerifyKey::from_pem(pem));
  return std::optional(std::move(key));
}

void check_model(const bundle::BundleFiles& files, bundle::Verification& found) {
  if (!files.model || found.difference) return;
  const auto certified = bundle::certified_model(files.bundle);
  if (certified && base::sha256(*files.model) == *certified) {
    found.checks.emplace_back("model.pt is the artifact that was certified");
  } else {
    found.difference = "model.pt is not the artifact that was certified";
  }
}

// From a bundle or the daemon's evidence, or the signed statement of a champion's folder.
base::Result<bundle::Verification> verification(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const auto key, verify_key(options));
  if (options.generation.empty() && bundle::is_promotion(options.target)) {
    if (key) return bundle::verify_promotion(options.target, *key);
    return base::fail(base::ErrorKind::usage,
                      options.target + " holds a signed promotion, and no key to check it",
                      "--key FILE names the public key (PEM)");
  }
  HEIRLOOM_ASSIGN(const bundle::BundleFiles files, evidence(options, context));
  bundle::Verification found = bundle::verify(files.bundle, key);
  check_model(files, found);
  if (options.full && !found.difference) {
    HEIRLOOM_TRY(reproduce(context.client(), options.target, options.generation, found));
  }
  return found;
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const bundle::Verification found, verification(options, context));
  print(context.json() ? pretty(verification_json(found))
                       : render_verification(found, context.style));
  if (!found.difference) return ExitCode::done;
  report({base::ErrorKind::tampered, "the verdict does not follow from the evidence as it is",
          "`heirloom audit verify` shows whether the registry was changed"});
  return ExitCode::failed;
}

}  // namespace

void add_verify(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "verify", "Recompute a verdict from its counts (exit code 1: it does not follow)",
      "heirloom verify digits g3\n  heirloom verify evidence-of-g3.tar --key heirloom.pub");
  command
      ->add_option("TARGET", options->target,
                   "The model; or alone a bundle (folder or tar, from heirloom export)\n"
                   "or a champion's folder with its signature, without a daemon")
      ->required()
      ->type_name("");
  CLI::Option* generation =
      command->add_option("GENERATION", options->generation, "The generation: g1, g2, ...")
          ->type_name("");
  command
      ->add_option("--key", options->key,
                   "The public key (PEM) that must have signed the head of the chain,\n"
                   "or the promotion")
      ->type_name("FILE");
  command
      ->add_flag("--full", options->full,
                 "Certify it again as well, with the same noise, and compare the counts")
      ->needs(generation);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
