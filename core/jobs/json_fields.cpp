#include "core/jobs/json_fields.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace heirloom::jobs {

Problem::Problem(std::string document, base::ErrorKind kind)
    : document_(std::move(document)), kind_(kind) {}

void Problem::report(const std::string& field, std::string_view what) {
  keep(base::Error{kind_, fmt::format("{}: field `{}` {}", document_, field, what), {}});
}

void Problem::keep(base::Error error) {
  if (!error_.has_value()) error_ = std::move(error);
}

Json parse_json(std::string_view text, Problem& problem) {
  std::vector<std::set<std::string>> names;
  std::optional<std::string> twice;
  const auto on_event = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key) {
      const std::string& name = parsed.get_ref<const std::string&>();
      if (!names.back().insert(name).second && !twice) twice = name;
    }
    return true;
  };
  Json json = Json::parse(text, on_event, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    problem.keep(base::Error{
        base::ErrorKind::bad_data, fmt::format("{}: this is not JSON", problem.document()), {}});
  } else if (twice) {
    problem.report(*twice, "is there twice");
  }
  return json;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ObjectReader::ObjectReader(const Json& value, std::string path, Problem& problem)
    : value_(&value), path_(std::move(path)), problem_(&problem) {
  if (!value.is_object()) problem.report(path_.empty() ? "." : path_, "must be an object");
}

std::string ObjectReader::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

void ObjectReader::report(const char* name, std::string_view what) {
  problem_->report(path_of(name), what);
}

const Json* ObjectReader::field(const char* name) {
  asked_.emplace_back(name);
  if (problem_->found()) return nullptr;
  const auto found = value_->find(name);
  if (found == value_->end()) {
    report(name, "is missing");
    return nullptr;
  }
  return &*found;
}

std::string ObjectReader::text(const char* name) {
  const Json* value = field(name);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    report(name, "must be a string");
    return {};
  }
  return value->get<std::string>();
}

std::string ObjectReader::required_text(const char* name) {
  std::string value = text(name);
  if (value.empty()) report(name, "must not be empty");
  return value;
}

bool ObjectReader::boolean(const char* name) {
  const Json* value = field(name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) {
    report(name, "must be true or false");
    return false;
  }
  return value->get<bool>();
}

std::int64_t ObjectReader::integer(const char* name, std::int64_t low, std::int64_t high) {
  const Json* value = field(name);
  if (value == nullptr) return 0;
  const bool fits = value->is_number_integer() &&
                    !(value->is_number_unsigned() &&
                      value->get<std::uint64_t>() > static_cast<std::uint64_t>(kMaxInt64));
  if (!fits) {
    report(name, "must be a whole number");
    return 0;
  }
  const auto number = value->get<std::int64_t>();
  if (number < low || number > high) {
    report(name, fmt::format("is {}, must lie in {}..{}", number, low, high));
    return 0;
  }
  return number;
}

int ObjectReader::small_integer(const char* name, int low, int high) {
  return static_cast<int>(integer(name, low, high));
}

std::uint64_t ObjectReader::natural(const char* name, std::uint64_t low, std::uint64_t high) {
  const Json* value = field(name);
  if (value == nullptr) return 0;
  if (!value->is_number_unsigned()) {
    report(name, "must be a whole number, not negative");
    return 0;
  }
  const auto number = value->get<std::uint64_t>();
  if (number < low || number > high) {
    report(name, fmt::format("is {}, must lie in {}..{}", number, low, high));
    return 0;
  }
  return number;
}

double ObjectReader::real(const char* name, double low, double high) {
  const Json* value = field(name);
  if (value == nullptr) return 0.0;
  if (!value->is_number()) {
    report(name, "must be a number");
    return 0.0;
  }
  const auto number = value->get<double>();
  if (!std::isfinite(number) || number < low || number > high) {
    report(name, fmt::format("is {}, must lie in {}..{}", number, low, high));
    return 0.0;
  }
  return number;
}

double ObjectReader::positive(const char* name) {
  const double number = real(name, 0.0);
  if (number <= 0.0) report(name, "must be positive");
  return number;
}

base::Digest ObjectReader::digest(const char* name) {
  const std::string value = text(name);
  if (problem_->found()) return {};
  const auto parsed = base::Digest::from_hex(value);
  if (!parsed.has_value()) report(name, "must be 64 lower-case hex digits");
  return parsed.value_or(base::Digest{});
}

std::vector<std::uint64_t> ObjectReader::naturals(const char* name, std::uint64_t high) {
  std::vector<std::uint64_t> values;
  each_item(name, [&](const std::string&, const Json& item, const std::string& path) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() > high) {
      problem_->report(path, fmt::format("must be a whole number in 0..{}", high));
      return;
    }
    values.push_back(item.get<std::uint64_t>());
  });
  return values;
}

std::vector<double> ObjectReader::reals(const char* name, std::size_t count) {
  std::vector<double> values;
  each_item(name, [&](const std::string&, const Json& item, const std::string& path) {
    const double number = item.is_number() ? item.get<double>() : std::nan("");
    if (!std::isfinite(number)) problem_->report(path, "must be a finite number");
    values.push_back(number);
  });
  if (values.size() != count) {
    report(name, fmt::format("holds {} numbers, not {}", values.size(), count));
  }
  return values;
}

std::vector<std::string> ObjectReader::texts(const char* name) {
  std::vector<std::string> values;
  each_item(name, [&](const std::string&, const Json& item, const std::string& path) {
    if (!item.is_string()) {
      problem_->report(path, "must be a string");
      return;
    }
    values.push_back(item.get<std::string>());
  });
  return values;
}

bool ObjectReader::has(const char* name) const {
  return value_->is_object() && value_->contains(name);
}

bool ObjectReader::is_null(const char* name) {
  const Json* value = field(name);
  return value != nullptr && value->is_null();
}

ObjectReader ObjectReader::object(const char* name) {
  static const Json kNothing = Json::object();
  const Json* value = field(name);
  return ObjectReader(value == nullptr ? kNothing : *value, path_of(name), *problem_);
}

void ObjectReader::each_member(const char* name, const Visit& read) {
  const Json* value = field(name);
  if (value == nullptr) return;
  if (!value->is_object()) {
    report(name, "must be an object");
    return;
  }
  for (const auto& [key, item] : value->items()) {
    read(key, item, fmt::format("{}.{}", path_of(name), key));
  }
}

void ObjectReader::each_item(const char* name, const Visit& read) {
  const Json* value = field(name);
  if (value == nullptr) return;
  if (!value->is_array()) {
    report(name, "must be a list");
    return;
  }
  std::size_t index = 0;
  for (const Json& item : *value) {
    read("", item, fmt::format("{}[{}]", path_of(name), index++));
    if (problem_->found()) return;
  }
}

void ObjectReader::done() {
  if (problem_->found()) return;
  for (const auto& [key, item] : value_->items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
      problem_->report(path_of(key), "is not known");
    }
  }
}

}  // namespace heirloom::jobs
