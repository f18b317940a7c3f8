// Feeds any bytes to every reader of YAML. They must be read or refused in words that stand at a
// place of the file, and comments or other line ends must change neither.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/inbox_yaml.h"
#include "config/policy_yaml.h"
#include "config/settings.h"
#include "core/base/names.h"
#include "core/certificate/protocol.h"
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

// What `read` says of `text`, as a place; nothing when it accepts.
template <typename Read>
Place refusal_of(const Read& read, std::string_view text) {
  const auto result = read(text, kOrigin);
  if (result.has_value()) return {};
  require_readable(result.error());
  const Place place = place_of(result.error().text());
  require_inside(place, text);
  return place;
}

template <typename Read>
void check_reader(const Read& read, const std::string& text) {
  const Place place = refusal_of(read, text);
  if (text.find('\r') == std::string::npos) {
    require(refusal_of(read, with_windows_lines(text)) == place, "line ends change nothing", text);
  }
  // What is wrong with the whole file stands at 1:1, whatever comes first.
  if (place == Place{1, 1}) return;
  Place moved = refusal_of(read, "# a comment\n" + text);
  if (moved.line > 0) --moved.line;
  require(moved == place, "a comment changes nothing", text);
}

void check_gate(const policies::Threshold& gate) {
  const bool at_most = gate.comparison == policies::Comparison::at_most;
  const bool relative = gate.baseline != policies::Baseline::absolute;
  require(std::isfinite(gate.value) && gate.value > 0.0, "a gate has a value");
  require(gate.metric == policies::Metric::acr || gate.value < 1.0, "a share is below 1");
  require(gate.radius >= 0.0 && gate.radius <= 1000.0, "a gate has a radius");
  require(at_most == (gate.metric == policies::Metric::abstain_rate), "a gate has its direction");
  require(!at_most || !relative, "no abstain rate is relative");
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
