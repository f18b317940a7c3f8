// The evidence behind one generation's verdict, as rows of the registry exactly as the audit chain
// covers them, each within the event that recorded it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/audit/extract.h"
#include "core/base/digest.h"
#include "core/base/result.h"

namespace heirloom::bundle {

using Range = audit::RecordedRows;
using BundleEvent = audit::EventRows;
using Link = audit::Link;

struct Bundle {
  std::string model;
  std::string generation;           // "g2"
  std::vector<BundleEvent> events;  // ascending
  // Every event after the first of `events` up to the head; empty where that would be too many.
  std::vector<Link> links;
  std::int64_t head_seq = 0;
  base::Digest head;
  std::string head_envelope;  // signed, or empty
  // Counts and the like, by the hex of their SHA-256.
  std::map<std::string, std::string> artifacts;
};

std::string to_json(const Bundle& bundle);  // without the artifacts
// An error (bad_data) says what is missing or of another form. Hashes are not looked at.
base::Result<Bundle> from_json(std::string_view text, std::string_view origin);

}  // namespace heirloom::bundle
