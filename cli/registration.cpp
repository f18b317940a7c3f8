#include "cli/registration.h"

#include <fmt/format.h>

#include "cli/terminal.h"
#include "cli/wait.h"

namespace heirloom::cli {
namespace {

bool is_inspecting(const Json& registration) {
  return text(registration, "state") == "inspecting";
}

std::string described(const Json& registration) {
  return fmt::format("{} {} of {}", text(registration, "kind"), text(registration, "name"),
                     text(registration, "model"));
}

base::Error refusal(const Json& registration) {
  const Json& error = field(registration, "error");
  return {base::ErrorKind::bad_data,
          fmt::format("{} was refused: {}", described(registration), text(error, "message")),
          text(error, "hint")};
}

void show(const Context& context, const Json& registration) {
  if (context.json()) return print(pretty(registration));
  const std::string state = text(registration, "state");
  if (state == "refused") return;  // the reason follows on standard error
  const std::string key = text(field(registration, "signature"), "key");
  print(fmt::format("{}: {}{}\n", described(registration),
                    paint(state, tone_of_state(state), context.style),
                    key.empty() ? "" : fmt::format(", signed by key {:.12}", key)));
}

}  // namespace

base::Result<ExitCode> register_and_wait(const Context& context, const std::string& target,
                                         const Json& body, const RegistrationWait& wait) {
  const ApiClient client = context.client(wait.timeout);
  HEIRLOOM_ASSIGN(Json registration, client.post(target, body));
  const auto id = integer(registration, "id");
  if (wait.wait && is_inspecting(registration)) {
    if (!id) return base::fail(base::ErrorKind::bad_data, "the daemon's answer has no id");
    if (stderr_is_terminal()) say("a worker inspects " + described(registration) + " ...");
    const std::string where = request_target({"v1", "registrations", std::to_string(*id)});
    const auto look = [&]() -> base::Result<bool> {
      HEIRLOOM_ASSIGN(registration, client.get(where));
      return !is_inspecting(registration);
    };
    WaitLimits limits;
    limits.timeout = wait.timeout;
    HEIRLOOM_ASSIGN(const Waited waited, wait_until(look, limits));
    if (waited == Waited::timed_out) {
      show(context, registration);
      report({base::ErrorKind::unavailable,
              fmt::format("{} is still being inspected after {:g} s", described(registration),
                          *wait.timeout),
              fmt::format("heirloom status {} shows how it goes on", text(registration, "model"))});
      return ExitCode::failed;
    }
  }
  show(context, registration);
  if (text(registration, "state") != "refused") return ExitCode::done;
  report(refusal(registration));
  return ExitCode::failed;
}

}  // namespace heirloom::cli
