#include "core/certificate/protocol.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/names.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {
namespace {

using base::ErrorKind;

constexpr std::uint64_t kMaxDraws = std::numeric_limits<std::uint32_t>::max();
constexpr std::array kModes = {Mode::exact, Mode::gate, Mode::adaptive};

base::Result<void> check_radii(const Protocol& protocol) {
  const std::vector<double>& radii = protocol.radii;
  const bool ascending =
      std::adjacent_find(radii.begin(), radii.end(), std::greater_equal<>()) == radii.end();
  if (radii.empty() || radii.front() != 0.0 || !ascending) {
    return base::fail(ErrorKind::usage,
                      "the radii of gate mode do not begin with 0 and ascend from there");
  }
  if (const double ceiling = radius_ceiling(protocol); !(radii.back() < ceiling)) {
    return base::fail(
        ErrorKind::usage,
        fmt::format("radius {} is not below {:.3f}, the most that {} draws can show at sigma {}",
                    radii.back(), ceiling, protocol.n, protocol.sigma));
  }
  return {};
}

}  // namespace

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::exact:
      return "exact";
    case Mode::gate:
      return "gate";
    case Mode::adaptive:
      return "adaptive";
  }
  return "unknown";
}

base::Result<Mode> parse_mode(std::string_view text) {
  for (const Mode mode : kModes) {
    if (text == to_string(mode)) return mode;
  }
  return base::fail(ErrorKind::usage, fmt::format("\"{}\" is not a certification mode", text),
                    "exact, gate or adaptive");
}

base::Digest Protocol::id() const {
  base::FieldEncoder fields;
  fields.text("heirloom/protocol/v1")
      .text(to_string(mode))
      .integer(static_cast<std::int64_t>(n0))
      .integer(static_cast<std::int64_t>(n))
      .real(alpha)
      .real(sigma)
      .text(kernel)
      .integer(kNoiseVersion)
      .digest(holdout_id)
      .digest(examples);
  if (mode != Mode::exact) fields.text("stopping").integer(kStoppingVersion);
  if (mode == Mode::gate) {
    fields.text("radii").integer(static_cast<std::int64_t>(radii.size()));
    for (const double radius : radii) fields.real(radius);
  }
  if (mode == Mode::adaptive) fields.text("tolerance").real(tolerance);
  if (grid) fields.text("grid");
  return fields.sha256();
}

std::string Protocol::to_json() const {
  nlohmann::json json = {{"mode", to_string(mode)},
                         {"n0", n0},
                         {"n", n},
                         {"alpha", alpha},
                         {"sigma", sigma},
                         {"kernel", kernel},
                         {"forward_batch", forward_batch},
                         {"precision", precision},
                         {"noise_version", kNoiseVersion},
                         {"holdout_id", holdout_id.hex()},
                         {"examples", examples.hex()},
                         {"id", id().hex()}};
  if (mode == Mode::gate) json["radii"] = radii;
  if (mode == Mode::adaptive) json["tolerance"] = tolerance;
  if (grid) json["grid"] = true;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<Protocol> Protocol::from_json(std::string_view text) {
  const auto bad = [](std::string_view what) {
    return base::fail(ErrorKind::bad_data, fmt::format("not a protocol: {}", what));
  };
  try {
    const auto json = nlohmann::json::parse(text);
    if (json.at("noise_version").get<int>() != kNoiseVersion) return bad("other noise streams");
    Protocol out;
    HEIRLOOM_ASSIGN(out.mode, parse_mode(json.at("mode").get<std::string>()));
    out.n0 = json.at("n0").get<std::uint64_t>();
    out.n = json.at("n").get<std::uint64_t>();
    out.alpha = json.at("alpha").get<double>();
    out.sigma = json.at("sigma").get<double>();
    out.kernel = json.at("kernel").get<std::string>();
    out.forward_batch = json.at("forward_batch").get<std::int64_t>();
    out.precision = json.value("precision", "fp32");
    if (out.mode == Mode::gate) out.radii = json.at("radii").get<std::vector<double>>();
    if (out.mode == Mode::adaptive) out.tolerance = json.at("tolerance").get<double>();
    out.grid = json.value("grid", false);
    HEIRLOOM_ASSIGN(out.holdout_id,
                    base::Digest::from_hex(json.at("holdout_id").get<std::string>()));
    HEIRLOOM_ASSIGN(out.examples, base::Digest::from_hex(json.at("examples").get<std::string>()));
    if (out.id().hex() != json.at("id").get<std::string>()) return bad("its id does not follow");
    return out;
  } catch (const nlohmann::json::exception& error) {
    return bad(error.what());
  }
}

base::Result<void> check_protocol(const Protocol& protocol, std::int64_t classes) {
  const bool selects = protocol.n0 >= 1 || protocol.mode == Mode::gate;
  const bool holds = selects && protocol.n0 <= kMaxDraws && protocol.n >= 1 &&
                     protocol.n <= kMaxDraws && protocol.alpha > 0.0 && protocol.alpha < 0.5 &&
                     protocol.sigma > 0.0 && std::isfinite(protocol.sigma) && classes >= 2;
  if (!holds) {
    return base::fail(
        ErrorKind::usage,
        fmt::format("no certificate follows from n0 {}, n {}, alpha {}, sigma {}, "
                    "{} classes",
                    protocol.n0, protocol.n, protocol.alpha, protocol.sigma, classes));
  }
  if (protocol.mode == Mode::gate) return check_radii(protocol);
  if (protocol.mode == Mode::adaptive &&
      !(protocol.tolerance > 0.0 && std::isfinite(protocol.tolerance))) {
    return base::fail(ErrorKind::usage,
                      fmt::format("the tolerance of adaptive mode is {}", protocol.tolerance));
  }
  return {};
}

double radius_ceiling(Mode mode, double sigma, std::uint64_t n, double alpha) {
  return stats::exact_radius_ceiling(sigma, n, mode == Mode::exact ? alpha : alpha / 2.0);
}

double radius_ceiling(const Protocol& protocol) {
  return radius_ceiling(protocol.mode, protocol.sigma, protocol.n, protocol.alpha);
}

base::Digest example_list_digest(const std::vector<std::uint32_t>& examples) {
  base::FieldEncoder fields;
  for (const std::uint32_t index : examples) fields.integer(index);
  return fields.sha256();
}

}  // namespace heirloom::certificate
