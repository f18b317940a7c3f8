// Certification logs of the papers (locuslab/smoothing): `idx label predict radius correct time`,
// and our superset with `n_a n0 n alpha sigma p_lower` after them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/certificate/certificate.h"

namespace heirloom::certificate {

// Reads either form. `time` may be `h:mm:ss.ffffff` or seconds; predict -1 is an abstention.
// Columns that the papers' form lacks stay zero. An error names `origin` and the line.
base::Result<std::vector<CertifiedExample>> examples_from_tsv(std::string_view text,
                                                              std::string_view origin);

// The superset, radii at full precision; `time` is 0, since a batch serves many examples.
std::string to_tsv(const Certificate& certificate);

}  // namespace heirloom::certificate
