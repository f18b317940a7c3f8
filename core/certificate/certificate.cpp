#include "core/certificate/certificate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/stats/binomial.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {
namespace {

constexpr std::uint64_t kMaxDraws = std::numeric_limits<std::uint32_t>::max();

base::Result<void> check_protocol(const Protocol& protocol, std::int64_t classes) {
  const bool holds = protocol.n0 >= 1 && protocol.n0 <= kMaxDraws && protocol.n >= 1 &&
                     protocol.n <= kMaxDraws && protocol.alpha > 0.0 && protocol.alpha < 0.5 &&
                     protocol.sigma > 0.0 && std::isfinite(protocol.sigma) && classes >= 2;
  if (holds) return {};
  return base::fail(base::ErrorKind::usage,
                    fmt::format("no certificate follows from n0 {}, n {}, alpha {}, sigma {}, "
                                "{} classes",
                                protocol.n0, protocol.n, protocol.alpha, protocol.sigma, classes));
}

base::Result<void> check_counts(const char* name, const std::vector<std::uint32_t>& counts,
                                std::int64_t classes, std::uint64_t draws, std::uint32_t index) {
  if (static_cast<std::int64_t>(counts.size()) != classes) {
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("example {}: {} has {} classes instead of {}", index, name,
                                  counts.size(), classes));
  }
  const std::uint64_t sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (sum > draws) {
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("example {}: {} counts {} draws, more than the protocol's {}",
                                  index, name, sum, draws));
  }
  return {};
}

}  // namespace

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::exact:
      return "exact";
  }
  return "unknown";
}

base::Result<Mode> parse_mode(std::string_view text) {
  if (text == to_string(Mode::exact)) return Mode::exact;
  return base::fail(base::ErrorKind::usage, fmt::format("\"{}\" is not a certification mode", text),
                    "exact");
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
  return fields.sha256();
}

std::string Protocol::to_json() const {
  return nlohmann::json{{"mode", to_string(mode)},
                        {"n0", n0},
                        {"n", n},
                        {"alpha", alpha},
                        {"sigma", sigma},
                        {"kernel", kernel},
                        {"forward_batch", forward_batch},
                        {"noise_version", kNoiseVersion},
                        {"holdout_id", holdout_id.hex()},
                        {"examples", examples.hex()},
                        {"id", id().hex()}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<Protocol> Protocol::from_json(std::string_view text) {
  const auto bad = [](std::string_view what) {
    return base::fail(base::ErrorKind::bad_data, fmt::format("not a protocol: {}", what));
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
    HEIRLOOM_ASSIGN(out.holdout_id,
                    base::Digest::from_hex(json.at("holdout_id").get<std::string>()));
    HEIRLOOM_ASSIGN(out.examples, base::Digest::from_hex(json.at("examples").get<std::string>()));
    if (out.id().hex() != json.at("id").get<std::string>()) return bad("its id does not follow");
    return out;
  } catch (const nlohmann::json::exception& error) {
    return bad(error.what());
  }
}

base::Digest example_list_digest(const std::vector<std::uint32_t>& examples) {
  base::FieldEncoder fields;
  for (const std::uint32_t index : examples) fields.integer(index);
  return fields.sha256();
}

base::Result<CertifiedExample> certify_example(const Protocol& protocol, std::int64_t classes,
                                               const ExampleCounts& counts) {
  HEIRLOOM_TRY(check_protocol(protocol, classes));
  HEIRLOOM_TRY(check_counts("select", counts.select, classes, protocol.n0, counts.index));
  HEIRLOOM_TRY(check_counts("estimate", counts.estimate, classes, protocol.n, counts.index));
  if (counts.label < 0 || counts.label >= classes) {
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("example {}: label {} is none of {} classes", counts.index,
                                  counts.label, classes));
  }
  // max_element gives the first of equals: the lowest class.
  const auto selected = static_cast<std::size_t>(
      std::max_element(counts.select.begin(), counts.select.end()) - counts.select.begin());
  CertifiedExample example;
  example.index = counts.index;
  example.label = counts.label;
  example.n_a = counts.estimate[selected];
  // A draw that was tied, and so belongs to no class, is a failure: the bound is over all n.
  example.p_lower = stats::clopper_pearson_lower(
      counts.estimate[selected], static_cast<std::int64_t>(protocol.n), protocol.alpha);
  if (example.p_lower >= 0.5) {
    example.predicted = static_cast<std::int32_t>(selected);
    example.radius = stats::certified_radius(protocol.sigma, example.p_lower);
  }
  return example;
}

base::Result<Certificate> certify(const Protocol& protocol, const base::Digest& model_sha256,
                                  std::int64_t classes, const std::vector<std::uint32_t>& expected,
                                  const std::vector<ExampleCounts>& counts) {
  if (expected.empty() || example_list_digest(expected) != protocol.examples) {
    return base::fail(base::ErrorKind::usage, "the protocol names other examples than the job");
  }
  if (counts.size() != expected.size()) {
    return base::fail(base::ErrorKind::bad_data, fmt::format("counts of {} examples instead of {}",
                                                             counts.size(), expected.size()));
  }
  Certificate certificate;
  certificate.protocol = protocol;
  certificate.model_sha256 = model_sha256;
  certificate.examples.reserve(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i].index != expected[i] || (i > 0 && expected[i] <= expected[i - 1])) {
      return base::fail(
          base::ErrorKind::bad_data,
          fmt::format("row {} is example {} instead of {}", i + 1, counts[i].index, expected[i]),
          "examples ascend and are those of the job");
    }
    HEIRLOOM_ASSIGN(CertifiedExample example, certify_example(protocol, classes, counts[i]));
    certificate.examples.push_back(example);
  }
  return certificate;
}

}  // namespace heirloom::certificate
