// Feeds any bytes to every reader of YAML. They must be read or refused in words that stand at a
// place of the file, and reading again, comments or other line ends must change neither the values
// nor the place.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/inbox_yaml.h"
#include "config/policy_yaml.h"
#include "config/settings.h"
#include "core/base/names.h"
#include "core/certificate/protocol.h"
#include "core/jobs/setting_list.h"
#include "policies/policy.h"

namespace {

using namespace heirloom;

constexpr std::string_view kOrigin = "f";
constexpr std::size_t kLongestMessage = 1500;

// Always there, unlike assert.
void require(bool holds, const char* what, std::string_view detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s: %.*s\n", what, static_cast<int>(detail.size()),
               detail.data());
  std::abort();
}

struct Place {
  std::size_t line = 0;
  std::size_t column = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

// Takes "12:" from the front of `text`.
std::size_t take_number(std::string_view& text) {
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require(error == std::errc() && number >= 1, "an error has file:line:column", text);
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  require(text.starts_with(':'), "an error has file:line:column", text);
  text.remove_prefix(1);
  return number;
}

Place place_of(std::string_view message) {
  require(message.starts_with("f:"), "an error begins with the file", message);
  message.remove_prefix(2);
  Place place;
  place.line = take_number(message);
  place.column = take_number(message);
  require(message.starts_with(' ') && message.size() > 5, "an error says something", message);
  return place;
}

void require_inside(const Place& place, std::string_view text) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  require(place.line <= lines, "the line is one of the file's");
  for (std::size_t i = 1; i < place.line; ++i) text.remove_prefix(text.find('\n') + 1);
  text = text.substr(0, text.find('\n'));
  require(place.column <= text.size() + 1, "the column is one of the line's");
}

void require_readable(const base::Error& error) {
  const std::string text = error.text();
  require(error.kind == base::ErrorKind::usage || error.kind == base::ErrorKind::unsupported,
          "the fault is the file's", text);
  require(text.size() <= kLongestMessage, "a message is short", text);
  require(std::none_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
          "a message is one line", text);
}

std::string with_windows_lines(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

// Everything that was read, as text.
template <typename Settings>
std::string shown_settings(Settings settings) {
  std::string text;
  jobs::for_each_setting(settings, [&](const char* key, const auto& value, const jobs::Range&) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_enum_v<Value>) {
      text += fmt::format("{} {}; ", key, static_cast<int>(value));
    } else if constexpr (std::is_arithmetic_v<Value>) {
      text += fmt::format("{} {}; ", key, value);
    } else {
      text += fmt::format("{} {}; ", key, fmt::join(value, " "));
    }
  });
  return text;
}

std::string shown(const jobs::ArchSpec& arch) {
  std::string text = arch.name;
  for (const auto& [key, value] : arch.parameters) text += fmt::format(" {}={}", key, value);
  return text;
}

std::string shown(const policies::Policy& policy) {
  const jobs::ModelSpec& model = policy.model;
  const policies::CertifySettings& certify = policy.certify;
  std::string text = fmt::format("{} {} {} {} {} {}; ", model.name, model.input.channels,
                                 model.input.height, model.input.width, model.classes, model.sigma);
  text += shown_settings(policy.bootstrap.settings);
  text += std::visit([](const auto& method) { return shown_settings(method); },
                     policy.bootstrap.method);
  text += shown(policy.bootstrap.architecture.value_or(jobs::ArchSpec{}));
  text += shown_settings(policy.transfer.settings);
  text += fmt::format("{} {}; ", policy.transfer.alpha, static_cast<int>(policy.transfer.match_on));
  text += fmt::format("{} {} {} {} {} {} {} {} {}; ", certify.examples, certify.n0, certify.n,
                      certify.alpha, static_cast<int>(certify.mode), certify.tolerance,
                      certify.grid, static_cast<int>(certify.precision), certify.falsify_examples);
  for (const policies::Threshold& gate : policy.promote) {
    text += fmt::format("{} {} {}; ", gate.text(), gate.value, gate.dry_run);
  }
  return text + fmt::format("{} {} {} {}", policy.confidence, policy.holdout.candidates,
                            policy.holdout.promotions, policy.holdout.risk);
}

std::string shown(const config::Settings& settings) {
  return fmt::format("{} {} {} {} {} {} {} {} {}", settings.max_jobs, settings.threads,
                     static_cast<int>(settings.device), settings.max_attempts,
                     settings.retry_delay.count(), settings.heartbeat_timeout.count(),
                     settings.inbox_settle.count(), settings.worker, settings.signing_key);
}

std::string shown(const std::map<std::string, base::Digest>& digests) {
  std::string text;
  for (const auto& [path, digest] : digests) text += fmt::format("{}={} ", path, digest.hex());
  return text;
}

std::string shown(const config::InboxVersion& version) {
  return fmt::format("{} {} {} {} {}", version.model, version.name, shown(version.arch),
                     version.file, shown(version.sha256));
}

