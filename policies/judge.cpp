#include "policies/judge.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "policies/gates.h"

namespace heirloom::policies {
namespace {

using certificate::Certificate;
using certificate::CertifiedExample;

tl::unexpected<base::Error> bad_evidence(std::string message) {
  return base::fail(base::ErrorKind::bad_data, std::move(message));
}

// What certificate::certify never produces is refused, since a kinder verdict could hang on it.
base::Result<void> check_examples(std::string_view whose, const Certificate& certificate,
                                  std::int64_t classes) {
  const certificate::Protocol& protocol = certificate.protocol;
  if (certificate.examples.empty()) {
    return bad_evidence(fmt::format("the certificate of the {} has no examples", whose));
  }
  const double ceiling = certificate::radius_ceiling(protocol);
  std::vector<std::uint32_t> indices;
  for (const CertifiedExample& example : certificate.examples) {
    const bool abstains = example.predicted == certificate::kAbstain;
    const bool possible = example.label >= 0 && example.label < classes &&
                          example.predicted >= certificate::kAbstain &&
                          example.predicted < classes && example.radius >= 0.0 &&
                          example.radius <= ceiling && (!abstains || example.radius == 0.0);
    if (!possible) {
      return bad_evidence(fmt::format("the certificate of the {} is impossible at example {}",
                                      whose, example.index));
    }
    indices.push_back(example.index);
  }
  // A certificate that lacks some of its examples might lack those that failed: a curtailed one
  // holds the beginning of the list, and can only lead to a rejection.
  const std::vector<std::uint32_t>& listed = certificate.curtailed() ? certificate.listed : indices;
  if (certificate::example_list_digest(listed) != protocol.examples ||
      !std::equal(indices.begin(), indices.end(), listed.begin())) {
    return bad_evidence(fmt::format(
        "the certificate of the {} holds other examples than its protocol names", whose));
  }
  return {};
}

// Evidence that lacks what a gate asks for gives no verdict.
base::Result<void> check_answers(const certificate::Protocol& protocol,
                                 const Threshold& threshold) {
  if (protocol.mode != certificate::Mode::gate) return {};
  const auto lacks = [&](std::string_view what) {
    return base::fail(base::ErrorKind::conflict,
                      fmt::format("the gate \"{}\" asks for {}, which the certification in gate "
                                  "mode did not decide",
                                  threshold.text(), what),
                      "certify again under this policy");
  };
  if (threshold.metric == Metric::training_cost) return {};
  if (threshold.metric == Metric::acr || threshold.metric == Metric::pa_quantile) {
    return lacks("radii themselves");
  }
  if (threshold.metric == Metric::abstain_rate) {
    return protocol.n0 > 0 ? base::Result<void>() : lacks("abstentions");
  }
  const double radius = has_radius(threshold.metric) ? threshold.radius : 0.0;
  const auto& radii = protocol.radii;
  if (std::find(radii.begin(), radii.end(), radius) == radii.end()) return lacks("its radius");
  return {};
}

base::Result<void> check_baseline(std::string_view whose, const Certificate* baseline,
                                  const JudgeInput& input) {
  if (baseline == nullptr) return {};
  if (baseline->protocol.id() != input.candidate->protocol.id()) {
    return base::fail(base::ErrorKind::conflict,
                      fmt::format("the {} was certified under another protocol", whose),
                      "certify it again under the candidate's");
  }
  HEIRLOOM_TRY(check_examples(whose, *baseline, input.classes));
  if (baseline->curtailed()) {
    return bad_evidence(fmt::format("the certificate of the {} is not complete", whose));
  }
  const auto& ours = input.candidate->examples;
  const auto& theirs = baseline->examples;
  // Under one protocol both have one list; of a curtailed candidate there is less.
  const bool paired = theirs.size() >= ours.size() &&
                      std::equal(ours.begin(), ours.end(), theirs.begin(),
                                 [](const CertifiedExample& x, const CertifiedExample& y) {
                                   return x.index == y.index && x.label == y.label;
                                 });
  if (!paired) {
    return bad_evidence(
        fmt::format("the {} and the candidate differ in examples or labels", whose));
  }
  return {};
}

base::Result<void> check_input(const JudgeInput& input) {
  if (input.thresholds.empty()) {
    return base::fail(base::ErrorKind::usage, "there is no gate to judge by");
  }
  for (const Threshold& threshold : input.thresholds) HEIRLOOM_TRY(check_threshold(threshold));
  if (!(input.level > 0.0 && input.level < 1.0)) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("nothing can be judged at level {}", input.level),
                      "the holdout's ledger is exhausted when the level is 0: use a new holdout");
  }
  if (input.candidate == nullptr || input.classes < 2) {
    return base::fail(base::ErrorKind::internal, "there is no candidate to judge");
  }
  const certificate::Protocol& protocol = input.candidate->protocol;
  if (!(protocol.alpha > 0.0 && protocol.alpha < 0.5) || !(protocol.sigma > 0.0) ||
      !std::isfinite(protocol.sigma) || protocol.n < 1) {
    return bad_evidence("the certificate of the candidate has an impossible protocol");
  }
  for (const Threshold& threshold : input.thresholds) {
    HEIRLOOM_TRY(check_answers(protocol, threshold));
  }
  HEIRLOOM_TRY(check_examples("candidate", *input.candidate, input.classes));
  HEIRLOOM_TRY(check_baseline("champion", input.champion, input));
  return check_baseline("root generation", input.root, input);
}

