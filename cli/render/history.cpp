#include "cli/render/history.h"

#include <algorithm>
#include <vector>

#include "cli/render/bar.h"
#include "cli/render/format.h"
#include "cli/render/table.h"

namespace heirloom::cli {

std::string render_history(const Json& history, const Style& style) {
  constexpr std::size_t kBar = 24;
  const std::string metric = text(history, "metric");
  const Json& points = items(history, "points");
  double largest = 0.0;
  for (const Json& point : points) {
    largest = std::max(largest, number(point, "value").value_or(0));
  }
  std::vector<std::vector<Cell>> rows;
  for (const Json& point : points) {
    const std::string verdict = text(point, "verdict");
    const auto value = number(point, "value");
    const double share = largest > 0 ? value.value_or(0) / largest : 0.0;
    rows.push_back({{text(point, "generation")},
                    {short_time(text(point, "at"))},
                    {or_dash(verdict), tone_of_state(verdict)},
                    {metric_value(metric, value)},
                    {value_bar(share, kBar, style)}});
  }
  return render_table({{"GENERATION"},
                       {"AT (UTC)", false, 1},
                       {"VERDICT"},
                       {metric.empty() ? "VALUE" : metric, true},
                       {"", false, 2}},
                      rows, style);
}

}  // namespace heirloom::cli
