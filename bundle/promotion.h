// The signed statement in a champion's folder: which files were promoted, as what, and why.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "bundle/verify.h"
#include "core/base/digest.h"
#include "core/base/signing.h"

namespace heirloom::bundle {

inline constexpr const char* kPromotionFile = "promotion.dsse.json";
inline constexpr const char* kPromotionType = "urn:heirloom:promotion:v1";

struct Promotion {
  std::vector<std::pair<std::string, std::string>> files;  // name and bytes
  std::string model;
  std::string generation;
  std::string verdict;
  std::string reason;
  std::string since;
};

// DSSE around an in-toto statement. The same promotion gives the same bytes.
std::string sign_promotion(const base::SigningKey& key, const Promotion& promotion);

// Whether `folder` holds such a statement.
bool is_promotion(const std::filesystem::path& folder);

// The signature, and every file that the statement names.
Verification verify_promotion(const std::filesystem::path& folder, const base::VerifyKey& key);

}  // namespace heirloom::bundle