// "(no champion yet)" when some binding gate had no baseline.
std::string absence_text(const std::vector<Gate>& gates) {
  const auto absent = std::find_if(gates.begin(), gates.end(), [](const Gate& gate) {
    return !gate.applicable && !gate.threshold.dry_run;
  });
  return absent == gates.end() ? std::string() : fmt::format(" ({})", absent->note);
}

Judgement decide(std::vector<Gate> gates, const JudgeInput& input) {
  std::size_t binding = 0;  // gates that have a say
  std::vector<const Gate*> failed;
  for (const Gate& gate : gates) {
    if (gate.threshold.dry_run || !gate.applicable) continue;
    ++binding;
    if (!gate.pass) failed.push_back(&gate);
  }
  Judgement judgement;
  if (binding == 0) {
    judgement.verdict = Verdict::held;
    judgement.reason =
        fmt::format("held: no gate applies{}, a person must decide", absence_text(gates));
  } else if (failed.empty()) {
    judgement.verdict = Verdict::promoted;
    judgement.reason =
        fmt::format("promoted: {0} of {0} gates passed{1}", binding, absence_text(gates));
  } else {
    judgement.verdict = Verdict::rejected;
    judgement.reason = fmt::format("rejected: {}", failure_text(*failed.front(), input));
    if (failed.size() > 1) {
      judgement.reason += fmt::format("; {} of {} gates failed", failed.size(), binding);
    }
  }
  judgement.gates = std::move(gates);
  return judgement;
}

// "example 17" or "examples 3, 17": a few by name.
std::string named(const std::vector<std::uint32_t>& examples) {
  constexpr std::size_t kNamed = 10;
  const std::size_t shown = std::min(examples.size(), kNamed);
  std::string text = fmt::format(
      "{} {}", examples.size() == 1 ? "example" : "examples",
      fmt::join(examples.begin(), examples.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (shown < examples.size()) text += fmt::format(" and {} more", examples.size() - shown);
  return text;
}

// A candidate that passed its gates answers for the certificates that were broken.
void weigh(const certificate::Falsification& attack, const JudgeInput& input,
           Judgement& judgement) {
  if (attack.broken.empty() || judgement.verdict == Verdict::rejected) return;
  const double alpha = input.candidate->protocol.alpha;
  const std::string found =
      input.sealed ? std::string("an attack broke certificates")
                   : fmt::format("an attack broke {} of {} certificates ({})", attack.broken.size(),
                                 attack.attacked, named(attack.broken));
  if (certificate::refutes_alpha(attack, alpha)) {
    judgement.verdict = Verdict::rejected;
    judgement.reason = fmt::format("rejected: {}, more than alpha {} explains", found, alpha);
  } else {
    judgement.verdict = Verdict::held;
    judgement.reason = fmt::format("held: {}, a person must decide", found);
  }
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::promoted:
      return "promoted";
    case Verdict::rejected:
      return "rejected";
    case Verdict::held:
      return "held";
    case Verdict::error:
      return "error";
  }
  return "unknown";
}

base::Result<Verdict> parse_verdict(std::string_view text) {
  for (const Verdict verdict :
       {Verdict::promoted, Verdict::rejected, Verdict::held, Verdict::error}) {
    if (text == to_string(verdict)) return verdict;
  }
  return base::fail(base::ErrorKind::usage, fmt::format("\"{}\" is not a verdict", text));
}

base::Result<Judgement> judge(const JudgeInput& input) {
  HEIRLOOM_TRY(check_input(input));
  std::vector<Gate> gates;
  gates.reserve(input.thresholds.size());
  for (const Threshold& threshold : input.thresholds) gates.push_back(measure(input, threshold));
  Judgement judgement = decide(std::move(gates), input);
  if (input.candidate->curtailed() && judgement.verdict != Verdict::rejected) {
    return base::fail(base::ErrorKind::conflict,
                      fmt::format("the certification ended after {} of {} examples, which is not "
                                  "enough to judge by these gates",
                                  input.candidate->examples.size(), input.candidate->listed.size()),
                      "certify again under this policy");
  }
  if (input.falsification != nullptr) {
    weigh(*input.falsification, input, judgement);
  }
  return judgement;
}

}  // namespace heirloom::policies
