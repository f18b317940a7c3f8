#include "cli/render/lineage.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "cli/render/format.h"
#include "cli/render/metrics.h"
#include "cli/render/table.h"

namespace heirloom::cli {
namespace {

using Id = std::string;

struct Lines {
  std::string branch, last, pass, blank, champion, continued;
};

Lines lines_of(const Style& style) {
  if (style.unicode) return {"├─ ", "└─ ", "│  ", "   ", " ★", " ↓"};
  return {"|- ", "`- ", "|  ", "   ", " *", " .."};
}

// Levels of indentation before a line of descent starts anew at the margin. It also bounds the
// recursion: a model may have a hundred thousand generations in a row.
std::size_t deepest_level(const Style& style) {
  constexpr std::size_t kColumnsALevel = 3;
  constexpr std::size_t kMostLevels = 12;
  return std::clamp<std::size_t>(style.width / 3 / kColumnsALevel, 2, kMostLevels);
}

class Tree {
 public:
  Tree(const Json& lineage, const Style& style) : lines_(lines_of(style)), style_(style) {
    for (const Json& node : items(lineage, "nodes")) nodes_[text(node, "id")] = &node;
    std::set<Id> taught;
    for (const Json& edge : items(lineage, "edges")) {
      const Id from = text(edge, "from");
      const Id to = text(edge, "to");
      if (nodes_.count(from) == 0 || nodes_.count(to) == 0 || !taught.insert(to).second) continue;
      children_[from].push_back(to);
    }
    radii_ = telling_radii(items(lineage, "nodes"));
    for (const Json& node : items(lineage, "nodes")) {
      if (taught.count(text(node, "id")) == 0) pending_.push_back(text(node, "id"));
    }
  }

  std::string render() {
    while (!pending_.empty()) {
      const Id root = pending_.front();
      pending_.pop_front();
      draw(root, "", "", 0);
    }
    std::vector<Column> columns = {{"GENERATION"}, {"STATE"}, {"VERSION"}, {"KIND", false, 5}};
    for (const std::string& radius : radii_) columns.push_back({"CERT@" + radius, true, 1});
    columns.insert(
        columns.end(),
        {{"ACR", true, 2}, {"CLEAN", true, 3}, {"SNAPSHOT", false, 6}, {"POLICY", true, 7}});
    std::string out = render_table(columns, rows_, style_);
    if (has_champion_)
      out += paint(lines_.champion.substr(1) + " champion", Tone::good, style_) + "\n";
    return out;
  }

 private:
  // `before` is what stands before this node, `below` what stands before its children.
  void draw(const Id& id, const std::string& before, const std::string& below, std::size_t level) {
    const auto found = children_.find(id);
    const bool goes_on = found != children_.end() && level >= deepest_level(style_);
    rows_.push_back(row_of(*nodes_.at(id), before, goes_on));
    if (found == children_.end()) return;
    if (goes_on) {
      pending_.push_back(id);
      return;
    }
    for (const Id& child : found->second) {
      const bool last = child == found->second.back();
      draw(child, below + (last ? lines_.last : lines_.branch),
           below + (last ? lines_.blank : lines_.pass), level + 1);
    }
  }

  std::vector<Cell> row_of(const Json& node, const std::string& before, bool goes_on) {
    const bool champion = flag(node, "champion");
    has_champion_ |= champion;
    const std::string state = text(node, "state");
    std::string name = before + text(node, "id");
    if (champion) name += lines_.champion;
    if (goes_on) name += lines_.continued;
    std::vector<Cell> row = {{name, champion ? Tone::good : Tone::plain},
                             {state, tone_of_state(state)},
                             {version_with_arch(node)},
                             {text(node, "kind")}};
    for (const std::string& radius : radii_) row.push_back({percent(certified_at(node, radius))});
    row.push_back({decimal(metric(node, "acr"))});
    row.push_back({percent(metric(node, "clean_accuracy"))});
    row.push_back({text(node, "snapshot")});
    row.push_back({grouped(integer(node, "policy_version"))});
    return row;
  }

  const Lines lines_;
  const Style style_;
  std::map<Id, const Json*> nodes_;
  std::map<Id, std::vector<Id>> children_;
  std::vector<std::string> radii_;
  std::deque<Id> pending_;  // roots still to draw
  std::vector<std::vector<Cell>> rows_;
  bool has_champion_ = false;
};

}  // namespace

std::string render_lineage(const Json& lineage, const Style& style) {
  return Tree(lineage, style).render();
}

}  // namespace heirloom::cli
