// What every command is given: where the daemon is, and how to talk to the person or script.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/api_client.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/render/style.h"
#include "core/base/result.h"

namespace heirloom::cli {

enum class OutputForm { table, json };

struct Context {
  std::string socket_path;
  OutputForm output = OutputForm::table;
  Style style;  // of standard output

  bool json() const { return output == OutputForm::json; }

  // A client that gives up on one request after `timeout` seconds, if that is sooner than usual.
  ApiClient client(std::optional<double> timeout = std::nullopt) const;
};

// Data for the user, and nothing else, goes to standard output.
void print(std::string_view data);
// Everything said about the work goes to standard error.
void say(std::string_view line);
// "heirloom: message", and the hint on a line of its own.
void report(const base::Error& error);

// Pushes out what was printed; an error when it did not arrive (a full disk, a closed pipe).
base::Result<void> flush_output();

// The socket to use when none was named: in HEIRLOOM_STATE, else where the package puts it.
std::string default_socket_path();

}  // namespace heirloom::cli
