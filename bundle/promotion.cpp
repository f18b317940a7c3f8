#include "bundle/promotion.h"

#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/audit/envelope.h"
#include "core/base/files.h"

namespace heirloom::bundle {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxEnvelopeBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;

// A name within the folder itself: a statement leads nowhere else.
bool is_plain(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos && name != "." && name != "..";
}

void check_files(const std::filesystem::path& folder, const Json& statement, Verification& out) {
  for (const Json& subject : statement.at("subject")) {
    const std::string name = subject.at("name").get<std::string>();
    const std::string expected = subject.at("digest").at("sha256").get<std::string>();
    if (!is_plain(name)) throw std::invalid_argument("the statement names a file elsewhere");
    const auto bytes = base::read_file(folder / name, kMaxFileBytes);
    if (!bytes) throw std::invalid_argument(bytes.error().text());
    if (base::sha256(*bytes).hex() != expected) {
      throw std::invalid_argument(fmt::format("{} is not the file that was signed", name));
    }
    out.checks.push_back(fmt::format("{} is the file that was signed", name));
  }
}

}  // namespace

std::string sign_promotion(const base::SigningKey& key, const Promotion& promotion) {
  std::vector<std::pair<std::string, base::Digest>> files;
  for (const auto& [name, bytes] : promotion.files) files.emplace_back(name, base::sha256(bytes));
  const Json predicate = {{"model", promotion.model},
                          {"generation", promotion.generation},
                          {"verdict", promotion.verdict},
                          {"reason", promotion.reason},
                          {"since", promotion.since}};
  const std::string text =
      predicate.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
  return audit::sign_envelope(key, audit::kStatementType,
                              audit::statement(files, kPromotionType, text));
}

bool is_promotion(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(folder / kPromotionFile, ignored);
}

Verification verify_promotion(const std::filesystem::path& folder, const base::VerifyKey& key) {
  Verification out;
  const auto envelope = base::read_file(folder / kPromotionFile, kMaxEnvelopeBytes);
  const auto payload =
      envelope ? audit::open_envelope(key, audit::kStatementType, *envelope) : envelope;
  if (!payload) {
    out.difference = payload.error().text();
    return out;
  }
  out.checks.push_back(fmt::format("the statement is signed by key {:.12}", key.id()));
  try {
    const Json statement = Json::parse(*payload);
    if (statement.at("predicateType") != kPromotionType) {
      throw std::invalid_argument("the statement is not about a promotion");
    }
    const Json& predicate = statement.at("predicate");
    out.model = predicate.at("model").get<std::string>();
    out.generation = predicate.at("generation").get<std::string>();
    out.verdict = predicate.at("verdict").get<std::string>();
    check_files(folder, statement, out);
  } catch (const std::exception& error) {
    out.difference = error.what();
  }
  return out;
}

}  // namespace heirloom::bundle
