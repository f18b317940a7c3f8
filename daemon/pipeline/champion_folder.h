// What consumers read: STATE/models/NAME/champion -> gN/{model.pt, certificate.json,
// certificate.tsv, card.md, promotion.dsse.json}. Derived from the registry: switched by one rename
// after the commit, and made again at each start.
#pragma once

#include "core/base/result.h"
#include "core/base/signing.h"
#include "daemon/state_folder.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// With a key the folder also holds the signed statement of bundle/promotion.h.
// Nothing happens for a model without a champion, or whose folder and link are already right.
base::Result<void> publish_champion(registry::Registry& registry, const StateFolder& state,
                                    const registry::ModelRow& model,
                                    const base::SigningKey* key = nullptr);

std::filesystem::path champion_path(const StateFolder& state, const std::string& model);

}  // namespace heirloom::daemon
