#include "cli/context.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/render/text.h"

namespace heirloom::cli {

ApiClient Context::client(std::optional<double> timeout) const {
  std::chrono::milliseconds patience = ApiClient::kPatience;
  if (timeout && *timeout * 1000 < static_cast<double>(patience.count())) {
    patience = std::chrono::milliseconds(std::max<long>(1, std::lround(*timeout * 1000)));
  }
  return ApiClient(socket_path, patience);
}

void print(std::string_view data) {
  std::fwrite(data.data(), 1, data.size(), stdout);
}

void say(std::string_view line) {
  // In order with what was printed, where both go to one terminal or file.
  std::fflush(stdout);
  fmt::print(stderr, "heirloom: {}\n", printable(line));
}

void report(const base::Error& error) {
  say(error.message);
  if (!error.hint.empty()) fmt::print(stderr, "  hint: {}\n", printable(error.hint));
}

base::Result<void> flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return base::fail_errno("write to", "standard output", errno);
}

std::string default_socket_path() {
  const char* state = std::getenv("HEIRLOOM_STATE");
  if (state != nullptr && *state != '\0') return std::string(state) + "/heirloom.sock";
  return "/var/lib/heirloom/heirloom.sock";
}

}  // namespace heirloom::cli
