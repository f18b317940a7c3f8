#include "config/yaml_document.h"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "config/yaml_form.h"
#include "config/yaml_source.h"
#include "config/yaml_words.h"

namespace heirloom::config {
namespace {

constexpr std::string_view kIndentation = "this does not fit the indentation of the lines before";
constexpr std::string_view kSameColumn =
    "keys of one map begin in the same column, and so do dashes";

// Thrown within this file only.
struct Stop {
  Place place;
  std::string message;
  std::string hint{};
};

bool is_null_word(std::string_view text) {
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (text.starts_with(word) && text.find_first_of(" \t\r\n,]}#", word.size()) == word.size()) {
      return true;
    }
    if (text == word) return true;
  }
  return false;
}

// A text that nothing in these files needs, and that would break the lines of an error or log.
bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  });
}

// Builds the tree from the parser's events, within the budgets.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const YamlSource& source) : source_(source) {}

  const YamlNode& root() const { return root_; }
  Place place_of(const YAML::Mark& mark) const { return source_.place_of(offset_of(mark)); }

  // check_form has found the marks of documents: what begins anew without one has slipped.
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(mark, std::string(kIndentation), std::string(kSameColumn));
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(YamlNode{YamlNode::Kind::null, place_of_null(mark), {}, false, {}, {}});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(mark, "aliases (*name) are not allowed");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    const bool quoted = tag == "!";
    if (!quoted && !source_.text().substr(offset_of(mark)).starts_with(value)) {
      stop(mark, "what begins here goes on in the next line",
           "a value ends in its line; is the next one indented too far?");
    }
    if (value.size() > kMaxYamlTextBytes) {
      stop(mark, fmt::format("a text of more than {} bytes", kMaxYamlTextBytes));
    }
    if (has_control(value))
      stop(mark, "a text must not hold line ends, tabs or control characters");
    add(YamlNode{YamlNode::Kind::scalar, place_of(mark), value, quoted, {}, {}});
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

  [[noreturn]] void stop(const YAML::Mark& mark, std::string message, std::string hint = {}) const {
    throw Stop{place_of(mark), std::move(message), std::move(hint)};
  }

  std::size_t offset_of(const YAML::Mark& mark) const {
    return source_.offset_of(mark.line, mark.column);
  }

  // The parser marks a value that is left out at whatever comes next.
  Place place_of_null(const YAML::Mark& mark) const {
    const std::size_t offset = offset_of(mark);
    const bool is_key =
        !open_.empty() && open_.back().node.kind == YamlNode::Kind::map && !open_.back().has_key;
    if (is_key || is_null_word(source_.text().substr(offset))) return source_.place_of(offset);
    if (!open_.empty() && open_.back().has_key) return open_.back().key.place;
    const std::size_t before = source_.text().substr(0, offset).find_last_not_of(" \t\r\n");
    return source_.place_of(before == std::string_view::npos ? 0 : before);
  }

  // check_form leaves neither these nor tags; should one slip by, it must not count.
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != 0) stop(mark, "anchors (&name) are not allowed");
  }

  // The parser says "?" for plain and "!" for quoted scalars that carry no tag.
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") stop(mark, "tags (!name) are not allowed");
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (!open_.empty() && open_.back().node.kind == YamlNode::Kind::map && !open_.back().has_key) {
      stop(mark, "a key must be a word, not a list or map");
    }
    if (open_.size() >= kMaxYamlDepth) {
      stop(mark, fmt::format("more than {} levels deep", kMaxYamlDepth));
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
    if (++nodes_ > kMaxYamlNodes)
      throw Stop{place, fmt::format("more than {} values", kMaxYamlNodes)};
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
      frame.node.members.push_back({std::move(frame.key), std::move(node)});
      frame.has_key = false;
    }
  }

  static void take_key(Frame& frame, const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar || node.text.empty()) {
      throw Stop{node.place, "a key must be a word, not empty or null"};
    }
    if (node.text == "<<") throw Stop{node.place, "merge keys (<<) are not allowed"};
    const auto& members = frame.node.members;
    const auto twice = std::find_if(members.begin(), members.end(), [&](const auto& member) {
      return member.key.text == node.text;
    });
    if (twice != members.end()) {
      throw Stop{node.place, fmt::format("key `{}` is there twice, first in line {}",
                                         shortened(node.text), twice->key.place.line)};
    }
    frame.key = {node.text, node.place};
    frame.has_key = true;
  }

  const YamlSource& source_;
  YamlNode root_;
  std::vector<Frame> open_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

// The parser's complaints in our words, where check_form leaves one cause only.
Stop in_our_words(Place place, const std::string& complaint) {
  using namespace YAML::ErrorMsg;
  for (const char* slipped : {END_OF_MAP, END_OF_SEQ, MAP_VALUE, MAP_KEY, BLOCK_ENTRY}) {
    if (complaint == slipped) return {place, std::string(kIndentation), std::string(kSameColumn)};
  }
  if (complaint.starts_with(INVALID_ESCAPE)) {
    return {place, fmt::format("\\{} means nothing", complaint.substr(std::strlen(INVALID_ESCAPE))),
            "write \\\\ for a backslash, or use single quotes"};
  }
  if (complaint.starts_with(INVALID_UNICODE) || complaint == INVALID_HEX) {
    return {place, "this escape is no character"};
  }
  return {place, fmt::format("not YAML: {}", complaint)};
}

YamlNode parse_document(const YamlSource& source) {
  TreeBuilder builder(source);
  try {
    std::istringstream stream{std::string(source.text())};
    YAML::Parser parser(stream);
    // Asked twice, never in a loop: the second time, the builder refuses what there is.
    if (!parser.HandleNextDocument(builder)) throw Stop{{}, "there is nothing in it"};
    parser.HandleNextDocument(builder);
    if (builder.root().kind == YamlNode::Kind::null) throw Stop{{}, "there is nothing in it"};
  } catch (const YAML::Exception& error) {
    throw in_our_words(builder.place_of(error.mark), error.msg);
  }
  return builder.root();
}

}  // namespace

tl::unexpected<base::Error> fail_at(std::string_view origin, Place place, std::string message,
                                    std::string hint) {
  return base::fail(base::ErrorKind::usage,
                    fmt::format("{}:{}:{}: {}", origin, place.line, place.column, message),
                    std::move(hint));
}

base::Result<YamlNode> parse_yaml(std::string_view text, std::string_view origin) {
  if (text.size() > kMaxYamlBytes) {
    return fail_at(origin, {},
                   fmt::format("the file has {} bytes, more than {}", text.size(), kMaxYamlBytes));
  }
  const YamlSource source(text);
  auto refusal = check_characters(text);
  if (!refusal) refusal = check_form(source);
  if (refusal) {
    return fail_at(origin, source.place_of(refusal->offset), std::move(refusal->message),
                   std::move(refusal->hint));
  }
  try {
    return parse_document(source);
  } catch (const Stop& stop) {
    return fail_at(origin, stop.place, stop.message, stop.hint);
  }
}

}  // namespace heirloom::config
