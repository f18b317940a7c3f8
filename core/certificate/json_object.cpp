#include "core/certificate/json_object.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace heirloom::certificate {
namespace {

// A log nests three deep. Far deeper text is an attack on whoever walks through it recursively.
constexpr int kMaxDepth = 16;

// Told of every field as it is parsed: which names the open objects have had, and how deep it got.
class Watch {
 public:
  void note(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kMaxDepth && !problem_) problem_ = "it is nested too deeply";
    if (event == Event::object_start) open_.emplace_back();
    if (event == Event::object_end) open_.pop_back();
    if (event != Event::key) return;
    const auto& name = parsed.get_ref<const std::string&>();
    if (!open_.back().insert(name).second && !problem_) {
      problem_ = fmt::format("field \"{}\" is given twice", name.substr(0, 40));
    }
  }
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  std::vector<std::set<std::string>> open_;
  std::optional<std::string> problem_;
};

}  // namespace

base::Result<nlohmann::json> parse_json(std::string_view text, std::string_view origin) {
  Watch watch;
  try {
    auto document = nlohmann::json::parse(
        text, [&watch](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
          watch.note(depth, event, parsed);
          return true;
        });
    if (!watch.problem()) return document;
    return base::fail(base::ErrorKind::bad_data, fmt::format("{}: {}", origin, *watch.problem()));
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t end = std::min(error.byte, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(end), '\n');
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("{}:{}: not JSON, or damaged", origin, line));
  } catch (const nlohmann::json::exception&) {  // a number that no double holds
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("{}: a number is out of range", origin));
  }
}

JsonObject::JsonObject(const nlohmann::json& object) : object_(&object) {
  static const nlohmann::json empty = nlohmann::json::object();
  if (object.is_object()) return;
  object_ = &empty;
  problem_ = "is not an object";
}

double JsonObject::real(const char* name) {
  const nlohmann::json* value = field(name);
  if (value == nullptr) return 0.0;
  if (value->is_number()) return value->get<double>();
  report(name, "is not a number");
  return 0.0;
}

std::string JsonObject::text(const char* name) {
  const nlohmann::json* value = field(name);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  report(name, "is not text");
  return {};
}

const nlohmann::json& JsonObject::any(const char* name) {
  static const nlohmann::json null;
  const nlohmann::json* value = field(name);
  return value == nullptr ? null : *value;
}

base::Result<void> JsonObject::done() const {
  if (problem_) return base::fail(base::ErrorKind::bad_data, *problem_);
  for (const auto& [name, value] : object_->items()) {
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("there is no field \"{}\"", name.substr(0, 40)));
  }
  return {};
}

const nlohmann::json* JsonObject::field(const char* name) {
  asked_.emplace_back(name);
  const auto found = object_->find(name);
  if (found != object_->end()) return &*found;
  report(name, "is missing");
  return nullptr;
}

void JsonObject::report(std::string_view name, std::string_view what) {
  if (!problem_) problem_ = fmt::format("{} {}", name, what);
}

}  // namespace heirloom::certificate
