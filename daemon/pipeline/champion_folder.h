// What consumers read: STATE/models/NAME/champion -> gN/{model.pt, certificate.json,
// certificate.tsv, card.md}. Derived from the registry: switched by one rename after the commit,
// and made again at each start.
#pragma once

#include "core/base/result.h"
#include "daemon/state_folder.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// Nothing happens for a model without a champion, or whose folder and link are already right.
base::Result<void> publish_champion(registry::Registry& registry, const StateFolder& state,
                                    const registry::ModelRow& model);

std::filesystem::path champion_path(const StateFolder& state, const std::string& model);

}  // namespace heirloom::daemon
