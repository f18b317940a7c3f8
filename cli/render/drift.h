// Tests of new data for drift.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

std::string render_drift_list(const Json& list, const Style& style);
std::string render_drift(const Json& check, const Style& style);

// "s3: drift, an alarm stands, 2026-11-28 05:30", for one line of a status; empty where nothing was
// tested yet.
std::string drift_line(const Json& drift);
Tone tone_of_band(std::string_view band);

}  // namespace heirloom::cli
