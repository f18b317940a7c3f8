// HTTP/1.1 over a unix socket (Boost.Beast). Reads a request, hands it to the router, writes the
// answer; one coroutine a connection, all on the loop thread. The only folder that includes Beast.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "daemon/async/asio.h"
#include "daemon/http/router.h"

namespace heirloom::daemon {

class HttpServer {
 public:
  // `router` outlives the server. `on_fatal` is called with the words of an exception that a
  // handler threw (a DatabaseFailure): the process must end.
  HttpServer(net::io_context& loop, const Router& router,
             std::function<void(std::string)> on_fatal);
  ~HttpServer();
  // Called with the status of every answer, before it is sent.
  void on_answer(std::function<void(int)> callback);

  // Replaces a stale socket file; the state folder's lock says that no other daemon listens there.
  base::Result<void> listen(const std::filesystem::path& socket);
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace heirloom::daemon
