#include "cli/render/summary.h"

#include "cli/render/accuracy.h"
#include "cli/render/format.h"
#include "cli/render/table.h"

namespace heirloom::cli {

std::string render_summary(const Json& summary, const Style& style) {
  return render_facts({{"examples", {grouped(integer(summary, "n"))}},
                       {"acr", {decimal(number(summary, "acr"))}},
                       {"abstain", {percent(number(summary, "abstain_rate"))}}},
                      style) +
         "\n" + render_accuracy(field(summary, "certified_accuracy"), style);
}

}  // namespace heirloom::cli
