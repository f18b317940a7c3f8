// The one way to include Asio: <boost/asio/awaitable.hpp> 1.74 lacks <utility>, which it needs.
#pragma once

#include <utility>

#include <boost/asio.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace heirloom::daemon {

namespace net = boost::asio;

}  // namespace heirloom::daemon
