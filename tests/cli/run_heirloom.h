// Runs the real binary as a user would.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace heirloom::cli::test {

struct Outcome {
  int code = -1;
  std::string out;  // standard output
  std::string err;  // standard error
};

struct Surroundings {
  std::map<std::string, std::string> environment;  // besides PATH and a UTF-8 locale
  std::string folder;                              // to run in; empty: this process's
};

// Standard output and error are files, so no terminal.
Outcome run_heirloom(const std::vector<std::string>& arguments, const Surroundings& where = {});

// The same with standard output written to `file`; `out` stays empty.
Outcome run_heirloom_into(const std::string& file, const std::vector<std::string>& arguments,
                          const Surroundings& where);

// Runs it on a terminal of the given size; `out` is everything that appeared there.
Outcome run_heirloom_on_terminal(const std::vector<std::string>& arguments, unsigned short columns,
                                 unsigned short rows);

}  // namespace heirloom::cli::test
