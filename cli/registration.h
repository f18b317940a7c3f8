// What `register` and `data add` have in common: a registration is stored first and then inspected
// by a worker.
#pragma once

#include <optional>
#include <string>

#include "cli/context.h"

namespace heirloom::cli {

struct RegistrationWait {
  bool wait = true;
  std::optional<double> timeout;
};

// Sends `body` and, unless told not to, waits until the registration is inspected. Prints it as it
// then is: registered is done, refused is failed with the worker's reason.
base::Result<ExitCode> register_and_wait(const Context& context, const std::string& target,
                                         const Json& body, const RegistrationWait& wait);

}  // namespace heirloom::cli
