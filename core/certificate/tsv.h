// Certification logs as tab-separated text: the papers' (locuslab/smoothing) columns
//   idx label predict radius correct time
// and our superset, which has after them
//   n_a n0 n alpha sigma p_lower mode protocol
// `protocol` is the hex digest of Protocol::id(), or "-" where it is not known. n0 to sigma, mode
// and protocol are those of every row. Logs written before the last two columns are read too.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/certificate/certificate.h"
#include "core/certificate/log.h"

namespace heirloom::certificate {

// Reads either. `time` may be `h:mm:ss.ffffff` or seconds, and is not kept; predict -1 is an
// abstention. Columns that the papers' form lacks stay zero. An error names `origin` and the line.
base::Result<Log> log_from_tsv(std::string_view text, std::string_view origin);

// The papers' columns alone. Radii are written at full precision, and `time` as 0, here and below.
std::string to_paper_tsv(std::span<const CertifiedExample> examples);

// The superset.
std::string to_tsv(const Certificate& certificate);
// The same of a log that was read. Refuses a paper log, which has no counts.
base::Result<std::string> to_superset_tsv(const Log& log);

}  // namespace heirloom::certificate
