// A block of lines that is redrawn in place on a terminal.
#pragma once

#include <cstddef>
#include <string>

namespace heirloom::cli {

class LiveScreen {
 public:
  // Replaces what was drawn before by `block`: whole lines, none wider than the terminal. Of a
  // block higher than the terminal (`rows`; 0 when unknown) the start is shown, since a cursor
  // cannot go back to lines that have scrolled away.
  void draw(const std::string& block, std::size_t rows);

 private:
  std::size_t drawn_ = 0;  // lines on the screen
};

}  // namespace heirloom::cli
