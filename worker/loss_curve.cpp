#include "worker/loss_curve.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "core/base/files.h"
#include "core/jobs/event.h"

namespace heirloom::worker {
namespace {

constexpr std::uint64_t kMaxEventBytes = std::uint64_t{1} << 28;

}  // namespace

std::vector<jobs::LossPoint> loss_curve(const std::filesystem::path& events) {
  const auto text = base::read_file(events, kMaxEventBytes);
  if (!text) return {};
  std::map<std::int64_t, double> losses;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto event = jobs::event_from_json_line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!event || event->kind != jobs::Event::Kind::progress) continue;
    losses[event->position] = event->loss;
  }
  std::vector<jobs::LossPoint> curve;
  const std::size_t every = losses.size() / jobs::kMostLossPoints + 1;
  std::size_t i = 0;
  for (const auto& [step, loss] : losses) {
    // The first and, counted from there, every so many'th.
    if (i++ % every == 0) curve.push_back({step, loss});
  }
  return curve;
}

}  // namespace heirloom::worker
