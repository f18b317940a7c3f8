#include "daemon/http/router.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::optional<std::map<std::string, std::string>> parse_query(std::string_view text) {
  std::map<std::string, std::string> out;
  for (const std::string& pair : split(text, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto key = percent_decode(std::string_view(pair).substr(0, equals));
    const auto value =
        percent_decode(std::string_view(pair).substr(std::min(equals + 1, pair.size())));
    if (!key || !value) return std::nullopt;
    out[*key] = *value;
  }
  return out;
}

bool is_capture(std::string_view segment) {
  return segment.front() == '{';
}

std::optional<std::map<std::string, std::string>> match(const std::vector<std::string>& pattern,
                                                        const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::map<std::string, std::string> captures;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_capture(pattern[i])) {
      captures[pattern[i].substr(1, pattern[i].size() - 2)] = path[i];
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return captures;
}

ApiResponse error_response(const base::Error& error) {
  return {http_status(error.kind), error_view(error)};
}

}  // namespace

int http_status(base::ErrorKind kind) {
  using base::ErrorKind;
  switch (kind) {
    case ErrorKind::usage:
      return 400;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::bad_data:
      return 422;
    case ErrorKind::unsupported:
      return 501;
    case ErrorKind::unavailable:
      return 503;
    case ErrorKind::numerical:
    case ErrorKind::io:
    case ErrorKind::tampered:
    case ErrorKind::internal:
      return 500;
  }
  return 500;
}

void Router::add(std::string method, std::string_view pattern, Handler handler,
                 std::uint64_t max_body) {
  routes_.push_back({std::move(method), split(pattern, '/'), std::move(handler), max_body});
  largest_body_ = std::max(largest_body_, max_body);
}

std::uint64_t Router::max_body(std::string_view method, std::string_view target) const {
  const auto path = percent_decode(target.substr(0, target.find('?')));
  if (!path) return kMaxBodyBytes;
  const std::vector<std::string> segments = split(*path, '/');
  for (const Route& route : routes_) {
    if (route.method == method && match(route.segments, segments)) return route.max_body;
  }
  return kMaxBodyBytes;
}

ApiResponse Router::handle(std::string_view method, std::string_view target, std::string body,
                           std::string actor) const {
  const std::size_t mark = std::min(target.find('?'), target.size());
  const auto path = percent_decode(target.substr(0, mark));
  const auto query = parse_query(target.substr(std::min(mark + 1, target.size())));
  if (!path || !query) {
    return error_response({base::ErrorKind::usage, "the request target is not well formed", ""});
  }
  const std::vector<std::string> segments = split(*path, '/');
  bool known_path = false;
  for (const Route& route : routes_) {
    auto captures = match(route.segments, segments);
    if (!captures) continue;
    known_path = true;
    if (route.method != method) continue;
    ApiRequest request{std::string(method),  *path,           *query,
                       *std::move(captures), std::move(body), std::move(actor)};
    auto answer = route.handler(request);
    return answer ? *std::move(answer) : error_response(answer.error());
  }
  if (known_path) {
    ApiResponse response = error_response(
        {base::ErrorKind::usage, fmt::format("{} does not answer {}", *path, method), ""});
    response.status = 405;
    return response;
  }
  return error_response({base::ErrorKind::not_found, fmt::format("there is no {}", *path),
                         "docs/api.md lists every route"});
}

}  // namespace heirloom::daemon
