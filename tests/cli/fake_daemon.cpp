#include "tests/cli/fake_daemon.h"

#include <utility>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "tests/cli/temporary_folder.h"

namespace heirloom::cli::test {
namespace {

namespace http = boost::beast::http;
namespace net = boost::asio;
using Socket = net::local::stream_protocol::socket;

struct Answer {
  unsigned status = 200;  // 0: none is given
  std::string body;
};

}  // namespace

struct FakeDaemon::State {
  TemporaryFolder folder;
  net::io_context loop{1};
  net::local::stream_protocol::acceptor acceptor{
      loop, net::local::stream_protocol::endpoint((folder.path() / "heirloom.sock").string())};
  mutable std::mutex mutex;  // guards what follows
  std::map<std::string, std::vector<Answer>> answers;
  std::map<std::string, std::size_t> given;
  std::vector<Request> requests;
  std::vector<Socket> silent;  // kept open
  std::thread thread;

  void accept_next() {
    acceptor.async_accept([this](boost::system::error_code error, Socket socket) {
      if (error) return;
      serve(std::move(socket));
      accept_next();
    });
  }

  Answer take(const Request& request) {
    const std::lock_guard lock(mutex);
    requests.push_back(request);
    const auto found = answers.find(request.line);
    if (found == answers.end()) {
      return {404, error_body("not_found", "the test has no answer to " + request.line).dump()};
    }
    const std::size_t turn = std::min(given[request.line]++, found->second.size() - 1);
    return found->second[turn];
  }

  void serve(Socket socket) {
    boost::system::error_code error;
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(socket, buffer, request, error);
    if (error) return;
    const std::string line =
        std::string(request.method_string()) + " " + std::string(request.target());
    const Answer answer = take({line, request.body()});
    if (answer.status == 0) {
      silent.push_back(std::move(socket));
      return;
    }
    http::response<http::string_body> response{http::int_to_status(answer.status), 11};
    response.set(http::field::content_type, "application/json");
    response.body() = answer.body;
    response.prepare_payload();
    http::write(socket, response, error);
  }
};

FakeDaemon::FakeDaemon() : state_(std::make_unique<State>()) {
  state_->accept_next();
  state_->thread = std::thread([state = state_.get()] { state->loop.run(); });
}

FakeDaemon::~FakeDaemon() {
  state_->loop.stop();
  state_->thread.join();
}

void FakeDaemon::answer(const std::string& line, unsigned status, const Json& body) {
  answer_text(line, status, body.dump());
}

void FakeDaemon::answer_text(const std::string& line, unsigned status, const std::string& body) {
  const std::lock_guard lock(state_->mutex);
  state_->answers[line].push_back({status, body});
}

void FakeDaemon::stay_silent(const std::string& line) {
  answer_text(line, 0, "");
}

std::string FakeDaemon::socket_path() const {
  return (state_->folder.path() / "heirloom.sock").string();
}

std::vector<Request> FakeDaemon::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

std::size_t FakeDaemon::count(const std::string& line) const {
  const std::vector<Request> all = requests();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const Request& request) { return request.line == line; }));
}

Json error_body(const std::string& kind, const std::string& message, const std::string& hint) {
  return {{"error", {{"kind", kind}, {"message", message}, {"hint", hint}}}};
}

}  // namespace heirloom::cli::test
