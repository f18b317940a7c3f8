#include "cli/live_screen.h"

#include <fmt/format.h>

#include "cli/context.h"

namespace heirloom::cli {

void LiveScreen::draw(const std::string& block, std::size_t rows) {
  std::string shown;
  std::size_t lines = 0;
  for (std::size_t at = 0; at < block.size();) {
    if (rows > 1 && lines + 1 >= rows) break;  // the cursor stands on a line of its own
    const std::size_t end = block.find('\n', at);
    const std::size_t next = end == std::string::npos ? block.size() : end + 1;
    shown += block.substr(at, next - at);
    at = next;
    ++lines;
  }
  std::string out;
  if (drawn_ > 0) out = fmt::format("\x1b[{}A\x1b[J", drawn_);
  print(out + shown);
  drawn_ = lines;
}

}  // namespace heirloom::cli
