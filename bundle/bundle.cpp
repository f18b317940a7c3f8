#include "bundle/bundle.h"

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/base64.h"

namespace heirloom::bundle {
namespace {

using base::ErrorKind;
using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "heirloom-bundle/1";

// Numbers keep their kind (1 and 1.0 are two); what JSON has no form for is an object.
Json value_to_json(const audit::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* blob = std::get_if<audit::Blob>(&value)) {
    return Json{{"blob", base::to_base64(blob->bytes)}};
  }
  if (const auto* real = std::get_if<double>(&value)) {
    if (std::isfinite(*real)) return *real;
    return Json{{"real", std::isnan(*real) ? "nan" : *real > 0 ? "inf" : "-inf"}};
  }
  return nullptr;
}

// Errors travel as exceptions within this file: nlohmann's own and these.
audit::Value value_from_json(const Json& json) {
  if (json.is_null()) return std::monostate();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number_float()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.contains("real")) return std::stod(json["real"].get<std::string>());
  auto bytes = base::from_base64(json.at("blob").get<std::string>());
  if (!bytes) throw std::invalid_argument(bytes.error().message);
  return audit::Blob{*std::move(bytes)};
}

base::Digest digest_from(const Json& json) {
  const auto digest = base::Digest::from_hex(json.get<std::string>());
  if (!digest) throw std::invalid_argument(digest.error().message);
  return *digest;
}

Json event_to_json(const audit::Event& event) {
  return {{"seq", event.seq},
          {"at", event.at},
          {"actor", event.actor},
          {"kind", event.kind},
          {"model", event.model ? Json(*event.model) : Json(nullptr)},
          {"generation", event.generation ? Json(*event.generation) : Json(nullptr)},
          {"payload", event.payload},
          {"hash", event.hash.hex()}};
}

audit::Event event_from(const Json& json) {
  audit::Event out;
  out.seq = json.at("seq").get<std::int64_t>();
  out.at = json.at("at").get<std::string>();
  out.actor = json.at("actor").get<std::string>();
  out.kind = json.at("kind").get<std::string>();
  if (!json.at("model").is_null()) out.model = json["model"].get<std::string>();
  if (!json.at("generation").is_null()) out.generation = json["generation"].get<std::int64_t>();
  out.payload = json.at("payload").get<std::string>();
  out.hash = digest_from(json.at("hash"));
  return out;
}

Json range_to_json(const Range& range) {
  const auto& [rows, digest] = range.recorded;
  Json out = {{"table", rows.table},
              {"first", rows.first_id},
              {"last", rows.last_id},
              {"digest", digest.hex()}};
  if (!range.rows) return out;
  out["rows"] = Json::array();
  for (const audit::Row& row : *range.rows) {
    Json values = Json::array();
    for (const audit::Value& value : row) values.push_back(value_to_json(value));
    out["rows"].push_back(std::move(values));
  }
  return out;
}

Range range_from(const Json& json) {
  Range out;
  out.recorded = {{json.at("table").get<std::string>(), json.at("first").get<std::int64_t>(),
                   json.at("last").get<std::int64_t>()},
                  digest_from(json.at("digest"))};
  if (!json.contains("rows")) return out;
  out.rows.emplace();
  for (const Json& row : json["rows"]) {
    audit::Row values;
    for (const Json& value : row) values.push_back(value_from_json(value));
    out.rows->push_back(std::move(values));
  }
  return out;
}

Bundle read(const Json& json) {
  Bundle out;
  out.model = json.at("model").get<std::string>();
  out.generation = json.at("generation").get<std::string>();
  for (const Json& item : json.at("events")) {
    BundleEvent event{event_from(item), digest_from(item.at("previous")), {}};
    for (const Json& range : item.at("ranges")) event.ranges.push_back(range_from(range));
    out.events.push_back(std::move(event));
  }
  for (const Json& item : json.at("links")) {
    out.links.push_back({event_from(item), digest_from(item.at("rows_digest"))});
  }
  const Json& head = json.at("head");
  out.head_seq = head.at("seq").get<std::int64_t>();
  out.head = digest_from(head.at("hash"));
  if (!head.at("envelope").is_null()) out.head_envelope = head["envelope"].dump();
  return out;
}

}  // namespace

std::string to_json(const Bundle& bundle) {
  Json events = Json::array();
  for (const BundleEvent& event : bundle.events) {
    Json item = event_to_json(event.event);
    item["previous"] = event.previous.hex();
    item["ranges"] = Json::array();
    for (const Range& range : event.ranges) item["ranges"].push_back(range_to_json(range));
    events.push_back(std::move(item));
  }
  Json links = Json::array();
  for (const Link& link : bundle.links) {
    Json item = event_to_json(link.event);
    item["rows_digest"] = link.rows_digest.hex();
    links.push_back(std::move(item));
  }
  Json head = {{"seq", bundle.head_seq}, {"hash", bundle.head.hex()}, {"envelope", nullptr}};
  if (!bundle.head_envelope.empty()) head["envelope"] = Json::parse(bundle.head_envelope);
  return Json{{"format", kFormat}, {"model", bundle.model}, {"generation", bundle.generation},
              {"head", head},      {"events", events},      {"links", links}}
      .dump();
}

base::Result<Bundle> from_json(std::string_view text, std::string_view origin) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || json.value("format", Json()) != kFormat) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} is no bundle of this version", origin),
                      "`heirloom export MODEL gN --out DIR` writes one");
  }
  try {
    return read(json);
  } catch (const std::exception& error) {
    return base::fail(ErrorKind::bad_data, fmt::format("{}: {}", origin, error.what()));
  }
}

}  // namespace heirloom::bundle
