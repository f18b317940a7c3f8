#include "config/yaml_reader.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/yaml_scalar.h"
#include "config/yaml_words.h"

namespace heirloom::config {
namespace {

const KeyRule kNoRule;

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A whole number, whatever its size.
bool is_whole(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.front() != '0' && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

void YamlProblem::report(Place place, std::string message, std::string hint) {
  if (!error_) error_ = fail_at(origin_, place, std::move(message), std::move(hint)).value();
}

YamlReader::YamlReader(const YamlNode& node, const KeyRule& rule, std::string path,
                       YamlProblem& problem)
    : node_(&node), rule_(&rule), path_(std::move(path)), problem_(&problem) {
  if (node.kind == YamlNode::Kind::map) {
    check_keys();
  } else {
    problem.report(node.place, fmt::format("{} {}, must be a map of keys and values",
                                           path_.empty() ? "the file" : fmt::format("`{}`", path_),
                                           what_is(node)));
  }
}

std::string YamlReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void YamlReader::check_keys() {
  for (const auto& [key, value] : node_->members) {
    const KeyRule* rule = rule_->find(key.text);
    if (rule == nullptr) {
      report_unknown(key, value);
    }
  }
  for (const KeyRule& rule : rule_->keys) {
    if (rule.required && member(rule.name) == nullptr) {
      problem_->report(node_->place, fmt::format("key `{}` is missing", path_of(rule.name)));
    }
  }
}

void YamlReader::report_unknown(const YamlKey& key, const YamlNode& value) {
  constexpr std::size_t kFew = 13;
  std::vector<std::string> known;
  for (const KeyRule& rule : rule_->keys) known.push_back(rule.name);
  std::string hint = did_you_mean(key.text, known);
  if (value.kind == YamlNode::Kind::null && key.text.find(':') != std::string::npos) {
    hint = "a space must follow the colon";
  } else if (hint.empty() && known.size() <= kFew) {
    hint = fmt::format("known here: {}", fmt::join(known, ", "));
  }
  const std::string under = path_.empty() ? "" : fmt::format(" under `{}`", path_);
  problem_->report(key.place, fmt::format("unknown key `{}`{}", shortened(key.text), under),
                   std::move(hint));
}

void YamlReader::choose(std::string_view kind, std::string choice) {
  choice_ = std::move(choice);
  for (const auto& [key, value] : node_->members) {
    const KeyRule* rule = rule_->find(key.text);
    if (rule != nullptr && !rule->belongs_to(choice_)) {
      std::vector<std::string> owners;
      for (const auto& [owner, otherwise] : rule->defaults) owners.push_back(owner);
      problem_->report(
          value.place,
          fmt::format("`{}` means nothing for {} {}", path_of(key.text), kind, choice_),
          fmt::format("it belongs to {}", fmt::join(owners, ", ")));
    }
  }
}

const YamlNode* YamlReader::member(std::string_view key) const {
  for (const auto& [name, value] : node_->members) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

Place YamlReader::place_of(const char* key) const {
  const YamlNode* value = member(key);
  return value == nullptr ? node_->place : value->place;
}

const KeyRule& YamlReader::rule_of(const char* key) {
  read_.emplace_back(key);
  const KeyRule* rule = rule_->find(key);
  if (rule != nullptr) return *rule;
  report(key, fmt::format("`{}` is read but is not in the schema", path_of(key)));
  return kNoRule;
}

void YamlReader::report(const char* key, std::string message, std::string hint) {
  problem_->report(place_of(key), std::move(message), std::move(hint));
}

std::optional<std::string> YamlReader::scalar(const char* key, bool may_be_quoted) {
  const KeyRule& rule = rule_of(key);
  if (problem_->found()) return std::nullopt;
  const YamlNode* value = member(key);
  if (value == nullptr) {
    auto otherwise = rule.default_for(choice_);
    if (!otherwise) report(key, fmt::format("key `{}` is missing", path_of(key)));
    return otherwise;
  }
  if (value->kind != YamlNode::Kind::scalar || (value->quoted && !may_be_quoted)) {
    report(key, fmt::format("`{}` {}, must be {}", path_of(key), what_is(*value), type_text(rule)),
           value->quoted ? "write it without quotes" : "");
    return std::nullopt;
  }
  return value->text;
}

std::string YamlReader::text(const char* key) {
  const auto value = scalar(key, /*may_be_quoted=*/true);
  if (!value) return {};
  if (const YamlNode* written = member(key)) check_text(path_of(key), *written);
  return *value;
}

void YamlReader::check_text(const std::string& path, const YamlNode& value) {
  if (value.text.empty()) {
    problem_->report(value.place, fmt::format("`{}` must not be empty", path));
  } else if (!value.quoted && is_ambiguous_word(value.text)) {
    problem_->report(value.place, fmt::format("`{}` is {}, must be a text", path, value.text),
                     fmt::format("write \"{}\" in quotes if it is meant as one", value.text));
  }
}

std::string YamlReader::word(const char* key) {
  const std::string value = text(key);
  const KeyRule& rule = rule_of(key);
  if (problem_->found() || contains(rule.words, value)) return value;
  std::string hint = did_you_mean(value, rule.words);
  report(key,
         fmt::format("`{}` is \"{}\", must be {}", path_of(key), shortened(value),
                     fmt::join(rule.words, " or ")),
         std::move(hint));
  return value;
}

void YamlReader::check_range(const char* key, double value, std::string_view part) {
  const KeyRule& rule = rule_of(key);
  const bool inside = (!rule.minimum || value >= *rule.minimum) &&
                      (!rule.maximum || value <= *rule.maximum) &&
                      (!rule.above || value > *rule.above) && (!rule.below || value < *rule.below);
  if (inside) return;
  report(key, fmt::format("{}`{}` is {}, must be {}", part, path_of(key), value, range_text(rule)));
}

std::int64_t YamlReader::integer(const char* key) {
  const auto written = scalar(key, /*may_be_quoted=*/false);
  if (!written) return 0;
  const auto value = whole_number(*written);
  if (!value && is_whole(*written)) {
    report(key, fmt::format("`{}` is {}, must be {}", path_of(key), shortened(*written),
                            range_text(rule_of(key))));
    return 0;
  }
  if (!value) {
    report(key,
           fmt::format("`{}` is \"{}\", must be a whole number", path_of(key), shortened(*written)),
           "in digits, as in 1000");
    return 0;
  }
  check_range(key, static_cast<double>(*value));
  return *value;
}

double YamlReader::number(const char* key) {
  const auto written = scalar(key, /*may_be_quoted=*/false);
  if (!written) return 0.0;
  const auto value = decimal_number(*written);
  if (!value) {
    report(key, fmt::format("`{}` is \"{}\", must be a number", path_of(key), shortened(*written)),
           "a finite one, as in 0.25 or 1e-3");
    return 0.0;
  }
  check_range(key, *value);
  return *value;
}

bool YamlReader::boolean(const char* key) {
  const auto written = scalar(key, /*may_be_quoted=*/false);
  if (!written) return false;
  const auto value = truth_value(*written);
  if (!value) {
    report(key,
           fmt::format("`{}` is \"{}\", must be true or false", path_of(key), shortened(*written)));
    return false;
  }
  return *value;
}

std::chrono::milliseconds YamlReader::duration(const char* key) {
  const auto written = scalar(key, /*may_be_quoted=*/true);
  if (!written) return {};
  const auto value = duration_value(*written);
  if (!value) {
    report(key,
           fmt::format("`{}` is \"{}\", must be a duration", path_of(key), shortened(*written)),
           "a whole number and ms, s, min, h or d: 90s");
    return {};
  }
  const KeyRule& rule = rule_of(key);
  const auto milliseconds = static_cast<double>(value->count());
  if (rule.minimum && milliseconds < *rule.minimum) {
    report(key, fmt::format("`{}` is {}, must be at least {}", path_of(key), *written,
                            duration_text(*rule.minimum)));
  }
  if (rule.maximum && milliseconds > *rule.maximum) {
    report(key, fmt::format("`{}` is {}, must be at most {}", path_of(key), *written,
                            duration_text(*rule.maximum)));
  }
  return *value;
}

const YamlNode* YamlReader::raw(const char* key) {
  rule_of(key);
  return problem_->found() ? nullptr : member(key);
}

std::vector<std::int64_t> YamlReader::integers(const char* key, std::size_t length) {
  const KeyRule& rule = rule_of(key);
  std::vector<std::int64_t> values;
  const YamlNode* list = member(key);
  const bool fits =
      list != nullptr && list->kind == YamlNode::Kind::list && list->items.size() == length;
  if (fits) {
    for (const YamlNode& item : list->items) {
      const auto value = item.kind == YamlNode::Kind::scalar && !item.quoted
                             ? whole_number(item.text)
                             : std::nullopt;
      const double size = static_cast<double>(value.value_or(0));
      if (value && size >= rule.minimum.value_or(size) && size <= rule.maximum.value_or(size)) {
        values.push_back(*value);
      } else {
        problem_->report(item.place, fmt::format("an item of `{}` {}, must be a whole number, {}",
                                                 path_of(key), what_is(item), range_text(rule)));
      }
    }
  } else if (list != nullptr) {
    const std::string found = list->kind == YamlNode::Kind::list
                                  ? fmt::format("has length {}", list->items.size())
                                  : what_is(*list);
    report(key,
           fmt::format("`{}` {}, must be a list of {} whole numbers", path_of(key), found, length));
  }
  values.resize(length);
  return values;
}

std::vector<std::int64_t> YamlReader::ascending_integers(const char* key) {
  rule_of(key);
  const YamlNode* list = member(key);
  if (list == nullptr) return {};
  if (list->kind != YamlNode::Kind::list) {
    report(key,
           fmt::format("`{}` {}, must be a list of whole numbers", path_of(key), what_is(*list)));
    return {};
  }
  auto values = integers(key, list->items.size());
  if (std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) != values.end()) {
    report(key, fmt::format("`{}` must ascend", path_of(key)));
  }
  return values;
}

std::vector<std::string> YamlReader::one_or_more_texts(const char* key) {
  const YamlNode* value = raw(key);
  std::vector<std::string> texts;
  if (value == nullptr) return texts;
  const bool is_list = value->kind == YamlNode::Kind::list && !value->items.empty();
  const std::span<const YamlNode> items =
      is_list ? std::span(value->items) : std::span(value, std::size_t{1});
  for (const YamlNode& item : items) {
    if (item.kind != YamlNode::Kind::scalar) {
      problem_->report(
          item.place,
          fmt::format("{}`{}` {}, must be {}", is_list ? "an item of " : "", path_of(key),
                      what_is(item), is_list ? "a text" : "a text or a list of texts"));
    } else {
      check_text(path_of(key), item);
    }
    texts.push_back(item.text);
  }
  return texts;
}

std::vector<std::string> YamlReader::words(const char* key) {
  const KeyRule& rule = rule_of(key);
  const YamlNode* list = raw(key);
  std::vector<std::string> out;
  if (list == nullptr) return out;
  if (list->kind != YamlNode::Kind::list || list->items.empty()) {
    report(key, fmt::format("`{}` {}, must be a list of {}", path_of(key), what_is(*list),
                            fmt::join(rule.words, ", ")));
    return out;
  }
  for (const YamlNode& item : list->items) {
    const bool known = item.kind == YamlNode::Kind::scalar && contains(rule.words, item.text);
    if (!known) {
      problem_->report(item.place,
                       fmt::format("an item of `{}` {}, must be {}", path_of(key), what_is(item),
                                   fmt::join(rule.words, " or ")),
                       did_you_mean(item.text, rule.words));
    } else if (contains(out, item.text)) {
      problem_->report(item.place, fmt::format("`{}` has {} twice", path_of(key), item.text));
    }
    out.push_back(item.text);
  }
  return out;
}

std::vector<YamlMember> YamlReader::free_map(const char* key) {
  const YamlNode* value = raw(key);
  if (value == nullptr) return {};
  if (value->kind != YamlNode::Kind::map) {
    report(key,
           fmt::format("`{}` {}, must be a map of keys and values", path_of(key), what_is(*value)));
    return {};
  }
  for (const auto& [name, item] : value->members) {
    const std::string path = fmt::format("{}.{}", path_of(key), shortened(name.text));
    if (item.kind != YamlNode::Kind::scalar) {
      problem_->report(item.place,
                       fmt::format("`{}` {}, must be a text or a number", path, what_is(item)));
    } else if (item.text.empty()) {
      problem_->report(item.place, fmt::format("`{}` must not be empty", path));
    }
  }
  return value->members;
}

YamlReader YamlReader::map(const char* key) {
  static const YamlNode kNothing{YamlNode::Kind::map, {}, {}, false, {}, {}};
  const KeyRule& rule = rule_of(key);
  const YamlNode* value = member(key);
  return YamlReader(value == nullptr ? kNothing : *value, rule, path_of(key), *problem_);
}

std::vector<YamlReader> YamlReader::maps(const char* key) {
  const KeyRule& rule = rule_of(key);
  std::vector<YamlReader> readers;
  const YamlNode* list = member(key);
  if (list == nullptr) return readers;
  if (list->kind != YamlNode::Kind::list || list->items.empty()) {
    report(key,
           fmt::format("`{}` {}, must be a list of one map or more", path_of(key), what_is(*list)));
    return readers;
  }
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    readers.emplace_back(list->items[i], rule, fmt::format("{}[{}]", path_of(key), i), *problem_);
  }
  return readers;
}

void YamlReader::done() {
  if (problem_->found()) return;
  for (const auto& [key, value] : node_->members) {
    if (!contains(read_, key.text)) {
      problem_->report(key.place,
                       fmt::format("`{}` is in the schema but is not read", path_of(key.text)));
    }
  }
}

}  // namespace heirloom::config
