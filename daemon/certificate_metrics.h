// The figures of a certificate, as the API and the champion's folder show them.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "registry/evidence.h"

namespace heirloom::daemon {

// acr, clean_accuracy, abstain_rate, certified_accuracy {radius: share}. A figure is null where the
// certification did not measure it: gate mode finds no radii, and abstentions only when asked; of a
// run that ended early nothing is known but its bounds.
nlohmann::json metrics_json(const registry::CertificateRow& certificate,
                            const registry::CommitmentTerms& terms);
nlohmann::json metrics_json(const registry::CertificateRow& certificate,
                            const registry::CommitmentRow& commitment);

// How the draws were used, in a sentence for people.
std::string procedure_text(const certificate::Protocol& protocol);

}  // namespace heirloom::daemon
