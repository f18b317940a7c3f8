// judge: thresholds and evidence in, verdict out. A pure function: nothing is read or written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/certificate/certificate.h"
#include "core/certificate/falsification.h"
#include "policies/policy.h"

namespace heirloom::policies {

// Stored by these names. `error` is given by the pipeline when nothing was learned about the
// model; judge never returns it.
enum class Verdict { promoted, rejected, held, error };
std::string_view to_string(Verdict verdict);
base::Result<Verdict> parse_verdict(std::string_view text);

// One judged gate.
struct Gate {
  Threshold threshold;
  // False for a relative gate without a baseline generation: it then neither passes nor fails.
  bool applicable = true;
  bool pass = false;
  double observed = 0.0;   // the point value; for relative gates too, the challenger's own
  double bound = 0.0;      // the confidence bound that decides, on the scale of `required`
  double required = 0.0;   // what the bound had to reach: the threshold's value, or baseline's
                           // observed value - margin for relative gates (shown, not the test)
  double p_value = 1.0;    // of the exact test, where there is one; the gate passes iff <= level
  std::int64_t count = 0;  // examples that counted for it, of `examples`; 0 for training_cost
  std::int64_t examples = 0;
  std::int64_t baseline_only = 0;  // relative gates on shares: b and c of the paired test
  std::int64_t candidate_only = 0;
  bool ended_early = false;  // measured on a curtailed run: `observed` and `bound` are the most
  std::string note;          // for people: the worst class, why it is not applicable, ...
};

struct JudgeInput {
  std::vector<Threshold> thresholds;
  double level = 0.05;  // of each gate: min(1 - confidence, the ledger's level)
  const certificate::Certificate* candidate = nullptr;  // never null
  std::int64_t classes = 0;
  // Null when there is no champion (or root) yet. Must have the candidate's protocol id.
  const certificate::Certificate* champion = nullptr;
  const certificate::Certificate* root = nullptr;
  // What an attack on the candidate's certificates found; null when there was none.
  const certificate::Falsification* falsification = nullptr;
  std::optional<double> training_seconds;  // none where it was not recorded
  bool sealed = false;  // the holdout's figures are hidden: the reason names none of them
};

struct Judgement {
  Verdict verdict = Verdict::held;
  std::string reason;       // one line that a person understands
  std::vector<Gate> gates;  // one per threshold, in order
};

// All gates but dry runs must pass (an intersection-union test: docs/statistics.md section 1).
// A policy whose every binding gate is missing a baseline gives held. So does a certificate that an
// attack broke; more breaks than alpha explains give rejected.
// Errors: no thresholds, a null or empty candidate, evidence that is not the whole of its
// protocol's example list or holds impossible values, a baseline under another protocol or on other
// examples, a level out of (0, 1), a threshold that makes no sense.
base::Result<Judgement> judge(const JudgeInput& input);

}  // namespace heirloom::policies
