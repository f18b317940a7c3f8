#include "bundle/verify.h"

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bundle/records.h"
#include "bundle/signatures.h"
#include "config/policy_yaml.h"
#include "core/audit/envelope.h"
#include "core/base/names.h"
#include "policies/reservation.h"

namespace heirloom::bundle {
namespace {

// Ends the checks: the first difference.
class Difference : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <typename T>
void same(const std::string& what, const T& stored, const T& recomputed) {
  if constexpr (std::is_same_v<T, double>) {
    if (stored == recomputed || (std::isnan(stored) && std::isnan(recomputed))) return;
  } else if (stored == recomputed) {
    return;
  }
  throw Difference(fmt::format("{} is {} as stored, {} as recomputed", what, stored, recomputed));
}

void same_digest(const std::string& what, const base::Digest& stored,
                 const base::Digest& recomputed) {
  same(what, stored.hex(), recomputed.hex());
}

template <typename T>
T require(const std::string& doing, base::Result<T> result) {
  if (!result) throw Difference(fmt::format("{}: {}", doing, result.error().text()));
  return *std::move(result);
}

void check_event(const BundleEvent& event) {
  std::vector<audit::RecordedRange> ranges;
  for (const Range& range : event.ranges) {
    const auto& [rows, digest] = range.recorded;
    ranges.push_back(range.recorded);
    if (!range.rows) continue;
    same_digest(
        fmt::format("the digest of {} rows {} to {}", rows.table, rows.first_id, rows.last_id),
        digest, audit::digest_of_rows(rows.table, *range.rows));
  }
  same_digest(fmt::format("the hash of event {}", event.event.seq), event.event.hash,
              audit::chain_hash(event.previous, event.event, audit::digest_of_ranges(ranges)));
}

// Bundled events that follow one another do so by their hashes.
void check_neighbours(const Bundle& bundle) {
  for (std::size_t i = 1; i < bundle.events.size(); ++i) {
    const BundleEvent& before = bundle.events[i - 1];
    const BundleEvent& event = bundle.events[i];
    if (event.event.seq <= before.event.seq) {
      throw Difference(fmt::format("event {} is out of order", event.event.seq));
    }
    if (event.event.seq != before.event.seq + 1) continue;
    same_digest(fmt::format("the hash of event {}", before.event.seq), before.event.hash,
                event.previous);
  }
}

// From the first bundled event to the head; each bundled event is one of the links.
void check_links(const Bundle& bundle, std::vector<std::string>& checks) {
  if (bundle.links.empty()) {
    if (bundle.events.back().event.seq == bundle.head_seq) {
      same_digest("the head", bundle.head, bundle.events.back().event.hash);
    }
    return;
  }
  std::int64_t seq = bundle.events.front().event.seq;
  base::Digest hash = bundle.events.front().event.hash;
  auto next = bundle.events.begin() + 1;
  for (const Link& link : bundle.links) {
    same(fmt::format("the event after {}", seq), link.event.seq, seq + 1);
    same_digest(fmt::format("the hash of event {}", link.event.seq), link.event.hash,
                audit::chain_hash(hash, link.event, link.rows_digest));
    seq = link.event.seq;
    hash = link.event.hash;
    if (next == bundle.events.end() || next->event.seq != seq) continue;
    same_digest(fmt::format("event {}", seq), next->event.hash, hash);
    ++next;
  }
  if (next != bundle.events.end()) {
    throw Difference(fmt::format("event {} is not in the chain to the head", next->event.seq));
  }
  same_digest("the head", bundle.head, hash);
  checks.push_back(fmt::format("the chain holds from event {} to the head, event {}",
                               bundle.events.front().event.seq, seq));
}

void check_signature(const Bundle& bundle, const base::VerifyKey& key,
                     std::vector<std::string>& checks) {
  const std::string signed_text =
      require("the signature of the head",
              audit::open_envelope(key, audit::kHeadType, bundle.head_envelope));
  const auto head = nlohmann::json::parse(signed_text);
  same("the signed head's event", head.at("seq").get<std::int64_t>(), bundle.head_seq);
  same("the signed head", head.at("hash").get<std::string>(), bundle.head.hex());
  checks.push_back(fmt::format("the head is signed by key {:.12}", key.id()));
}

// The row of the generation that the bundle is about.
const Record& generation_of(const Bundle& bundle, const Records& records) {
  const std::int64_t number =
      require("the bundle's generation", base::parse_generation(bundle.generation));
  for (const Record& model : records.table("models")) {
    if (model.text("name") != bundle.model) continue;
    for (const Record& row : records.table("generations")) {
      if (row.integer("model_id") == model.integer("id") && row.integer("number") == number) {
        return row;
      }
    }
  }
  throw Difference(fmt::format("the bundle has no row of {} {}", bundle.model, bundle.generation));
}

void check_policy(const Records& records, std::int64_t policy_id) {
  const Record& row = records.one("policies", "id", policy_id);
  const std::string text = row.text("text");
  same_digest("the hash of the policy's text", row.digest("text_sha256"), base::sha256(text));
  const policies::Policy policy =
      require("the policy's text", config::policy_from_yaml(text, "policy"));
  const PolicyOptions options = policy_options_of(records, policy_id);
  same("the policy's approval", std::string(policies::to_string(options.approval)),
       std::string(policies::to_string(policy.approval)));
  same("whether the policy seals", options.sealed, policy.sealed);
  const auto rows = thresholds_of(records, policy_id);
  same("the number of thresholds", rows.size(), policy.promote.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    policies::Threshold stored = rows[i];
    stored.id = 0;
    same(fmt::format("threshold {}", i + 1), stored.text(), policy.promote[i].text());
    if (stored != policy.promote[i]) {
      throw Difference(fmt::format("threshold {} is not what the policy's text says", i + 1));
    }
  }
}

std::vector<certificate::Floor> floors_of(const Records& records, const Record& commitment,
                                          const certificate::Certificate& stored) {
  const double level = commitment.real("level");
  const bool exact = stored.protocol.mode == certificate::Mode::exact;
  if (exact || commitment.integer("charged") == 0 || !(level > 0.0)) return {};
  const auto thresholds = thresholds_of(records, commitment.integer("policy_id"));
  return policies::floors(thresholds, static_cast<std::int64_t>(stored.listed.size()), level,
                          stored.protocol.alpha);
}

void check_example(const std::string& what, const certificate::CertifiedExample& stored,
                   const certificate::CertifiedExample& recomputed) {
  const std::string which = fmt::format("{}, example {}: ", what, recomputed.index);
  same(which + "its index", stored.index, recomputed.index);
  same(which + "label", stored.label, recomputed.label);
  same(which + "predicted", stored.predicted, recomputed.predicted);
  same(which + "n_a", stored.n_a, recomputed.n_a);
  same(which + "p_lower", stored.p_lower, recomputed.p_lower);
  same(which + "radius", stored.radius, recomputed.radius);
}

// The certificate that follows from the counts, found equal to the stored one.
certificate::Certificate recompute_certificate(const Bundle& bundle, const Records& records,
                                               std::int64_t id, const std::string& whose,
                                               std::vector<std::string>& checks) {
  const std::string what = "the certificate of the " + whose;
  const Record& row = records.one("certificates", "id", id);
  const Record& commitment = records.one("commitments", "id", row.integer("commitment_id"));
  const certificate::Certificate stored = certificate_of(records, id);
  same_digest(what + ": its protocol's id", commitment.digest("protocol_id"), stored.protocol.id());
  same_digest(what + ": its list of examples", stored.protocol.examples,
              certificate::example_list_digest(stored.listed));
  const std::string hex = row.digest("counts").hex();
  const auto artifact = bundle.artifacts.find(hex);
  if (artifact == bundle.artifacts.end()) {
    throw Difference(fmt::format("{}: the bundle has no counts {:.12}", what, hex));
  }
  same(what + ": the hash of its counts", hex, base::sha256(artifact->second).hex());
  const auto counts = require(what, certificate::counts_from_tsv(artifact->second, "counts"));
  const Record& generation = records.one("generations", "id", row.integer("generation_id"));
  const std::int64_t classes =
      records.one("models", "id", generation.integer("model_id")).integer("classes");
  certificate::Certificate out = require(
      what, certificate::certify(stored.protocol, stored.model_sha256, classes, stored.listed,
                                 counts, floors_of(records, commitment, stored)));
  same(what + ": its number of examples", stored.examples.size(), out.examples.size());
  for (std::size_t i = 0; i < out.examples.size(); ++i) {
    check_example(what, stored.examples[i], out.examples[i]);
  }
  checks.push_back(
      fmt::format("{} follows from its counts: {} examples", what, out.examples.size()));
  return out;
}

// The policy whose ledger a holdout lives by: of the first candidate that was charged to it.
std::int64_t terms_policy(const Records& records, const Record& commitment) {
  std::int64_t first = commitment.integer("id");
  for (const Record& other : records.table("commitments")) {
    if (other.integer("charged") != 0) first = std::min(first, other.integer("id"));
  }
  return records.one("commitments", "id", first).integer("policy_id");
}

double recompute_level(const Records& records, const Record& commitment, const Record& policy) {
  return policies::gate_level(policy.real("confidence"),
                              ledger_terms_of(records, terms_policy(records, commitment)),
                              commitment.integer("candidate"), commitment.integer("promotions"));
}

policies::Reservation reservation_of(const Bundle& bundle, const Records& records,
                                     const Record& generation, const Record& verdict,
                                     const Record& commitment) {
  policies::Reservation out;
  out.manual_approval = policy_options_of(records, generation.integer("policy_id")).approval ==
                        policies::Approval::manual;
  const Record& own = records.one("snapshots", "id", generation.integer("snapshot_id"));
  const std::int64_t holdout = commitment.integer("holdout_id");
  if (own.is_null("holdout_id") || own.integer("holdout_id") != holdout) {
    std::int64_t newest = 0;
    for (const Record& snapshot : records.table("snapshots")) {
      if (snapshot.is_null("holdout_id") || snapshot.integer("holdout_id") != holdout ||
          snapshot.event() > verdict.event() || snapshot.integer("id") < newest) {
        continue;
      }
      newest = snapshot.integer("id");
      out.borrowed_from = snapshot.text("name");
    }
  }
  for (const BundleEvent& event : bundle.events) {
    if (event.event.seq != verdict.event()) continue;
    const auto payload = nlohmann::json::parse(event.event.payload);
    if (!payload.contains("teacher") || payload["teacher"].is_null()) continue;
    const std::string label = payload["teacher"].get<std::string>();
    for (const Record& bar : records.table("bars")) {
      const Record& barred = records.one("generations", "id", bar.integer("generation_id"));
      const bool same_model = barred.integer("model_id") == generation.integer("model_id");
      if (same_model && fmt::format("g{}", barred.integer("number")) == label &&
          bar.event() < verdict.event()) {
        out.barred_teacher = label;
      }
    }
  }
  return out;
}

void check_gates(const Records& records, const Record& verdict,
                 const policies::Judgement& judgement) {
  std::vector<const Record*> stored;
  for (const Record& row : records.table("gates")) {
    if (row.integer("verdict_id") == verdict.integer("id")) stored.push_back(&row);
  }
  same("the number of gates", stored.size(), judgement.gates.size());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const Record& row = *stored[i];
    const policies::Gate& gate = judgement.gates[i];
    const std::string which = fmt::format("gate {} ({}): ", i + 1, gate.threshold.text());
    same(which + "its threshold row", row.integer("threshold_id"), gate.threshold.id);
    same(which + "its text", row.text("name"), gate.threshold.text());
    same(which + "count", row.integer("count"), gate.count);
    same(which + "examples", row.integer("examples"), gate.examples);
    same(which + "observed", row.real("observed"), gate.observed);
    same(which + "bound", row.real("bound"), gate.bound);
    same(which + "required", row.real("required"), gate.required);
    same(which + "p_value", row.real("p_value"), gate.p_value);
    same(which + "applicable", row.integer("applicable") != 0, gate.applicable);
    same(which + "pass", row.integer("pass") != 0, gate.pass);
    same(which + "note", row.text("note"), gate.note);
  }
}

void check_verdict(const Bundle& bundle, const Records& records, Verification& out) {
  const Record& generation = generation_of(bundle, records);
  const Record& verdict = records.one("verdicts", "generation_id", generation.integer("id"));
  out.verdict = verdict.text("verdict");
  const std::int64_t policy_id = generation.integer("policy_id");
  same("the verdict's policy", verdict.integer("policy_id"), policy_id);
  check_policy(records, policy_id);
  out.checks.emplace_back("the thresholds are those of the policy's text");

  const std::int64_t id = verdict.integer("certificate_id");
  const auto candidate = recompute_certificate(bundle, records, id, "candidate", out.checks);
  std::optional<certificate::Certificate> champion;
  std::optional<certificate::Certificate> root;
  if (!verdict.is_null("champion_certificate_id")) {
    champion = recompute_certificate(bundle, records, verdict.integer("champion_certificate_id"),
                                     "champion", out.checks);
  }
  if (!verdict.is_null("root_certificate_id")) {
    root = recompute_certificate(bundle, records, verdict.integer("root_certificate_id"), "root",
                                 out.checks);
  }
  const Record& row = records.one("certificates", "id", id);
  const Record& commitment = records.one("commitments", "id", row.integer("commitment_id"));
  const double level =
      recompute_level(records, commitment, records.one("policies", "id", policy_id));
  same("the level committed to", commitment.real("level"), level);
  same("the verdict's level", verdict.real("level"), level);
  out.checks.push_back(
      fmt::format("the level {:.3g} follows from the ledger: candidate {}, {} "
                  "promotions before it",
                  level, commitment.integer("candidate"), commitment.integer("promotions")));

  policies::JudgeInput input;
  input.thresholds = thresholds_of(records, policy_id);
  input.level = level;
  input.candidate = &candidate;
  input.classes = records.one("models", "id", generation.integer("model_id")).integer("classes");
  if (champion) input.champion = &*champion;
  if (root) input.root = &*root;
  const std::int64_t terms = terms_policy(records, commitment);
  input.sealed =
      policy_options_of(records, policy_id).sealed || policy_options_of(records, terms).sealed;
  input.training_seconds = training_seconds_of(records, generation.integer("id"), verdict.event());
  const auto attack = falsification_of(
      records, id, certify_settings_of(records, policy_id).falsify_examples, verdict.event());
  if (attack) input.falsification = &*attack;
  policies::Judgement judgement = require("the judgement", policies::judge(input));
  policies::reserve(judgement, reservation_of(bundle, records, generation, verdict, commitment));
  check_gates(records, verdict, judgement);
  same("the verdict", verdict.text("verdict"), std::string(policies::to_string(judgement.verdict)));
  same("the reason", verdict.text("reason"), judgement.reason);
  out.checks.push_back(fmt::format("the verdict follows from the certificates: {}, {} gates",
                                   out.verdict, judgement.gates.size()));
}

}  // namespace

Verification verify(const Bundle& bundle, const std::optional<base::VerifyKey>& key) {
  Verification out{bundle.model, bundle.generation, {}, std::nullopt, {}};
  try {
    if (bundle.events.empty()) throw Difference("the bundle has no events");
    for (const BundleEvent& event : bundle.events) check_event(event);
    check_neighbours(bundle);
    out.checks.push_back(
        fmt::format("{} events hold the rows as they are bundled", bundle.events.size()));
    check_links(bundle, out.checks);
    if (key) check_signature(bundle, *key, out.checks);
    const Records records(bundle);
    check_version_signatures(bundle, records, out.checks);
    check_verdict(bundle, records, out);
  } catch (const std::exception& error) {
    out.difference = error.what();
  }
  return out;
}

std::optional<base::Digest> certified_model(const Bundle& bundle) {
  try {
    const Records records(bundle);
    const Record& generation = generation_of(bundle, records);
    const Record& verdict = records.one("verdicts", "generation_id", generation.integer("id"));
    return records.one("certificates", "id", verdict.integer("certificate_id"))
        .digest("model_sha256");
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace heirloom::bundle
