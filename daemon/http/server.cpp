#include "daemon/http/server.h"

#include <chrono>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using Protocol = net::local::stream_protocol;
using Stream = beast::basic_stream<Protocol, net::any_io_executor>;

constexpr std::uint32_t kMaxHeaderBytes = 8 * 1024;
// Read ahead of the parser, which keeps the body itself.
constexpr std::size_t kReadAheadBytes = 64 * 1024;
constexpr auto kReadDeadline = std::chrono::seconds(15);
constexpr auto kWriteDeadline = std::chrono::seconds(15);
constexpr std::size_t kMaxConnections = 256;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

// Who is at the other end: fixed by the kernel when the socket was connected.
std::string peer_actor(Stream& stream) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(stream.socket().native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials,
                   &length) != 0) {
    return "unknown";
  }
  return fmt::format("uid:{}", credentials.uid);
}

http::response<http::string_body> to_http(const ApiResponse& answer, unsigned version,
                                          bool keep_alive) {
  http::response<http::string_body> out(static_cast<http::status>(answer.status), version);
  const bool plain = !answer.text.empty();
  out.set(http::field::content_type,
          plain ? "text/plain; version=0.0.4; charset=utf-8" : "application/json");
  out.set(http::field::cache_control, "no-store");
  out.keep_alive(keep_alive);
  if (plain) {
    out.body() = answer.text;
  } else {
    out.body() = answer.body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out.body().push_back('\n');
  }
  out.prepare_payload();
  return out;
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<State> {
  State(net::io_context& io, const Router& table, std::function<void(std::string)> fatal)
      : loop(io), router(table), on_fatal(std::move(fatal)), acceptor(io) {}

  net::io_context& loop;
  const Router& router;
  const std::function<void(std::string)> on_fatal;
  std::function<void(int)> on_answer;
  Protocol::acceptor acceptor;
  std::filesystem::path path;
  std::size_t connections = 0;

  net::awaitable<void> accept_loop();
  net::awaitable<void> serve(std::shared_ptr<Stream> stream);
  // False: the connection is to be closed.
  net::awaitable<bool> serve_one(std::shared_ptr<Stream> stream,
                                 std::shared_ptr<beast::flat_buffer> buffer);
  ApiResponse answer(const http::request<http::string_body>& request, const std::string& actor);
  std::uint64_t body_limit(const http::request<http::string_body>& request) const {
    return router.max_body(std::string(request.method_string()), std::string(request.target()));
  }
};

net::awaitable<void> HttpServer::State::accept_loop() {
  const auto self = shared_from_this();  // lives until the loop has ended
  while (acceptor.is_open()) {
    boost::system::error_code error;
    auto token = net::redirect_error(net::use_awaitable, error);
    Protocol::socket socket = co_await acceptor.async_accept(token);
    if (error == net::error::operation_aborted) co_return;
    if (error || connections >= kMaxConnections) {
      // Out of descriptors, or too many clients: breathe instead of spinning.
      net::steady_timer pause(loop, kAcceptPause);
      auto wait = net::redirect_error(net::use_awaitable, error);
      co_await pause.async_wait(wait);
      continue;
    }
    auto stream = std::make_shared<Stream>(std::move(socket));
    ++connections;
    net::awaitable<void> work = serve(stream);
    net::co_spawn(loop, std::move(work), [self](std::exception_ptr failure) {
      --self->connections;
      if (!failure) return;
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& reason) {
        self->on_fatal(reason.what());
      }
    });
  }
}

net::awaitable<void> HttpServer::State::serve(std::shared_ptr<Stream> stream) {
  auto buffer = std::make_shared<beast::flat_buffer>(kMaxHeaderBytes + kReadAheadBytes);
  bool open = true;
  while (open) {
    net::awaitable<bool> turn = serve_one(stream, buffer);
    open = co_await std::move(turn);
  }
  boost::system::error_code ignored;
  stream->socket().shutdown(Protocol::socket::shutdown_both, ignored);
}

