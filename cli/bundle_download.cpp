#include "cli/bundle_download.h"

#include "core/base/base64.h"

namespace heirloom::cli {

base::Result<bundle::BundleFiles> download_bundle(const ApiClient& client, const std::string& model,
                                                  const std::string& generation, bool with_model) {
  HEIRLOOM_ASSIGN(
      const Json answer,
      client.get(request_target({"v1", "models", model, "generations", generation, "bundle"},
                                {{"model", with_model ? "1" : ""}})));
  bundle::BundleFiles out;
  HEIRLOOM_ASSIGN(out.bundle,
                  bundle::from_json(field(answer, "bundle").dump(), "the daemon's answer"));
  for (const auto& [hex, text] : field(answer, "artifacts").items()) {
    if (!text.is_string()) continue;
    HEIRLOOM_ASSIGN(out.bundle.artifacts[hex], base::from_base64(text.get<std::string>()));
  }
  if (const Json& bytes = field(answer, "model"); bytes.is_string()) {
    HEIRLOOM_ASSIGN(out.model, base::from_base64(bytes.get<std::string>()));
  }
  return out;
}

}  // namespace heirloom::cli
