#include "cli/render/champion.h"

#include "cli/render/format.h"
#include "cli/render/table.h"

namespace heirloom::cli {

std::string render_champion(const Json& champion, const Style& style) {
  return render_facts({{"generation", {text(champion, "generation"), Tone::good}},
                       {"since", {short_time(text(champion, "since")) + " UTC"}},
                       {"model", {text(champion, "model_sha256")}},
                       {"path", {text(champion, "path")}}},
                      style);
}

}  // namespace heirloom::cli