net::awaitable<bool> HttpServer::State::serve_one(std::shared_ptr<Stream> stream,
                                                  std::shared_ptr<beast::flat_buffer> buffer) {
  boost::system::error_code error;
  auto token = net::redirect_error(net::use_awaitable, error);
  http::request_parser<http::string_body> parser;
  parser.header_limit(kMaxHeaderBytes);
  parser.body_limit(router.largest_body());
  stream->expires_after(kReadDeadline);
  co_await http::async_read_header(*stream, *buffer, parser, token);
  if (!error) {
    const std::uint64_t limit = body_limit(parser.get());
    parser.body_limit(limit);  // of a body that comes in chunks
    if (parser.content_length().value_or(0) > limit) error = http::error::body_limit;
  }
  if (!error) co_await http::async_read(*stream, *buffer, parser, token);

  ApiResponse response;
  unsigned version = 11;
  bool keep_alive = false;
  if (error == http::error::body_limit || error == http::error::header_limit) {
    response = {413, error_view({base::ErrorKind::usage, "the request is too large", ""})};
  } else if (error.category() == make_error_code(http::error::bad_method).category() &&
             error != http::error::end_of_stream) {
    response = {
        400, error_view({base::ErrorKind::usage, "not an HTTP request: " + error.message(), ""})};
  } else if (error) {
    co_return false;  // closed, silent for too long, or gone
  } else {
    version = parser.get().version();
    keep_alive = parser.get().keep_alive();
    response = answer(parser.get(), peer_actor(*stream));
  }
  if (on_answer) on_answer(response.status);
  auto message = to_http(response, version, keep_alive);
  stream->expires_after(kWriteDeadline);
  co_await http::async_write(*stream, message, token);
  co_return !error && keep_alive;
}

ApiResponse HttpServer::State::answer(const http::request<http::string_body>& request,
                                      const std::string& actor) {
  const std::string method(request.method_string());
  const std::string target(request.target());
  ApiResponse response;
  try {
    response = router.handle(method, target, request.body(), actor);
  } catch (const registry::DatabaseFailure&) {
    throw;  // nothing may be acknowledged any more: the process ends
  } catch (const std::exception& bug) {
    spdlog::error("{} {}: {}", method, target, bug.what());
    response = {500, error_view({base::ErrorKind::internal, bug.what(), "this is a bug"})};
  }
  if (method != "GET") spdlog::info("{} {} {} -> {}", actor, method, target, response.status);
  return response;
}

HttpServer::HttpServer(net::io_context& loop, const Router& router,
                       std::function<void(std::string)> on_fatal)
    : state_(std::make_shared<State>(loop, router, std::move(on_fatal))) {}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::on_answer(std::function<void(int)> callback) {
  state_->on_answer = std::move(callback);
}

base::Result<void> HttpServer::listen(const std::filesystem::path& socket) {
  if (socket.native().size() >= sizeof(sockaddr_un{}.sun_path)) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("{} is too long for a unix socket", socket.native()),
                      "use a --state folder with a path of at most 80 characters");
  }
  std::error_code removed;
  std::filesystem::remove(socket, removed);
  boost::system::error_code error;
  const Protocol::endpoint endpoint(socket.native());
  state_->acceptor.open(endpoint.protocol(), error);
  // Nobody may connect before the mode is set.
  const mode_t before = ::umask(0117);
  if (!error) state_->acceptor.bind(endpoint, error);
  ::umask(before);
  if (!error) state_->acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    return base::fail(base::ErrorKind::io,
                      fmt::format("cannot listen on {}: {}", socket.native(), error.message()));
  }
  state_->path = socket;
  net::awaitable<void> loop = state_->accept_loop();
  net::co_spawn(state_->loop, std::move(loop), [state = state_](std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& reason) {
      state->on_fatal(reason.what());
    }
  });
  return {};
}

void HttpServer::stop() {
  boost::system::error_code ignored;
  if (!state_->acceptor.is_open()) return;
  state_->acceptor.close(ignored);
  std::error_code removed;
  std::filesystem::remove(state_->path, removed);
}

}  // namespace heirloom::daemon
