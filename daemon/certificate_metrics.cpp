#include "daemon/certificate_metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace heirloom::daemon {

using nlohmann::json;

json metrics_json(const registry::CertificateRow& certificate,
                  const registry::CommitmentTerms& terms) {
  const bool whole = certificate.summary.examples == terms.listed;
  const auto if_known = [&](bool measured, double value) {
    return whole && measured ? json(value) : json(nullptr);
  };
  return {
      {"acr", if_known(terms.mode != certificate::Mode::gate, certificate.summary.acr)},
      {"clean_accuracy", if_known(true, certificate.summary.clean_accuracy)},
      {"abstain_rate", if_known(terms.n0 > 0, certificate.summary.abstain_rate)},
      {"certified_accuracy", whole ? json::parse(certificate.certified_accuracy) : json::object()}};
}

json metrics_json(const registry::CertificateRow& certificate,
                  const registry::CommitmentRow& commitment) {
  const certificate::Protocol& protocol = commitment.protocol;
  return metrics_json(certificate,
                      {commitment.id, commitment.holdout_id, protocol.mode, protocol.n0,
                       protocol.precision, commitment.examples.size(), commitment.level});
}

std::string procedure_text(const certificate::Protocol& protocol) {
  switch (protocol.mode) {
    case certificate::Mode::exact:
      return fmt::format(
          "n0 = {} draws chose a class and n = {} fresh draws bounded its probability at level "
          "alpha = {}",
          protocol.n0, protocol.n, protocol.alpha);
    case certificate::Mode::gate:
      return fmt::format(
          "up to n = {} draws decided at level alpha = {} whether its label is certified at the "
          "radii {}, and no other radius",
          protocol.n, protocol.alpha, fmt::join(protocol.radii, ", "));
    case certificate::Mode::adaptive:
      return fmt::format(
          "n0 = {} draws chose a class and up to n = {} fresh draws bounded its probability at "
          "level alpha = {}, until the radius was known to {}",
          protocol.n0, protocol.n, protocol.alpha, protocol.tolerance);
  }
  return "";
}

}  // namespace heirloom::daemon
