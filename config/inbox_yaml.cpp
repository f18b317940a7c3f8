#include "config/inbox_yaml.h"

#include <utility>

#include <fmt/format.h>

#include "config/arch_yaml.h"
#include "config/yaml_reader.h"
#include "config/yaml_words.h"
#include "core/base/names.h"

namespace heirloom::config {
namespace {

// The rules by which the file is read: `kind` decides, so what is wrong with it comes first. By the
// rules of the wrong kind, every other key would seem to be unknown.
const KeyRule& rules_of(const YamlNode& root, YamlProblem& problem) {
  if (root.kind != YamlNode::Kind::map) return inbox_version_rules();
  for (const auto& [key, value] : root.members) {
    if (key.text != "kind") continue;
    if (value.text == "snapshot") return inbox_snapshot_rules();
    if (value.text != "version") {
      problem.report(value.place,
                     fmt::format("`kind` {}, must be version or snapshot", what_is(value)));
    }
    return inbox_version_rules();
  }
  for (const auto& [key, value] : root.members) {
    const std::string hint = did_you_mean(key.text, {"kind"});
    if (hint.empty()) continue;
    problem.report(key.place, fmt::format("unknown key `{}`", key.text), hint);
  }
  problem.report(root.place, "key `kind` is missing", "version or snapshot");
  return inbox_version_rules();
}

std::string read_name(YamlReader& reader, const char* key, std::string_view what) {
  std::string name = reader.text(key);
  if (const auto named = base::check_name(what, name); !named.has_value()) {
    reader.report(key, named.error().message, named.error().hint);
  }
  return name;
}

std::map<std::string, base::Digest> read_digests(YamlReader& reader) {
  std::map<std::string, base::Digest> digests;
  for (const auto& [key, value] : reader.free_map("sha256")) {
    const auto digest = base::Digest::from_hex(value.text);
    if (!digest.has_value()) {
      reader.problem().report(
          value.place,
          fmt::format("`sha256` of {} must be 64 lower-case hex digits", shortened(key.text)));
    }
    digests[key.text] = digest.value_or(base::Digest{});
  }
  return digests;
}

// What says which file it must be: its hash, and who signed it.
void read_pins(YamlReader& reader, InboxVersion& version) {
  version.sha256 = read_digests(reader);
  if (version.file.empty() && !version.sha256.empty()) {
    reader.report("sha256", "`sha256` means nothing for an architecture without a file");
  }
  if (!version.file.empty() && version.sha256.empty()) {
    reader.report("sha256", "key `sha256` is missing", "SHA-256 of the file, by its path");
  }
  if (reader.has("signature")) version.signature = reader.text("signature");
  if (version.file.empty() && !version.signature.empty()) {
    reader.report("signature", "`signature` means nothing for an architecture without a file");
  }
}

InboxVersion read_version(YamlReader& reader) {
  InboxVersion version;
  reader.word("kind");
  version.model = read_name(reader, "model", "model name");
  version.name = read_name(reader, "name", "version name");
  if (reader.has("arch") == reader.has("torchscript")) {
    reader.report(reader.has("arch") ? "torchscript" : "arch",
                  "a version is either an `arch` or a `torchscript` module");
  }
  for (const char* key : {"torchscript", "weights"}) {
    if (!reader.has(key)) continue;
    if (!version.file.empty()) {
      reader.report(key, "a `torchscript` module brings its own `weights`");
    }
    version.file = reader.text(key);
  }
  read_pins(reader, version);
  if (reader.has("arch")) {
    version.arch = read_arch(reader, "arch");
    return version;
  }
  version.arch.name = std::string(jobs::kTorchScript);
  for (const auto& [key, value] : reader.free_map("set")) {
    version.arch.parameters[key.text] = value.text;
  }
  return version;
}

jobs::DataSource read_source(YamlReader& reader, const char* key, jobs::DataFormat format) {
  jobs::DataSource source{format, reader.one_or_more_texts(key)};
  const std::size_t most = jobs::most_paths(format);
  if (source.paths.size() > most) {
    reader.report(key, fmt::format("`{}` has {} paths, for {} at most {} can be given", key,
                                   source.paths.size(), jobs::to_string(format), most));
  }
  return source;
}

InboxSnapshot read_snapshot(YamlReader& reader) {
  InboxSnapshot snapshot;
  reader.word("kind");
  snapshot.model = read_name(reader, "model", "model name");
  snapshot.name = read_name(reader, "name", "snapshot name");
  const auto format =
      jobs::parse_data_format(reader.word("format")).value_or(jobs::DataFormat::idx);
  snapshot.train = read_source(reader, "train", format);
  snapshot.has_holdout = reader.has("holdout");
  if (snapshot.has_holdout) snapshot.holdout = read_source(reader, "holdout", format);
  snapshot.sha256 = read_digests(reader);
  if (format == jobs::DataFormat::glyphs && !snapshot.sha256.empty()) {
    reader.report("sha256", "`sha256` means nothing for glyphs, which have no files");
  }
  if (format != jobs::DataFormat::glyphs && snapshot.sha256.empty()) {
    reader.report("sha256", "key `sha256` is missing",
                  format == jobs::DataFormat::folder
                      ? "SHA-256 of the manifest of each folder, by the folder's path: docs/data.md"
                      : "SHA-256 of every file, by its path");
  }
  return snapshot;
}

}  // namespace

base::Result<InboxRequest> inbox_from_yaml(std::string_view text, std::string_view origin) {
  HEIRLOOM_ASSIGN(const YamlNode root, parse_yaml(text, origin));
  YamlProblem problem{std::string(origin)};
  const KeyRule& rules = rules_of(root, problem);
  YamlReader reader(root, rules, "", problem);
  if (problem.found()) return tl::unexpected(problem.error());
  InboxRequest request;
  if (&rules == &inbox_snapshot_rules()) {
    request = read_snapshot(reader);
  } else {
    request = read_version(reader);
  }
  reader.done();
  if (problem.found()) return tl::unexpected(problem.error());
  return request;
}

}  // namespace heirloom::config