std::string shown(const config::InboxSnapshot& snapshot) {
  return fmt::format("{} {} {} {} {} {} {}", snapshot.model, snapshot.name,
                     static_cast<int>(snapshot.train.format), fmt::join(snapshot.train.paths, " "),
                     snapshot.has_holdout, fmt::join(snapshot.holdout.paths, " "),
                     shown(snapshot.sha256));
}

std::string shown(const config::InboxRequest& request) {
  return std::visit([](const auto& value) { return shown(value); }, request);
}

// Where a text is refused, or what is read from it.
struct Outcome {
  Place place;
  std::string value;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

template <typename Read>
Outcome outcome_of(const Read& read, std::string_view text) {
  const auto result = read(text, kOrigin);
  if (result.has_value()) return {{}, shown(*result)};
  require_readable(result.error());
  const Place place = place_of(result.error().text());
  require_inside(place, text);
  return {place, {}};
}

template <typename Read>
void check_reader(const Read& read, const std::string& text) {
  const Outcome outcome = outcome_of(read, text);
  require(outcome_of(read, text) == outcome, "reading again changes nothing", text);
  if (text.find('\r') == std::string::npos) {
    require(outcome_of(read, with_windows_lines(text)) == outcome, "line ends change nothing",
            text);
  }
  // What is wrong with the whole file stands at 1:1, whatever comes first.
  if (outcome.place == Place{1, 1}) return;
  Outcome moved = outcome_of(read, "# a comment\n" + text);
  if (moved.place.line > 0) --moved.place.line;
  require(moved == outcome, "a comment changes nothing", text);
}

void check_gate(const policies::Threshold& gate) {
  using policies::Metric;
  require(std::isfinite(gate.value) && gate.value > 0.0, "a gate has a value");
  require(gate.radius >= 0.0 && gate.radius <= 1000.0, "a gate has a radius");
  const bool is_accuracy = gate.metric == Metric::certified_accuracy ||
                           gate.metric == Metric::clean_accuracy ||
                           gate.metric == Metric::per_class_certified_accuracy;
  if (!is_accuracy) return;
  require(gate.value < 1.0, "a share is below 1");
  require(gate.comparison == policies::Comparison::at_least, "an accuracy must be high");
}

void check_policy(std::string_view text) {
  const auto policy = config::policy_from_yaml(text, kOrigin);
  if (!policy) return;
  require(base::check_name("model", policy->model.name).has_value(), "a model has a name");
  require(policy->model.sigma > 0.0 && policy->model.classes >= 2, "a model can be smoothed");
  const policies::CertifySettings& certify = policy->certify;
  require(certify.alpha > 0.0 && certify.alpha < 0.5 && certify.n >= 1, "it can be certified");
  require(policy->holdout.promotions <= policy->holdout.candidates, "the ledger can be kept");
  require(std::any_of(policy->promote.begin(), policy->promote.end(),
                      [](const auto& gate) { return !gate.dry_run; }),
          "a gate binds");
  for (const policies::Threshold& gate : policy->promote) check_gate(gate);
  // policies::check is left out: it searches for seconds where a gate asks for millions of
  // examples.
  const auto protocol = policies::protocol_terms(certify, policy->promote, policy->model.sigma);
  const double ceiling = certificate::radius_ceiling(protocol);
  require(std::isfinite(ceiling) && ceiling >= 0.0, "a certificate has a ceiling");
}

void check_inbox(std::string_view text) {
  const auto request = config::inbox_from_yaml(text, kOrigin);
  if (!request) return;
  if (const auto* version = std::get_if<config::InboxVersion>(&*request)) {
    require(base::check_name("version", version->name).has_value(), "a version has a name");
    require(!version->arch.name.empty(), "a version has an architecture");
    require(version->file.empty() == version->sha256.empty(), "a file has its hash");
    return;
  }
  const auto& snapshot = std::get<config::InboxSnapshot>(*request);
  const bool has_files = snapshot.train.format != jobs::DataFormat::glyphs;
  require(base::check_name("snapshot", snapshot.name).has_value(), "a snapshot has a name");
  require(!snapshot.train.paths.empty(), "a snapshot has data");
  require(has_files == !snapshot.sha256.empty(), "files have their hashes");
}

void check_settings(std::string_view text) {
  const auto settings = config::settings_from_yaml(text, kOrigin);
  if (!settings) return;
  require(settings->max_jobs >= 1 && settings->max_jobs <= 64, "max_jobs is in its range");
  require(settings->heartbeat_timeout >= std::chrono::seconds(1), "a worker has a second");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check_reader(config::policy_from_yaml, text);
  check_reader(config::settings_from_yaml, text);
  check_reader(config::inbox_from_yaml, text);
  check_policy(text);
  check_settings(text);
  check_inbox(text);
  return 0;
}
