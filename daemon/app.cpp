#include "daemon/app.h"

#include <csignal>
#include <memory>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "config/settings.h"
#include "core/base/clock.h"
#include "core/base/files.h"
#include "core/base/key_files.h"
#include "core/base/signing.h"
#include "core/base/version.h"
#include "daemon/async/asio.h"
#include "daemon/audit_monitor.h"
#include "daemon/http/handlers.h"
#include "daemon/http/server.h"
#include "daemon/inbox/folder_watch.h"
#include "daemon/inbox/inbox.h"
#include "daemon/pipeline/pipeline.h"
#include "daemon/runner/local_runner.h"
#include "daemon/service_manager.h"
#include "daemon/signers.h"
#include "daemon/state_folder.h"
#include "daemon/views/views.h"
#include "registry/registry.h"

namespace heirloom::daemon {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 256 * 1024;
constexpr auto kPollPeriod = std::chrono::milliseconds(500);
// Long enough for a worker to finish its step and write a checkpoint.
constexpr auto kStopDeadline = std::chrono::seconds(20);
// The audit takes the loop for so long at a time, and less of it while workers run.
constexpr auto kAuditSlice = std::chrono::milliseconds(2);
constexpr auto kAuditPause = std::chrono::milliseconds(2);
constexpr auto kAuditPauseWhenBusy = std::chrono::milliseconds(100);
constexpr auto kAuditPeriod = std::chrono::hours(24);

base::Result<config::Settings> load_settings(const Options& options) {
  if (options.config.empty()) return config::Settings{};
  HEIRLOOM_ASSIGN(const std::string text, base::read_file(options.config, kMaxConfigBytes));
  HEIRLOOM_ASSIGN(config::Settings settings,
                  config::settings_from_yaml(text, options.config.native()));
  spdlog::info("settings from {} (SHA-256 {:.12})", options.config.native(),
               base::sha256(text).hex());
  return settings;
}

base::Result<std::unique_ptr<const base::SigningKey>> load_signing_key(
    const config::Settings& settings) {
  if (settings.signing_key.empty()) return std::unique_ptr<const base::SigningKey>();
  HEIRLOOM_ASSIGN(base::SigningKey key, base::read_signing_key(settings.signing_key));
  spdlog::info("signing with key {:.12}", key.public_key().id());
  return std::make_unique<const base::SigningKey>(std::move(key));
}

base::Result<std::filesystem::path> find_worker(const Options& options,
                                                const config::Settings& settings) {
  const std::filesystem::path path = settings.worker.empty()
                                         ? options.program.parent_path() / "heirloom-worker"
                                         : std::filesystem::path(settings.worker);
  if (::access(path.c_str(), X_OK) != 0) {
    return base::fail(base::ErrorKind::not_found,
                      fmt::format("there is no worker program at {}", path.native()),
                      "set `worker:` in the settings to the path of heirloom-worker");
  }
  return path;
}

// The settings and the keys and programs that they name: all of it can be read, or none is taken.
struct Configuration {
  config::Settings settings;
  std::filesystem::path worker;
  std::unique_ptr<const base::SigningKey> signing_key;
  Signers signers;
};

base::Result<Configuration> load_configuration(const Options& options) {
  Configuration out;
  HEIRLOOM_ASSIGN(out.settings, load_settings(options));
  HEIRLOOM_ASSIGN(out.worker, find_worker(options, out.settings));
  HEIRLOOM_ASSIGN(out.signing_key, load_signing_key(out.settings));
  HEIRLOOM_ASSIGN(out.signers, load_signers(out.settings.registration));
  return out;
}

// What confines the workers, looked at once: it does not change while the machine runs.
Json look_at_sandbox(const sandbox::Confinement& confinement) {
  const Json view = sandbox_view(confinement, sandbox::available_layers());
  const bool whole = view["missing"].is_null();
  spdlog::log(whole ? spdlog::level::info : spdlog::level::warn, "sandbox of workers: {}",
              view.dump());
  return view;
}

// Everything that lives as long as the daemon, in the order it is built.
class App {
 public:
  App(StateFolder state, const Options& options, Configuration configuration,
      std::unique_ptr<registry::Registry> registry, base::SystemClock& clock)
      : options_(options),
        state_(std::move(state)),
        settings_(std::move(configuration.settings)),
        registry_(std::move(registry)),
        signing_key_(std::move(configuration.signing_key)),
        signers_(std::move(configuration.signers)),
        runner_(loop_, std::move(configuration.worker), settings_.confinement),
        pipeline_(*registry_, runner_, state_, settings_, signers_, clock,
                  [this](std::chrono::milliseconds delay) { wake_after(delay); }),
        predictions_(*registry_, runner_, state_, settings_, clock),
        inbox_(*registry_, state_, signers_),
        audit_(*registry_, state_.root() / "registry.check", [this] { audit_after({}); }),
        api_{*registry_,
             pipeline_,
             predictions_,
             state_,
             signers_,
             registry_->now(),
             [this] { wake_after({}); },
             &audit_,
             signing_key_.get(),
             look_at_sandbox(settings_.confinement),
             [this] { return reload(); },
             &metrics_},
        server_(loop_, router_, [this](std::string reason) { stop_now(std::move(reason)); }) {}

