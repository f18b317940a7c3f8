#include "cli/reproduction.h"

#include <fmt/format.h>

#include "cli/context.h"
#include "cli/wait.h"

namespace heirloom::cli {

base::Result<void> reproduce(const ApiClient& client, const std::string& model,
                             const std::string& generation, bundle::Verification& found) {
  HEIRLOOM_ASSIGN(
      Json state,
      client.post(request_target({"v1", "models", model, "generations", generation, "reproduce"}),
                  Json::object()));
  const std::string id = std::to_string(integer(state, "id").value_or(0));
  say(fmt::format("certifying {} {} again (job {})", model, generation, id));
  HEIRLOOM_TRY(wait_until(
      [&]() -> base::Result<bool> {
        HEIRLOOM_ASSIGN(state, client.get(request_target({"v1", "reproductions", id})));
        return text(state, "state") != "running";
      },
      WaitLimits{}));
  if (text(state, "state") == "same") {
    found.checks.push_back(
        fmt::format("certified again, with the same noise: the same counts "
                    "(job {})",
                    id));
  } else {
    found.difference = fmt::format("certified again: {}", text(state, "difference"));
  }
  return {};
}

}  // namespace heirloom::cli
