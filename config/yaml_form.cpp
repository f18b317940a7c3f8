#include "config/yaml_form.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace heirloom::config {
namespace {

// yaml-cpp does not see the colon after a longer one.
constexpr std::size_t kMaxKeyBytes = 1000;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_one_of(char c, std::string_view characters) {
  return characters.find(c) != characters.npos;
}

// Where a text in quotes ends, behind its closing quote; nothing if that is not in the line.
std::optional<std::size_t> end_of_quoted(std::string_view line, std::size_t begin) {
  const char quote = line[begin];
  for (std::size_t i = begin + 1; i < line.size(); ++i) {
    if (quote == '"' && line[i] == '\\') {
      ++i;
    } else if (line[i] == quote) {
      if (quote == '"' || i + 1 >= line.size() || line[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return std::nullopt;
}

// What may not begin a value; empty if the character may.
std::string refused_beginning(char c) {
  switch (c) {
    case '&':
      return "anchors (&name) are not allowed";
    case '*':
      return "aliases (*name) are not allowed";
    case '!':
      return "tags (!name) are not allowed";
    case '|':
    case '>':
      return "texts of several lines (| and >) are not allowed";
    case '@':
    case '`':
    case '%':
    case ',':
      return fmt::format("a text that begins with {} must be in quotes", c);
    default:
      return {};
  }
}

// Thrown within this file only.
struct Stop {
  Refusal refusal;
};

class FormChecker {
 public:
  explicit FormChecker(const YamlSource& source) : source_(source) {}

  // Throws Stop.
  void run() {
    for (std::size_t number = 0; number < source_.lines(); ++number) {
      line_ = source_.line(number);
      line_begin_ = source_.line_begin(number);
      check_line();
    }
    if (!open_.empty()) refuse_unclosed();
  }

 private:
  enum class State {
    start,  // a value, a key or an indicator may come
    plain,  // within a text without quotes
    ended,  // behind a text in quotes or a closed bracket
  };

  struct Bracket {
    char open = '[';
    std::size_t offset = 0;
    std::size_t indent = 0;  // of the line in which it stands
    bool in_block = false;   // a value of a map or list without brackets
    bool has_entry = false;  // since the last comma
    bool has_colon = false;
  };

  [[noreturn]] void refuse(std::size_t column, std::string message, std::string hint = {}) const {
    throw Stop{{line_begin_ + column, std::move(message), std::move(hint)}};
  }

  [[noreturn]] void refuse_unclosed() const {
    throw Stop{{open_.back().offset, fmt::format("this `{}` is not closed", open_.back().open)}};
  }

  bool blank_at(std::size_t column) const {
    return column >= line_.size() || is_blank(line_[column]);
  }

  void check_line() {
    const std::size_t indent = std::min(line_.find_first_not_of(' '), line_.size());
    const std::size_t content = std::min(line_.find_first_not_of(" \t"), line_.size());
    if (content == line_.size() || line_[content] == '#') return;
    if (content != indent) refuse(indent, "a tab cannot indent", "use spaces");
    if (open_.empty()) {
      if (is_marker()) return;
      indent_ = indent;
      line_content_ = content;
      has_colon_ = false;
      has_dash_ = false;
      state_ = State::start;
    } else if (open_.front().in_block && indent <= open_.front().indent &&
               !is_one_of(line_[content], "]}")) {
      refuse_unclosed();
    }
    for (column_ = content; column_ < line_.size();) {
      if (at_comment()) break;
      step();
    }
    if (open_.empty()) end_block_line();
  }

  // `---` before everything else is the one marker that may be there.
  bool is_marker() {
    if (line_.starts_with('%')) refuse(0, "directives (% lines) are not allowed");
    const bool begins = line_.starts_with("---") && blank_at(3);
    const bool ends = line_.starts_with("...") && blank_at(3);
    if (ends) refuse(0, "`...` is not allowed", "a file holds one document, to its end");
    if (!begins) {
      has_content_ = true;
      return false;
    }
    if (has_content_) refuse(0, "a second document begins here", "a file holds one document");
    const std::size_t rest = line_.find_first_not_of(" \t", 3);
    if (rest != line_.npos && line_[rest] != '#') refuse(rest, "`---` stands alone in its line");
    has_content_ = true;
    return true;
  }

  bool at_comment() const {
    if (line_[column_] != '#') return false;
    return state_ == State::start || (column_ > 0 && is_blank(line_[column_ - 1]));
  }

  void step() {
    const char c = line_[column_];
    if (is_blank(c)) {
      ++column_;
      return;
    }
    switch (state_) {
      case State::start:
        begin(c);
        return;
      case State::plain:
        go_on(c);
        return;
      case State::ended:
        end(c);
        return;
    }
  }

  void begin(char c) {
    if (!open_.empty() && is_one_of(c, ",]}")) return separate(c);
    if (is_one_of(c, "]}")) refuse(column_, fmt::format("this `{}` closes nothing", c));
    if (is_colon()) refuse(column_, "there is no key before this colon");
    if (c == '?' && blank_at(column_ + 1)) {
      refuse(column_, "keys with ? are not allowed", "write `key: value`");
    }
    if (c == '-' && blank_at(column_ + 1)) return dash();
    if (auto why = refused_beginning(c); !why.empty()) refuse(column_, std::move(why));
    token_begin_ = line_begin_ + column_;
    if (!open_.empty()) open_.back().has_entry = true;
    if (c == '[' || c == '{') {
      open_.push_back({c, token_begin_, indent_, is_in_block(), false, false});
      ++column_;
    } else if (c == '"' || c == '\'') {
      const auto quoted = end_of_quoted(line_, column_);
      if (!quoted) refuse(column_, "the quote that begins here does not end in its line");
      column_ = *quoted;
      state_ = State::ended;
    } else {
      ++column_;
      state_ = State::plain;
    }
  }

  bool is_in_block() const { return open_.empty() ? has_colon_ || has_dash_ : open_[0].in_block; }

  void dash() {
    if (!open_.empty()) refuse(column_, "a list in brackets has no dashes", "write [a, b]");
    if (has_colon_) refuse(column_, "a list with dashes begins in a line of its own");
    has_dash_ = true;
    ++column_;
  }

  void go_on(char c) {
    if (is_colon()) return colon();
    if (open_.empty() || !is_one_of(c, ",]}[{?")) {
      ++column_;
    } else if (is_one_of(c, ",]}")) {
      separate(c);
    } else {
      if (line_[column_ - 1] == ':') refuse(column_ - 1, "a space must follow this colon");
      refuse(column_, fmt::format("a text in brackets that has a {} must be in quotes", c));
    }
  }

  void end(char c) {
    if (c == ':') {
      if (!is_colon() && open_.empty()) refuse(column_, "a space must follow this colon");
      return colon();
    }
    if (!open_.empty() && is_one_of(c, ",]}")) return separate(c);
    if (is_one_of(c, "]}")) refuse(column_, fmt::format("this `{}` closes nothing", c));
    if (!open_.empty()) refuse(column_, "a comma is missing before this");
    refuse(column_,
           fmt::format("nothing may follow the `{}`", source_.text().substr(last_of_token(), 1)));
  }

  std::size_t last_of_token() const {
    const std::string_view before = source_.text().substr(0, line_begin_ + column_);
    return before.find_last_not_of(" \t");
  }

  // A colon that parts key and value.
  bool is_colon() const {
    if (line_[column_] != ':') return false;
    return blank_at(column_ + 1) || (!open_.empty() && is_one_of(line_[column_ + 1], ",]}"));
  }

  void colon() {
    if (line_begin_ + column_ - token_begin_ > kMaxKeyBytes) {
      refuse(column_,
             fmt::format("the key before this colon has more than {} bytes", kMaxKeyBytes));
    }
    if (open_.empty()) {
      if (has_colon_) {
        refuse(column_, "a second `: ` in one line", "a text with `: ` in it must be in quotes");
      }
      has_colon_ = true;
    } else {
      if (open_.back().has_colon || token_begin_ < line_begin_) {
        const std::size_t space = line_.find_last_of(" \t", column_);
        refuse(space == line_.npos ? 0 : space + 1, "a comma is missing before this");
      }
      open_.back().has_colon = true;
    }
    ++column_;
    state_ = State::start;
  }

  // A comma or a closing bracket within brackets.
  void separate(char c) {
    Bracket& bracket = open_.back();
    if (c == ',') {
      if (!bracket.has_entry) refuse(column_, "there is nothing before this comma");
      bracket.has_entry = false;
      bracket.has_colon = false;
      state_ = State::start;
    } else if ((c == ']') == (bracket.open == '[')) {
      token_begin_ = bracket.offset;
      open_.pop_back();
      state_ = State::ended;
    } else {
      const Place place = source_.place_of(bracket.offset);
      refuse(column_, fmt::format("this `{}` does not close the `{}` of line {}, column {}", c,
                                  bracket.open, place.line, place.column));
    }
    ++column_;
  }

  // Every line that is not within brackets is `key: value`, `- item`, or a value whose key or dash
  // has ended the line before.
  void end_block_line() {
    const bool is_value = !has_colon_ && !has_dash_;
    if (is_value && !value_may_come_) {
      const bool has_glued_colon = line_.find(':') != line_.npos;
      refuse(line_content_, "this line is neither `key: value` nor `- item`",
             has_glued_colon ? "a space must follow the colon" : "");
    }
    value_may_come_ = state_ == State::start;
  }

  const YamlSource& source_;
  std::string_view line_;
  std::size_t line_begin_ = 0;
  std::size_t column_ = 0;  // bytes, from 0
  State state_ = State::start;
  std::vector<Bracket> open_;
  std::size_t token_begin_ = 0;
  bool has_content_ = false;
  // Of the line without brackets, or of the one in which the brackets opened.
  std::size_t indent_ = 0;
  std::size_t line_content_ = 0;
  bool has_colon_ = false;
  bool has_dash_ = false;
  bool value_may_come_ = true;
};

}  // namespace

std::optional<Refusal> check_form(const YamlSource& source) {
  try {
    FormChecker(source).run();
  } catch (const Stop& stop) {
    return stop.refusal;
  }
  return std::nullopt;
}

}  // namespace heirloom::config