  base::Result<int> run() {
    add_read_routes(router_, api_);
    add_audit_routes(router_, api_);
    add_write_routes(router_, api_);
    add_bundle_routes(router_, api_);
    add_champion_routes(router_, api_);
    add_housekeeping_routes(router_, api_);
    add_policy_routes(router_, api_);
    add_drift_routes(router_, api_);
    add_control_routes(router_, api_);
    add_prediction_routes(router_, api_);
    HEIRLOOM_ASSIGN(const auto watch,
                    FolderWatch::start(loop_, state_.inbox(), [this] { settle_inbox(); }));
    pipeline_.sign_with(api_.signing_key);
    pipeline_.count_in(&metrics_);
    server_.on_answer([this](int status) { metrics_.request_answered(status); });
    metrics_.settings_reloaded(true, std::chrono::system_clock::now());
    pipeline_.recover();
    HEIRLOOM_TRY(server_.listen(state_.socket()));
    spdlog::info("listening on {}", state_.socket().native());
    wait_for_signals();
    inbox_.scan();
    settle_inbox();
    wake_after({});
    audit_.begin(/*asked=*/false);
    notify_ready("listening on " + state_.socket().native());
    if (const auto period = watchdog_period()) stay_alive(*period);
    loop_.run();
    return failure_.empty() ? 0 : 1;
  }

 private:
  // One turn of the pipeline after `delay`. Turns that are asked for twice run twice: they are
  // idempotent.
  void wake_after(std::chrono::milliseconds delay) {
    auto timer = std::make_shared<net::steady_timer>(loop_, delay);
    timer->async_wait([this, timer](const boost::system::error_code& error) {
      if (error) return;
      step();
    });
  }

  void step() {
    const auto start = std::chrono::steady_clock::now();
    pipeline_.step();
    metrics_.turn_taken(std::chrono::steady_clock::now() - start);
    inbox_.sweep_refused();
    if (busy() && !polling_) poll_later();
  }

  bool busy() const { return pipeline_.busy() || predictions_.busy(); }

  void poll_later() {
    polling_ = true;
    poll_timer_.expires_after(kPollPeriod);
    poll_timer_.async_wait([this](const boost::system::error_code& error) {
      polling_ = false;
      if (error) return;
      pipeline_.poll();
      predictions_.poll();
      // A worker's end steps the pipeline by itself, without sweeping.
      inbox_.sweep_refused();
      if (busy()) poll_later();
    });
  }

