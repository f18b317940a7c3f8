#include "cli/render/accuracy.h"

#include <vector>

#include "cli/render/bar.h"
#include "cli/render/format.h"
#include "cli/render/table.h"

namespace heirloom::cli {

std::string render_accuracy(const Json& shares, const Style& style) {
  constexpr std::size_t kBar = 30;
  std::vector<std::vector<Cell>> rows;
  for (const auto& [radius, share] : shares.items()) {
    const auto value = number(shares, radius);
    rows.push_back({{radius}, {percent(value)}, {value_bar(value.value_or(0), kBar, style)}});
  }
  return render_table({{"RADIUS", true}, {"CERTIFIED", true}, {"", false, 1}}, rows, style);
}

}  // namespace heirloom::cli
