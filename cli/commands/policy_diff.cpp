// heirloom policy diff: what two policies ask differently, key by key.
#include <map>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/table.h"
#include "cli/render/text.h"
#include "config/yaml_document.h"

namespace heirloom::cli {
namespace {

constexpr std::uint64_t kMaxPolicyBytes = 1 << 20;

struct Options {
  std::string model;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::string file;
};

// "transfer.epochs" to "20". A gate is one entry by its own words, so that moving it is no change.
using Leaves = std::map<std::string, std::string>;

std::string inline_text(const config::YamlNode& node) {
  std::string out;
  if (node.kind == config::YamlNode::Kind::scalar) return node.text;
  const bool is_map = !node.members.empty();
  for (const auto& [key, value] : node.members) {
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", key.text, inline_text(value));
  }
  for (const config::YamlNode& item : node.items) {
    out += fmt::format("{}{}", out.empty() ? "" : ", ", inline_text(item));
  }
  return is_map ? "{" + out + "}" : "[" + out + "]";
}

void collect(const config::YamlNode& node, const std::string& path, Leaves& leaves) {
  for (const auto& [key, value] : node.members) {
    const std::string here = path + key.text;
    if (here == "promote") {
      for (const config::YamlNode& gate : value.items)
        leaves["promote " + inline_text(gate)] = "yes";
    } else if (!value.members.empty()) {
      collect(value, here + ".", leaves);
    } else {
      leaves[here] = inline_text(value);
    }
  }
}

base::Result<Leaves> leaves_of(const std::string& yaml, const std::string& origin) {
  HEIRLOOM_ASSIGN(const config::YamlNode root, config::parse_yaml(yaml, origin));
  Leaves leaves;
  collect(root, "", leaves);
  return leaves;
}

std::string value_in(const Leaves& leaves, const std::string& key) {
  const auto found = leaves.find(key);
  return found == leaves.end() ? std::string() : found->second;
}

Json changes_of(const Leaves& before, const Leaves& after) {
  Leaves all = before;
  all.insert(after.begin(), after.end());
  Json changes = Json::array();
  for (const auto& [key, unused] : all) {
    const std::string was = value_in(before, key);
    const std::string is = value_in(after, key);
    if (was != is) changes.push_back({{"key", key}, {"from", was}, {"to", is}});
  }
  return changes;
}

// The older policy first. With a file it is what applying that file would change.
base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json newer, get_policy(context, options.model, options.to));
  const std::int64_t newest = integer(newer, "version").value_or(1);
  Json older = newer;
  std::string other = text(newer, "text");
  std::string other_name = options.file;
  if (!options.file.empty()) {
    HEIRLOOM_ASSIGN(other, read_named_file(options.file, kMaxPolicyBytes));
  } else {
    if (options.from == 0 && newest == 1) {
      return base::fail(base::ErrorKind::not_found,
                        options.model + " has one policy version and nothing to compare it with",
                        "--file compares it with a file");
    }
    HEIRLOOM_ASSIGN(
        older, get_policy(context, options.model, options.from > 0 ? options.from : newest - 1));
    other_name = fmt::format("version {}", newest);
  }
  HEIRLOOM_ASSIGN(const Leaves before, leaves_of(text(older, "text"), "the stored policy"));
  HEIRLOOM_ASSIGN(const Leaves after, leaves_of(other, other_name));
  const Json changes = changes_of(before, after);
  if (context.json()) {
    print(pretty({{"model", options.model},
                  {"from", field(older, "version")},
                  {"to", other_name},
                  {"changes", changes}}));
    return ExitCode::done;
  }
  std::vector<std::vector<Cell>> rows;
  for (const Json& change : changes) {
    rows.push_back({{printable(text(change, "key"))},
                    {printable(text(change, "from")), Tone::bad},
                    {printable(text(change, "to")), Tone::good}});
  }
  print(render_table({{"KEY"}, {"FROM"}, {"TO"}}, rows, context.style));
  say(fmt::format("{}: version {} to {}: {} {} differ", options.model,
                  integer(older, "version").value_or(0), printable(other_name), changes.size(),
                  changes.size() == 1 ? "key" : "keys"));
  return ExitCode::done;
}

}  // namespace

void add_policy_diff(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "diff", "What two versions of a policy, or a version and a file, ask differently",
      "heirloom policy diff digits --from 1 --to 3\n"
      "  heirloom policy diff digits --file digits.yaml");
  add_model_argument(*command, options->model);
  CLI::Option* from =
      command->add_option("--from", options->from, "The older version (default: the one before)")
          ->check(CLI::PositiveNumber.description(""))
          ->type_name("N");
  command->add_option("--to", options->to, "The newer version (default: the current one)")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("N");
  command->add_option("--file", options->file, "Compare the version of --to with this file instead")
      ->type_name("FILE")
      ->excludes(from);
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