  // Short slices of the audit until it is done, and all of it again a day later.
  void audit_after(std::chrono::milliseconds delay) {
    audit_timer_.expires_after(delay);
    audit_timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;  // another wait took its place
      const auto until = std::chrono::steady_clock::now() + kAuditSlice;
      AuditMonitor::Step step = AuditMonitor::Step::more;
      while (step == AuditMonitor::Step::more && std::chrono::steady_clock::now() < until) {
        step = audit_.step();
      }
      if (step == AuditMonitor::Step::done) {
        audit_again();
        return;
      }
      const bool yield = step == AuditMonitor::Step::wait || (busy() && !audit_.asked());
      audit_after(yield ? kAuditPauseWhenBusy : kAuditPause);
    });
  }

  void audit_again() {
    audit_timer_.expires_after(kAuditPeriod);
    audit_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) audit_.begin(/*asked=*/false);
    });
  }

  void settle_inbox() {
    settle_timer_.expires_after(settings_.inbox_settle);
    settle_timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;  // a newer event started the period again
      const Inbox::Scan scan = inbox_.scan();
      if (scan.changed) wake_after({});
      if (scan.unsettled) settle_inbox();
    });
  }

  void wait_for_signals() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;
      if (number != SIGHUP) return drain(number);
      // The error is in the log; what is in force stays.
      static_cast<void>(reload());
      wait_for_signals();
    });
  }

  // All of the settings again, or, on any error, none: then the old ones stay in force. Jobs that
  // run keep what they were started with.
  base::Result<void> reload() {
    notify_reloading();
    const base::Result<void> reloaded = take_configuration();
    metrics_.settings_reloaded(reloaded.has_value(), std::chrono::system_clock::now());
    notify_ready(reloaded ? "the settings were reloaded" : "the settings were not reloaded");
    return reloaded;
  }

  base::Result<void> take_configuration() {
    auto read = load_configuration(options_);
    if (!read) {
      spdlog::error("the settings were not reloaded: {}", read.error().text());
      return tl::unexpected(read.error());
    }
    settings_ = std::move(read->settings);
    signers_ = std::move(read->signers);
    signing_key_ = std::move(read->signing_key);
    api_.signing_key = signing_key_.get();
    pipeline_.sign_with(signing_key_.get());
    runner_.use(std::move(read->worker), settings_.confinement);
    api_.sandbox = look_at_sandbox(settings_.confinement);
    spdlog::info("the settings were reloaded");
    wake_after({});
    return {};
  }

  // A sign of life for the service manager, from the loop itself and after the registry has
  // answered: a daemon that hangs, or whose database fails, gives none.
  void stay_alive(std::chrono::milliseconds period) {
    watchdog_timer_.expires_after(period);
    watchdog_timer_.async_wait([this, period](const boost::system::error_code& error) {
      if (error) return;
      static_cast<void>(registry_->models.all());
      notify_alive();
      stay_alive(period);
    });
  }

  void drain(int signal) {
    spdlog::info("signal {}: stopping", signal);
    notify_stopping("workers are leaving their checkpoints");
    server_.stop();
    pipeline_.stop();
    predictions_.stop();
    stop_timer_.expires_after(kStopDeadline);
    stop_timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      spdlog::warn("workers did not stop in {} s; killing them", kStopDeadline.count());
      pipeline_.kill_workers();
      loop_.stop();
    });
    stop_when_idle();
  }

  void stop_when_idle() {
    if (!pipeline_.busy()) {
      loop_.stop();
      return;
    }
    poll_timer_.expires_after(std::chrono::milliseconds(50));
    poll_timer_.async_wait([this](const boost::system::error_code&) { stop_when_idle(); });
  }

  void stop_now(std::string reason) {
    failure_ = std::move(reason);
    spdlog::critical("{}", failure_);
    loop_.stop();
  }

  net::io_context loop_{1};
  const Options& options_;
  StateFolder state_;
  config::Settings settings_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<const base::SigningKey> signing_key_;
  Signers signers_;
  LocalRunner runner_;
  Pipeline pipeline_;
  Predictions predictions_;
  Inbox inbox_;
  Metrics metrics_;
  AuditMonitor audit_;
  Router router_;
  ApiContext api_;
  HttpServer server_;
  net::signal_set signals_{loop_, SIGTERM, SIGINT, SIGHUP};
  net::steady_timer poll_timer_{loop_};
  net::steady_timer settle_timer_{loop_};
  net::steady_timer stop_timer_{loop_};
  net::steady_timer audit_timer_{loop_};
  net::steady_timer watchdog_timer_{loop_};
  bool polling_ = false;
  std::string failure_;
};

}  // namespace

base::Result<int> run(const Options& options) {
  spdlog::info("heirloomd {} ({})", base::version(), base::git_revision());
  HEIRLOOM_ASSIGN(Configuration configuration, load_configuration(options));
  HEIRLOOM_ASSIGN(StateFolder state, StateFolder::open(options.state));
  base::SystemClock clock;
  HEIRLOOM_ASSIGN(auto registry, registry::Registry::open(state.root(), clock));
  spdlog::info("registry {} epoch {}", (state.root() / "registry.db").native(), registry->epoch());
  App app(std::move(state), options, std::move(configuration), std::move(registry), clock);
  return app.run();
}

}  // namespace heirloom::daemon
