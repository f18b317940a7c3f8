#include "cli/api_client.h"

// Boost 1.74's awaitable.hpp uses std::exchange without including this.
#include <utility>

#include <cerrno>
#include <cstdint>

#include <fmt/format.h>
#include <sys/un.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "core/base/version.h"

namespace heirloom::cli {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
using base::ErrorKind;
using boost::system::error_code;

constexpr std::chrono::seconds kConnectPatience{5};
constexpr std::uint64_t kMaxAnswerBytes = 256ULL << 20;

// The socket and everything that lives as long as one request. Beast's deadlines work on
// asynchronous operations only, so each step starts one and runs the loop until it has ended.
class Exchange {
 public:
  Exchange(const std::string& socket_path, std::chrono::milliseconds patience)
      : endpoint_(socket_path), stream_(loop_), patience_(patience) {
    parser_.body_limit(kMaxAnswerBytes);
  }

  error_code connect() {
    stream_.expires_after(kConnectPatience);
    return finish([this](auto done) { stream_.async_connect(endpoint_, done); });
  }

  error_code send(http::request<http::string_body>& request) {
    stream_.expires_after(patience_);
    return finish([&](auto done) {
      http::async_write(stream_, request, [done](error_code error, std::size_t) { done(error); });
    });
  }

  error_code receive() {
    stream_.expires_after(patience_);
    return finish([this](auto done) {
      http::async_read(stream_, buffer_, parser_,
                       [done](error_code error, std::size_t) { done(error); });
    });
  }

  const http::response<http::string_body>& answer() const { return parser_.get(); }

 private:
  template <typename Start>
  error_code finish(const Start& start) {
    error_code result;
    start([&result](error_code error) { result = error; });
    loop_.restart();
    loop_.run();
    return result;
  }

  net::io_context loop_{1};
  net::local::stream_protocol::endpoint endpoint_;
  beast::basic_stream<net::local::stream_protocol> stream_;
  std::chrono::milliseconds patience_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

tl::unexpected<base::Error> unreachable(const std::string& path, const error_code& error) {
  std::string hint =
      "start it with heirloomd --state DIR, or name its socket with --socket or HEIRLOOM_SOCKET";
  if (error == boost::system::errc::permission_denied) {
    hint = "the socket is open to its owner and group only: act as a member of that group";
  }
  return base::fail(ErrorKind::unavailable,
                    fmt::format("no daemon answers at {}: {}", path, error.message()), hint);
}

tl::unexpected<base::Error> broken_off(const std::string& path, const error_code& error,
                                       std::chrono::milliseconds patience) {
  if (error == http::error::body_limit) {
    return base::fail(ErrorKind::bad_data, "the daemon's answer is too large");
  }
  const std::string what =
      error == beast::error::timeout
          ? fmt::format("did not answer within {} s", static_cast<double>(patience.count()) / 1000)
          : fmt::format("broke off before it had answered: {}", error.message());
  return base::fail(ErrorKind::unavailable, fmt::format("the daemon at {} {}", path, what),
                    "what was asked may have been done all the same: see heirloom status");
}

// For an answer whose body is not the API's error form: a proxy, or another version.
ErrorKind kind_of_status(unsigned status) {
  switch (status) {
    case 400:
      return ErrorKind::usage;
    case 404:
      return ErrorKind::not_found;
    case 409:
      return ErrorKind::conflict;
    case 422:
      return ErrorKind::bad_data;
    case 501:
      return ErrorKind::unsupported;
    case 503:
      return ErrorKind::unavailable;
    default:
      return ErrorKind::internal;
  }
}

base::Result<Json> read_answer(const http::response<http::string_body>& answer,
                               const std::string& path, std::string_view target) {
  Json body = Json::parse(answer.body(), nullptr, /*allow_exceptions=*/false);
  const unsigned status = answer.result_int();
  if (status >= 200 && status < 300) {
    if (!body.is_discarded()) return body;
    return base::fail(ErrorKind::bad_data,
                      fmt::format("the answer from {} is not JSON: is that heirloomd?", path));
  }
  const Json& error = field(body, "error");
  std::string message = text(error, "message");
  if (message.empty()) message = fmt::format("the daemon answered {} to {}", status, target);
  return base::fail(error_kind(text(error, "kind"), kind_of_status(status)), std::move(message),
                    text(error, "hint"));
}

base::Result<Json> perform(http::request<http::string_body> request, const std::string& path,
                           std::chrono::milliseconds patience) {
  // Asio throws for a path that does not fit into a socket's address.
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return base::fail(ErrorKind::usage, fmt::format("\"{}\" cannot be a unix socket's path", path),
                      fmt::format("1 to {} bytes", sizeof(sockaddr_un::sun_path) - 1));
  }
  request.set(http::field::host, "heirloom");
  request.set(http::field::accept, "application/json");
  request.set(http::field::user_agent, fmt::format("heirloom/{}", base::version()));
  request.keep_alive(false);

  Exchange exchange(path, patience);
  if (const error_code error = exchange.connect()) return unreachable(path, error);
  if (const error_code error = exchange.send(request)) return broken_off(path, error, patience);
  if (const error_code error = exchange.receive()) return broken_off(path, error, patience);
  const auto target = request.target();
  return read_answer(exchange.answer(), path, std::string_view(target.data(), target.size()));
}

void append_encoded(std::string& out, std::string_view part) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (const char c : part) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

}  // namespace

std::string request_target(std::initializer_list<std::string_view> segments,
                           const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string target;
  for (const std::string_view segment : segments) {
    target += '/';
    append_encoded(target, segment);
  }
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    target += separator;
    append_encoded(target, name);
    target += '=';
    append_encoded(target, value);
    separator = '&';
  }
  return target;
}

ErrorKind error_kind(std::string_view word, ErrorKind otherwise) {
  for (const ErrorKind kind :
       {ErrorKind::usage, ErrorKind::not_found, ErrorKind::conflict, ErrorKind::bad_data,
        ErrorKind::numerical, ErrorKind::io, ErrorKind::unsupported, ErrorKind::unavailable,
        ErrorKind::tampered, ErrorKind::internal}) {
    if (base::to_string(kind) == word) return kind;
  }
  return otherwise;
}

ApiClient::ApiClient(std::string socket_path, std::chrono::milliseconds patience)
    : socket_path_(std::move(socket_path)), patience_(patience) {}

base::Result<Json> ApiClient::get(const std::string& target) const {
  return perform(http::request<http::string_body>(http::verb::get, target, 11), socket_path_,
                 patience_);
}

base::Result<Json> ApiClient::post(const std::string& target, const Json& body) const {
  http::request<http::string_body> request(http::verb::post, target, 11);
  request.set(http::field::content_type, "application/json");
  request.body() = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  request.prepare_payload();
  return perform(std::move(request), socket_path_, patience_);
}

}  // namespace heirloom::cli
