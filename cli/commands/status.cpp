// heirloom status: one screen, once or as it changes.
#include "cli/render/status.h"

#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/live_screen.h"
#include "cli/render/changes.h"
#include "cli/render/text.h"
#include "cli/terminal.h"
#include "cli/wait.h"

namespace heirloom::cli {
namespace {

struct Options {
  std::string model;  // empty: all
  bool watch = false;
  std::optional<double> timeout;
};

base::Result<Json> ask(const Options& options, const ApiClient& client) {
  HEIRLOOM_ASSIGN(Json status,
                  client.get(request_target({"v1", "status"}, {{"model", options.model}})));
  if (!options.model.empty() && items(status, "models").empty()) {
    return base::fail(base::ErrorKind::not_found,
                      fmt::format("there is no model \"{}\"", options.model),
                      "heirloom status lists the models");
  }
  return status;
}

// How registrations ended that are no longer inspected: a refused one leaves no other trace here.
std::vector<std::string> endings(const ApiClient& client, const Json& before, const Json& now) {
  std::vector<std::string> lines;
  for (const std::int64_t id : ended_registrations(before, now)) {
    const auto registration =
        client.get(request_target({"v1", "registrations", std::to_string(id)}));
    if (!registration.has_value()) continue;  // the picture itself does not depend on it
    std::string line =
        fmt::format("{}: {} {} {}", text(*registration, "model"), text(*registration, "kind"),
                    text(*registration, "name"), text(*registration, "state"));
    const std::string why = text(field(*registration, "error"), "message");
    if (!why.empty()) line += ": " + why;
    lines.push_back(printable(line));
  }
  return lines;
}

// The last verdict's exit code. Nothing judged yet is no failure: there is nothing to wait for.
ExitCode verdict_code(const Json& status) {
  const Json& models = items(status, "models");
  const Json& verdict = models.empty() ? Json() : field(models.front(), "last_verdict");
  if (verdict.is_object()) return exit_code_for_verdict(text(verdict, "verdict"));
  say("nothing has been judged yet");
  return ExitCode::done;
}

class Watch {
 public:
  Watch(const Options& options, const Context& context)
      : options_(options), context_(context), client_(context.client(options.timeout)) {}

  base::Result<ExitCode> run() {
    WaitLimits limits;
    limits.timeout = options_.timeout;
    HEIRLOOM_ASSIGN(const Waited waited, wait_until([this] { return look(); }, limits));
    if (context_.json()) print(pretty(last_));
    if (waited == Waited::timed_out) {
      report({base::ErrorKind::unavailable,
              fmt::format("there is still work after {:g} s", *options_.timeout),
              "it goes on: watch again, or give it a longer --timeout"});
      return ExitCode::failed;
    }
    return options_.model.empty() ? ExitCode::done : verdict_code(last_);
  }

 private:
  base::Result<bool> look() {
    HEIRLOOM_ASSIGN(Json now, ask(options_, client_));
    if (!context_.json()) show(now);
    last_ = std::move(now);
    return !is_busy(last_);
  }

  void show(const Json& now) {
    const std::vector<std::string> ended = endings(client_, last_, now);
    if (stdout_is_terminal()) {
      ended_.insert(ended_.end(), ended.begin(), ended.end());
      redraw(now);
    } else {
      for (const std::string& line : ended) print(line + "\n");
      for (const std::string& line : status_changes(last_, now)) print(line + "\n");
    }
    static_cast<void>(flush_output());  // reported at the end, with all that was printed
  }

  void redraw(const Json& now) {
    Style style = context_.style;
    style.width = style_of_stdout(/*no_color=*/false).width;  // it may have been resized
    std::string block = render_status(now, style);
    for (const std::string& line : ended_) block += clip(line, style.width, style) + "\n";
    screen_.draw(block, terminal_rows());
  }

  const Options& options_;
  const Context& context_;
  const ApiClient client_;
  LiveScreen screen_;
  std::vector<std::string> ended_;  // registrations, while this was watched on a terminal
  Json last_;
};

base::Result<ExitCode> run(const Options& options, const Context& context) {
  if (options.watch) return Watch(options, context).run();
  HEIRLOOM_ASSIGN(const Json status, ask(options, context.client()));
  print(context.json() ? pretty(status) : render_status(status, context.style));
  return ExitCode::done;
}

}  // namespace

void add_status(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "status", "Champion, work in progress, queue, last verdict and holdout budget",
      "heirloom status digits --watch --timeout 3600\n\n"
      "With --watch and a MODEL the exit code is the last verdict's: 0 promoted, 3 rejected,\n"
      "4 held, 1 failed.");
  add_model_argument(*command, options->model, /*required=*/false);
  CLI::Option* watch = command->add_flag("--watch", options->watch,
                                         "Follow it until nothing runs, waits or is inspected");
  add_timeout_option(*command, options->timeout);
  command->get_option("--timeout")->needs(watch);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
