// Speaks docs/api.md to heirloomd over its unix socket. The only part of the CLI that knows Beast.
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/json.h"
#include "core/base/result.h"

namespace heirloom::cli {

// "/v1/models/digits/history?metric=acr": every segment and value is percent-encoded; parameters
// with an empty value are left out.
std::string request_target(std::initializer_list<std::string_view> segments,
                           const std::vector<std::pair<std::string, std::string>>& parameters = {});

// The kind that the daemon named in an error.
base::ErrorKind error_kind(std::string_view word,
                           base::ErrorKind otherwise = base::ErrorKind::internal);

// One request at a time, each on a connection of its own, so that a client holds nothing while it
// waits between polls. Blocking. Not for use by several threads.
//
// A failure keeps the kind, message and hint that the daemon gave. A daemon that cannot be reached,
// or that does not answer in time, is ErrorKind::unavailable.
class ApiClient {
 public:
  static constexpr std::chrono::milliseconds kPatience{30'000};

  // `patience` bounds how long one request may go without progress.
  explicit ApiClient(std::string socket_path, std::chrono::milliseconds patience = kPatience);

  base::Result<Json> get(const std::string& target) const;
  base::Result<Json> post(const std::string& target, const Json& body) const;

 private:
  std::string socket_path_;
  std::chrono::milliseconds patience_;
};

}  // namespace heirloom::cli
