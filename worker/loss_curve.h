// The loss of a training over its steps, from the events of all its attempts.
#pragma once

#include <filesystem>
#include <vector>

#include "core/jobs/result.h"

namespace heirloom::worker {

// At most jobs::kMostLossPoints, ascending; where a later attempt did a step again, its loss. Empty
// when the file cannot be read: events are news, not evidence.
std::vector<jobs::LossPoint> loss_curve(const std::filesystem::path& events);

}  // namespace heirloom::worker
