// A tiny HTTP server on a unix socket that gives canned answers and remembers what it was asked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/json.h"

namespace heirloom::cli::test {

struct Request {
  std::string line;  // "GET /v1/status"
  std::string body;

  Json json() const { return Json::parse(body); }
};

// Serves from construction to destruction, on a thread of its own.
class FakeDaemon {
 public:
  FakeDaemon();
  ~FakeDaemon();

  // The answers to one request line in turn; the last one is repeated. What has none is a 404
  // whose message says so.
  void answer(const std::string& line, unsigned status, const Json& body);
  void answer_text(const std::string& line, unsigned status, const std::string& body);
  // Takes the request and never answers it.
  void stay_silent(const std::string& line);

  std::string socket_path() const;
  std::vector<Request> requests() const;
  std::size_t count(const std::string& line) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// {"error": {...}} as docs/api.md has it.
Json error_body(const std::string& kind, const std::string& message, const std::string& hint = "");

}  // namespace heirloom::cli::test
