#include "daemon/signers.h"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/base/key_files.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

std::string how_to_sign(const audit::VersionClaim& claim) {
  return fmt::format(
      "`heirloom sign FILE --key KEY --model {} --name {}`, then `register ... --signature "
      "FILE.sig`",
      claim.model, claim.version);
}

// What to do about a signature that fits none of the keys.
std::string whose_count(const Signers& signers) {
  if (signers.keys.empty()) {
    return "the daemon's settings name no key whose signatures count: registration.keys";
  }
  std::string ids;
  for (const base::VerifyKey& key : signers.keys) {
    ids += fmt::format("{}{:.12}", ids.empty() ? "" : ", ", key.id());
  }
  return fmt::format(
      "it was changed after it was signed, or signed by another key than those that count here: "
      "{}",
      ids);
}

const base::VerifyKey* find_key(const Signers& signers, const std::string& id) {
  const auto found = std::find_if(signers.keys.begin(), signers.keys.end(),
                                  [&](const base::VerifyKey& key) { return key.id() == id; });
  return found == signers.keys.end() ? nullptr : &*found;
}

}  // namespace

base::Result<Signers> load_signers(const config::RegistrationSettings& settings) {
  Signers out;
  out.required = settings.signatures_required;
  for (const config::KeyFile& file : settings.keys) {
    auto key = base::read_verify_key(file.path);
    if (!key) {
      return base::fail(ErrorKind::usage,
                        fmt::format("{}: `registration.keys`: {}", file.place, key.error().message),
                        key.error().hint);
    }
    spdlog::info("versions may be signed by key {:.12} ({})", key->id(), file.path);
    out.keys.push_back(*std::move(key));
  }
  return out;
}

audit::VersionClaim claim_of(const std::string& model, const std::string& version,
                             const jobs::ArchSpec& arch) {
  const bool module = arch.name == jobs::kTorchScript;
  return {model, version, std::string(module ? audit::kModuleKind : audit::kWeightsKind)};
}

base::Result<std::optional<audit::VersionSignature>> check_signature(
    const Signers& signers, const audit::VersionClaim& claim,
    const std::optional<std::string>& envelope) {
  if (!envelope) {
    if (!signers.required) return std::nullopt;
    return base::fail(ErrorKind::bad_data,
                      "this daemon takes no file without a signature, and none was given",
                      how_to_sign(claim));
  }
  auto found = audit::verify_version_file(signers.keys, *envelope, claim);
  if (found) return std::optional(*std::move(found));
  base::Error error = found.error();
  if (error.kind == ErrorKind::tampered) error.hint = whose_count(signers);
  if (error.hint.empty()) error.hint = how_to_sign(claim);
  error.kind = ErrorKind::bad_data;  // the registry is whole
  error.message = "the signature was not taken: " + error.message;
  return tl::unexpected(std::move(error));
}

base::Result<void> check_still_signed(registry::Registry& registry, const Signers& signers,
                                      const registry::RegistrationRow& registration) {
  const auto* request = std::get_if<jobs::InspectVersion>(&registration.request);
  if (request == nullptr || request->file.empty()) return {};
  const auto model = registry.models.get(registration.model_id);
  if (!model) return base::fail(ErrorKind::internal, "the registration's model is gone");
  const audit::VersionClaim claim = claim_of(model->spec.name, registration.name, request->arch);
  const auto row = registry.signatures.of_registration(registration.id);
  if (!row) {
    if (request->sha256) return base::fail(ErrorKind::tampered, "the signature's row is gone");
    const auto unsigned_file = check_signature(signers, claim, std::nullopt);
    return unsigned_file ? base::Result<void>() : tl::unexpected(unsigned_file.error());
  }
  // By the key of the row, whoever else signed it: the row says whose word was taken.
  const base::VerifyKey* key = find_key(signers, row->key_id);
  if (key == nullptr) {
    return base::fail(
        ErrorKind::bad_data,
        fmt::format("the signature by key {:.12} does not count any more", row->key_id),
        "the settings do not name that key now; have the file signed by one that they do");
  }
  HEIRLOOM_ASSIGN(const std::string envelope, registry.artifacts.get(row->envelope));
  HEIRLOOM_ASSIGN(const auto found, check_signature({true, {*key}}, claim, envelope));
  if (request->sha256 == found->sha256) return {};
  return base::fail(ErrorKind::tampered, "the request names another file than was signed",
                    "restore the registry from a backup");
}

}  // namespace heirloom::daemon
