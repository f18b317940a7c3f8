// Requests to answers: one table of routes. Knows no sockets; handlers run on the loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/result.h"

namespace heirloom::daemon {

inline constexpr std::uint64_t kMaxBodyBytes = std::uint64_t{1} << 20;

struct ApiRequest {
  std::string method;                        // "GET", "POST"
  std::string path;                          // without the query, percent-decoded per segment
  std::map<std::string, std::string> query;  // percent-decoded
  std::map<std::string, std::string> captures;
  std::string body;
  std::string actor;  // "uid:1000", from the socket's peer
};

struct ApiResponse {
  int status = 200;
  nlohmann::json body{};
  std::string text{};  // instead of the body, where it is not empty: plain text
};

int http_status(base::ErrorKind kind);

class Router {
 public:
  using Handler = std::function<base::Result<ApiResponse>(const ApiRequest&)>;

  // `pattern`: "/v1/models/{model}/versions". Patterns are tried in the order they were added.
  void add(std::string method, std::string_view pattern, Handler handler,
           std::uint64_t max_body = kMaxBodyBytes);
  // The longest body that may be sent there, and anywhere.
  std::uint64_t max_body(std::string_view method, std::string_view target) const;
  std::uint64_t largest_body() const { return largest_body_; }
  // 404 for an unknown path, 405 for a known path with another method, the error's status for a
  // handler's error.
  ApiResponse handle(std::string_view method, std::string_view target, std::string body,
                     std::string actor) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    Handler handler;
    std::uint64_t max_body;
  };
  std::vector<Route> routes_;
  std::uint64_t largest_body_ = kMaxBodyBytes;
};

}  // namespace heirloom::daemon
