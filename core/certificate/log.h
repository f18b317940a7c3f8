// A certification log as it was read from a file: its examples, and what it says about how they
// were certified. docs/certificates.md describes the forms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/certificate/certificate.h"

namespace heirloom::certificate {

enum class Form {
  paper,     // the TSV of locuslab/smoothing: radii, and nothing about how they were found
  superset,  // that TSV with counts, bounds and sampling after its columns
  json,      // the superset as one document, with the model and, if known, the whole protocol
};
std::string_view to_string(Form form);

struct Log {
  Form form = Form::paper;
  std::vector<CertifiedExample> examples;  // ascending index; at least one
  // How they were sampled. A paper log has none until assume_sampling(); of a superset only mode,
  // n0, n, alpha and sigma are known.
  std::optional<Protocol> protocol;
  bool whole_protocol = false;
  std::optional<base::Digest> protocol_id;
  std::optional<base::Digest> model_sha256;
  // No radius has more than three significant digits, which is how the papers' scripts print
  // them, to the nearest: one may be half a unit of its last digit too large.
  bool three_digits = false;
};

// Reads any form, told apart by its first bytes. Errors name `origin` and the line or example.
base::Result<Log> read_log(std::string_view text, std::string_view origin);

// What a paper log leaves out, as its reader knows it.
struct Sampling {
  double sigma = 0.0;
  std::uint64_t n = 0;
  double alpha = 0.0;
};
// Takes `log` as one of exact mode that was sampled so: sets its protocol, and p_lower to
// Phi(radius / sigma). Refuses a radius that this does not allow and a log that knows itself; then
// the log is as it was.
base::Result<void> assume_sampling(Log& log, const Sampling& sampling, std::string_view origin);

// The largest radius that `log` may hold; nothing when its sampling is not known.
std::optional<double> largest_possible_radius(const Log& log);

// What a reader of its figures should know, one sentence each.
std::vector<std::string> warnings(const Log& log);

}  // namespace heirloom::certificate
