// The superset of a certification log as one JSON document:
//   {"protocol": {"mode": "exact", "n0": 100, "n": 100000, "alpha": 0.001, "sigma": 0.5, ...},
//    "model_sha256": "9f2c..." or null,
//    "examples": [{"idx": 0, "label": 7, "predict": 7, "radius": 1.86, "n_a": 99990,
//                  "p_lower": 0.9997}, ...]}
// `protocol` is Protocol::to_json() whole, or only the five fields above and perhaps its `id`.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/certificate/log.h"

namespace heirloom::certificate {

// Refuses fields that are unknown, missing, given twice or of another type. Errors name `origin`
// and the example (its place, from 1, and its idx).
base::Result<Log> log_from_json(std::string_view text, std::string_view origin);

// One example a line. Refuses a paper log, which has no counts.
base::Result<std::string> to_json(const Log& log);

}  // namespace heirloom::certificate
