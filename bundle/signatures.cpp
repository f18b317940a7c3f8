#include "bundle/signatures.h"

#include <span>
#include <stdexcept>

#include <fmt/format.h>

#include "core/audit/version_signature.h"
#include "core/jobs/model_spec.h"

namespace heirloom::bundle {
namespace {

template <typename T>
T require(const std::string& what, base::Result<T> result) {
  if (!result) throw std::invalid_argument(what + ": " + result.error().text());
  return *std::move(result);
}

}  // namespace

void check_version_signatures(const Bundle& bundle, const Records& records,
                              std::vector<std::string>& checks) {
  for (const Record& row : records.table("registration_signatures")) {
    const Record& version =
        records.one("versions", "registration_id", row.integer("registration_id"));
    const std::string name = version.text("name");
    const std::string what = fmt::format("the signature of version {}", name);
    const bool module = version.text("arch") == jobs::kTorchScript;
    const audit::VersionClaim claim{
        records.one("models", "id", version.integer("model_id")).text("name"), name,
        std::string(module ? audit::kModuleKind : audit::kWeightsKind)};
    const std::string hex = row.digest("envelope").hex();
    const auto envelope = bundle.artifacts.find(hex);
    if (envelope == bundle.artifacts.end() || base::sha256(envelope->second).hex() != hex) {
      throw std::invalid_argument(fmt::format("{}: the bundle has no envelope {:.12}", what, hex));
    }
    const auto key = require(what, base::VerifyKey::from_pem(row.text("public_key")));
    const auto found =
        require(what, audit::verify_version_file(std::span(&key, 1), envelope->second, claim));
    const Record& file = records.one("version_files", "version_id", version.integer("id"));
    if (row.text("key_id") != key.id() || found.sha256 != row.digest("sha256") ||
        found.sha256 != file.digest("sha256")) {
      throw std::invalid_argument(what +
                                  " is by another key or for another file than its row says");
    }
    checks.push_back(fmt::format("the file of version {} is signed by key {:.12}", name, key.id()));
  }
}

}  // namespace heirloom::bundle
