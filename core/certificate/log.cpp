#include "core/certificate/log.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/certificate/checks.h"
#include "core/certificate/json.h"
#include "core/certificate/tsv.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {

std::string_view to_string(Form form) {
  switch (form) {
    case Form::paper:
      return "locuslab";
    case Form::superset:
      return "superset";
    case Form::json:
      return "json";
  }
  return "unknown";
}

base::Result<Log> read_log(std::string_view text, std::string_view origin) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string_view::npos && text[first] == '{';
  return is_json ? log_from_json(text, origin) : log_from_tsv(text, origin);
}

base::Result<void> assume_sampling(Log& log, const Sampling& sampling, std::string_view origin) {
  if (log.protocol) {
    return base::fail(
        base::ErrorKind::usage,
        fmt::format("{} says itself how it was sampled: sigma {}, n {}, alpha {}", origin,
                    log.protocol->sigma, log.protocol->n, log.protocol->alpha),
        "sigma is only asked for where a log has radii alone");
  }
  Protocol protocol;
  protocol.n = sampling.n;
  protocol.alpha = sampling.alpha;
  protocol.sigma = sampling.sigma;
  if (const auto checked = check_sampling(protocol); !checked.has_value()) {
    return base::fail(base::ErrorKind::usage, checked.error().message);
  }
  const Limits limits(protocol, log.three_digits);
  for (const CertifiedExample& example : log.examples) {
    const auto allowed = limits.check_radius(example);
    if (allowed.has_value()) continue;
    return base::fail(
        base::ErrorKind::usage,
        fmt::format("{}: example idx {}: {}", origin, example.index, allowed.error().message),
        "was the log made with another sigma, more draws or a larger alpha?");
  }
  for (CertifiedExample& example : log.examples) {
    if (example.predicted == kAbstain) continue;
    example.p_lower = stats::normal_cdf(example.radius / sampling.sigma);
  }
  log.protocol = protocol;
  return {};
}

std::optional<double> largest_possible_radius(const Log& log) {
  if (!log.protocol) return std::nullopt;
  return Limits(*log.protocol, log.three_digits).largest_radius();
}

std::vector<std::string> warnings(const Log& log) {
  std::vector<std::string> found;
  if (log.three_digits) {
    found.emplace_back(
        "the radii have three significant digits, which may have been rounded up: one can be too "
        "large by half a unit of its last digit, and so can the ACR");
  }
  if (!log.protocol) {
    found.emplace_back(
        "the log does not say how it was sampled: without sigma there is no interval for the ACR "
        "and no p_lower, and what its level alpha was is not known");
  } else if (log.form == Form::paper) {
    found.emplace_back(fmt::format(
        "that sigma is {}, n {} and alpha {} was said, not read: the log has radii alone",
        log.protocol->sigma, log.protocol->n, log.protocol->alpha));
  }
  if (log.protocol && log.protocol->mode == Mode::gate) {
    found.emplace_back(
        "gate mode decides no radii but those of its policy's gates: each radius, and with it the "
        "ACR and the curve between them, is a lower end, and what is not certified at 0 may count "
        "as an abstention");
  }
  const bool any = std::any_of(log.examples.begin(), log.examples.end(),
                               [](const CertifiedExample& example) { return example.correct(); });
  if (!any) found.emplace_back("no example is certified for its label");
  return found;
}

}  // namespace heirloom::certificate
