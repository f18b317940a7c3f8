#include "config/yaml_document.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace heirloom::config {
namespace {

Place place_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

// Leaves the parser at the first thing that is refused. It never leaves this file.
struct Refusal {
  Place place;
  std::string message;
};

// Builds the tree from the parser's events, within the budgets.
class TreeBuilder final : public YAML::EventHandler {
 public:
  const YamlNode& root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      throw Refusal{place_of(mark), "only one document is allowed in a file"};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(YamlNode{YamlNode::Kind::null, place_of(mark), {}, false, {}, {}});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refusal{place_of(mark), "aliases (*name) are not allowed"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    add(YamlNode{YamlNode::Kind::scalar, place_of(mark), value, tag == "!", {}, {}});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::list);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map whose end has not come, and the key that waits for its value.
  struct Frame {
    YamlNode node;
    bool has_key = false;
    YamlKey key;
  };

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw Refusal{place_of(mark), "anchors (&name) are not allowed"};
  }

  // The parser says "?" for plain and "!" for quoted scalars that carry no tag.
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refusal{place_of(mark), "tags (!name) are not allowed"};
    }
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (!open_.empty() && open_.back().node.kind == YamlNode::Kind::map && !open_.back().has_key) {
      throw Refusal{place_of(mark), "a key must be a plain word"};
    }
    if (open_.size() >= kMaxYamlDepth) {
      throw Refusal{place_of(mark), fmt::format("more than {} levels deep", kMaxYamlDepth)};
    }
    count(place_of(mark));
    open_.push_back(Frame{YamlNode{kind, place_of(mark), {}, false, {}, {}}, false, {}});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(node));
  }

  void add(YamlNode node) {
    count(node.place);
    place(std::move(node));
  }

  void count(Place place) {
    if (++nodes_ > kMaxYamlNodes) {
      throw Refusal{place, fmt::format("more than {} values", kMaxYamlNodes)};
    }
  }

  void place(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = open_.back();
    if (frame.node.kind == YamlNode::Kind::list) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      take_key(frame, node);
    } else {
      frame.node.members.emplace_back(std::move(frame.key), std::move(node));
      frame.has_key = false;
    }
  }

  static void take_key(Frame& frame, const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar || node.text.empty()) {
      throw Refusal{node.place, "a key must be a plain word"};
    }
    if (node.text == "<<") throw Refusal{node.place, "merge keys (<<) are not allowed"};
    const auto& members = frame.node.members;
    const auto twice = std::find_if(members.begin(), members.end(), [&](const auto& member) {
      return member.first.text == node.text;
    });
    if (twice != members.end()) {
      throw Refusal{node.place, fmt::format("key `{}` is there twice, first in line {}", node.text,
                                            twice->first.place.line)};
    }
    frame.key = {node.text, node.place};
    frame.has_key = true;
  }

  YamlNode root_;
  std::vector<Frame> open_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

tl::unexpected<base::Error> fail_at(std::string_view origin, Place place, std::string message,
                                    std::string hint) {
  return base::fail(base::ErrorKind::usage,
                    fmt::format("{}:{}:{}: {}", origin, place.line, place.column, message),
                    std::move(hint));
}

base::Result<YamlNode> parse_yaml(std::string_view text, std::string_view origin) {
  if (text.size() > kMaxYamlBytes) {
    return base::fail(base::ErrorKind::usage, fmt::format("{}: has {} bytes, more than {}", origin,
                                                          text.size(), kMaxYamlBytes));
  }
  TreeBuilder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    // Asked twice, never in a loop: there is one document, or one too many.
    if (!parser.HandleNextDocument(builder)) return fail_at(origin, {}, "there is nothing in it");
    if (parser.HandleNextDocument(builder)) {
      return fail_at(origin, {}, "only one document is allowed in a file");
    }
  } catch (const Refusal& refusal) {
    return fail_at(origin, refusal.place, refusal.message);
  } catch (const YAML::Exception& error) {
    return fail_at(origin, place_of(error.mark), fmt::format("not YAML: {}", error.msg));
  }
  return builder.root();
}

}  // namespace heirloom::config
