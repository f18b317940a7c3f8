#include "config/settings.h"

#include <utility>

#include <fmt/format.h>

#include "config/yaml_reader.h"

namespace heirloom::config {
namespace {

std::chrono::seconds whole_seconds(YamlReader& reader, const char* key) {
  const auto milliseconds = reader.duration(key);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(milliseconds);
  if (seconds != milliseconds) {
    reader.report(key, fmt::format("`{}` must be a number of whole seconds", reader.path_of(key)));
  }
  return seconds;
}

RegistrationSettings read_registration(YamlReader reader, std::string_view origin) {
  RegistrationSettings out;
  out.signatures_required = reader.word("signatures") == "required";
  const YamlNode* written = reader.raw("keys");
  const std::vector<std::string> paths = reader.one_or_more_texts("keys");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const Place place = i < written->items.size() ? written->items[i].place : written->place;
    out.keys.push_back({paths[i], fmt::format("{}:{}:{}", origin, place.line, place.column)});
  }
  if (out.signatures_required && out.keys.empty()) {
    reader.report("signatures", "`registration.signatures` is required, and no key is named",
                  "registration.keys: whose signatures count");
  }
  reader.done();
  return out;
}

// With less, OpenBLAS asks for its buffers again and again and never starts.
constexpr std::uint64_t kLeastMemoryMib = 512;

sandbox::Confinement read_confinement(YamlReader& reader) {
  sandbox::Confinement out;
  out.mode = sandbox::parse_mode(reader.word("sandbox")).value_or(out.mode);
  YamlReader limits = reader.map("limits");
  out.limits = {.memory_mib = limits.natural("memory_mib"),
                .cpu_seconds = limits.natural("cpu_seconds"),
                .open_files = limits.natural("open_files"),
                .file_mib = limits.natural("file_mib")};
  if (out.limits.memory_mib != 0 && out.limits.memory_mib < kLeastMemoryMib) {
    limits.report("memory_mib",
                  fmt::format("`limits.memory_mib` is {}, must be 0 or at least {}",
                              out.limits.memory_mib, kLeastMemoryMib),
                  "a worker takes about 400 MiB to start");
  }
  limits.done();
  return out;
}

}  // namespace

base::Result<Settings> settings_from_yaml(std::string_view text, std::string_view origin) {
  HEIRLOOM_ASSIGN(const YamlNode root, parse_yaml(text, origin));
  YamlProblem problem{std::string(origin)};
  YamlReader reader(root, settings_rules(), "", problem);
  if (problem.found()) return tl::unexpected(problem.error());
  Settings settings;
  settings.max_jobs = reader.small_integer("max_jobs");
  settings.threads = reader.small_integer("threads");
  settings.device = jobs::parse_device(reader.word("device")).value_or(settings.device);
  settings.max_attempts = reader.small_integer("max_attempts");
  settings.retry_delay = whole_seconds(reader, "retry_delay");
  settings.heartbeat_timeout = whole_seconds(reader, "heartbeat_timeout");
  settings.inbox_settle = reader.duration("inbox_settle");
  if (reader.has("worker")) settings.worker = reader.text("worker");
  settings.confinement = read_confinement(reader);
  if (reader.has("signing_key")) settings.signing_key = reader.text("signing_key");
  settings.registration = read_registration(reader.map("registration"), origin);
  reader.done();
  if (problem.found()) return tl::unexpected(problem.error());
  return settings;
}

}  // namespace heirloom::config
