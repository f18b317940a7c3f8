#include "core/certificate/json.h"

#include <span>

#include <fmt/format.h>

#include "core/certificate/checks.h"
#include "core/certificate/json_object.h"

namespace heirloom::certificate {
namespace {

tl::unexpected<base::Error> bad(std::string message, std::string hint = {}) {
  return base::fail(base::ErrorKind::bad_data, std::move(message), std::move(hint));
}

// The sampling alone, where the document names no holdout.
base::Result<void> read_sampling(const nlohmann::json& json, Log& log) {
  JsonObject fields(json);
  const std::string mode = fields.text("mode");
  Protocol protocol;
  protocol.n0 = fields.integer<std::uint64_t>("n0");
  protocol.n = fields.integer<std::uint64_t>("n");
  protocol.alpha = fields.real("alpha");
  protocol.sigma = fields.real("sigma");
  const std::string id = fields.has("id") ? fields.text("id") : std::string();
  HEIRLOOM_TRY(fields.done());
  HEIRLOOM_ASSIGN(protocol.mode, parse_mode(mode));
  if (!id.empty()) {
    HEIRLOOM_ASSIGN(log.protocol_id, base::Digest::from_hex(id));
  }
  log.protocol = protocol;
  return {};
}

base::Result<void> read_protocol(const nlohmann::json& json, Log& log) {
  log.whole_protocol = json.is_object() && json.contains("holdout_id");
  if (log.whole_protocol) {
    HEIRLOOM_ASSIGN(log.protocol, Protocol::from_json(json.dump()));
    log.protocol_id = log.protocol->id();
  } else {
    HEIRLOOM_TRY(read_sampling(json, log));
  }
  return check_sampling(*log.protocol);
}

base::Result<CertifiedExample> read_example(const nlohmann::json& json) {
  JsonObject fields(json);
  CertifiedExample example;
  example.index = fields.integer<std::uint32_t>("idx");
  example.label = fields.integer<std::int32_t>("label");
  example.predicted = fields.integer<std::int32_t>("predict");
  example.radius = fields.real("radius");
  example.n_a = fields.integer<std::uint64_t>("n_a");
  example.p_lower = fields.real("p_lower");
  example.draws = fields.integer<std::uint64_t>("draws");
  HEIRLOOM_TRY(fields.done());
  HEIRLOOM_TRY(check_example(example));
  return example;
}

// "example 3 (idx 17)", or "example 3" where idx is none.
std::string place_of(const nlohmann::json& example, std::size_t place) {
  const bool has_index =
      example.is_object() && example.contains("idx") && example.at("idx").is_number_unsigned();
  if (!has_index) return fmt::format("example {}", place);
  return fmt::format("example {} (idx {})", place, example.at("idx").get<std::uint64_t>());
}

base::Result<void> add_example(const nlohmann::json& json, const Limits& limits, Log& log) {
  HEIRLOOM_ASSIGN(const CertifiedExample example, read_example(json));
  HEIRLOOM_TRY(limits.check_claims(example));
  if (!log.examples.empty() && example.index <= log.examples.back().index) {
    return bad(
        example.index == log.examples.back().index
            ? std::string("this idx stands there twice")
            : fmt::format("comes after idx {}: examples must ascend", log.examples.back().index));
  }
  log.examples.push_back(example);
  return {};
}

base::Result<void> check_example_list(const Log& log) {
  std::vector<std::uint32_t> indices;
  for (const CertifiedExample& example : log.examples) indices.push_back(example.index);
  if (!log.whole_protocol || example_list_digest(indices) == log.protocol->examples) return {};
  return bad("the examples are not those that the protocol names");
}

// Numbers and words of our own alone: nothing in it needs escaping.
std::string document(std::span<const CertifiedExample> examples, std::string_view protocol,
                     std::string_view model) {
  std::string text =
      fmt::format("{{\"protocol\": {},\n\"model_sha256\": {},\n\"examples\": [", protocol, model);
  std::string_view separator = "\n";
  for (const CertifiedExample& example : examples) {
    text += fmt::format(
        "{}{{\"idx\": {}, \"label\": {}, \"predict\": {}, \"radius\": {}, \"n_a\": {}, "
        "\"p_lower\": {}, \"draws\": {}}}",
        separator, example.index, example.label, example.predicted, example.radius, example.n_a,
        example.p_lower, example.draws);
    separator = ",\n";
  }
  return text + "\n]}\n";
}

std::string sampling_to_json(const Log& log) {
  const Protocol& protocol = *log.protocol;
  const std::string id =
      log.protocol_id ? fmt::format(", \"id\": \"{}\"", log.protocol_id->hex()) : std::string();
  return fmt::format("{{\"mode\": \"{}\", \"n0\": {}, \"n\": {}, \"alpha\": {}, \"sigma\": {}{}}}",
                     to_string(protocol.mode), protocol.n0, protocol.n, protocol.alpha,
                     protocol.sigma, id);
}

}  // namespace

base::Result<Log> log_from_json(std::string_view text, std::string_view origin) {
  HEIRLOOM_ASSIGN(const nlohmann::json json, parse_json(text, origin));
  const auto at = [&](std::string_view place, const base::Error& error) {
    return bad(fmt::format("{}: {}: {}", origin, place, error.message), error.hint);
  };
  if (json.contains("metrics") && !json.contains("examples")) {
    return bad(fmt::format("{}: figures without their examples", origin),
               "a champion's folder has the examples in certificate.tsv");
  }
  JsonObject fields(json);
  const nlohmann::json& protocol = fields.any("protocol");
  const nlohmann::json& model = fields.any("model_sha256");
  const nlohmann::json& examples = fields.any("examples");
  if (const auto whole = fields.done(); !whole.has_value()) return at("document", whole.error());

  Log log;
  log.form = Form::json;
  if (const auto read = read_protocol(protocol, log); !read.has_value()) {
    return at("protocol", read.error());
  }
  if (!model.is_null()) {
    const auto digest = base::Digest::from_hex(model.is_string() ? model.get<std::string>() : "");
    if (!digest.has_value()) return at("model_sha256", digest.error());
    log.model_sha256 = *digest;
  }
  if (!examples.is_array()) return bad(fmt::format("{}: examples is not a list", origin));
  if (examples.empty()) return bad(fmt::format("{}: there are no examples", origin));
  const Limits limits(*log.protocol);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const auto added = add_example(examples[i], limits, log);
    if (!added.has_value()) return at(place_of(examples[i], i + 1), added.error());
  }
  if (const auto list = check_example_list(log); !list.has_value()) {
    return at("protocol", list.error());
  }
  return log;
}

base::Result<std::string> to_json(const Log& log) {
  HEIRLOOM_TRY(check_has_counts(log));
  return document(log.examples,
                  log.whole_protocol ? log.protocol->to_json() : sampling_to_json(log),
                  log.model_sha256 ? fmt::format("\"{}\"", log.model_sha256->hex()) : "null");
}

}  // namespace heirloom::certificate
