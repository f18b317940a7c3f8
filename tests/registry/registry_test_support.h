// A registry in a folder of its own, filled by hand: one model with a policy, a version and a
// snapshot with a holdout.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::registry {

class RegistryFixture {
 public:
  RegistryFixture() { open(); }

  void open() {
    registry_.reset();
    registry_ = Registry::open(folder.path(), clock).value();
  }
  void close() { registry_.reset(); }
  Registry& registry() { return *registry_; }

  static policies::Policy policy() {
    policies::Policy out;
    out.model = {"digits", {1, 28, 28}, 10, 0.5};
    out.certify.examples = 3;
    out.certify.n0 = 10;
    out.certify.n = 100;
    policies::Threshold clean;
    clean.metric = policies::Metric::clean_accuracy;
    clean.value = 0.5;
    policies::Threshold robust;
    robust.metric = policies::Metric::certified_accuracy;
    robust.radius = 0.25;
    robust.value = 0.4;
    out.promote = {clean, robust};
    return out;
  }

  // Writes a model, policy, version and snapshot, each with its event.
  void fill() {
    Registry& r = registry();
    {
      Transaction tx(r.db);
      EventDraft event{"uid:0", "policy.applied", "digits", {}, "{}", {}};
      model = r.models.create(tx, policy().model, r.now(), event.rows);
      policy_id = r.models.add_policy(tx, model.id, policy(), "model: digits\n", "uid:0", r.now(),
                                      event.rows);
      r.audit.append(tx, event);
      tx.commit();
    }
    {
      Transaction tx(r.db);
      EventDraft event{"uid:0", "version.registered", "digits", {}, "{}", {}};
      const jobs::InspectVersion request{{"lenet", {{"width", "8"}}}};
      const std::int64_t id = r.catalog.add_registration(tx, model.id, RegistrationKind::version,
                                                         "v1", request, {}, "uid:0", r.now());
      const jobs::OutputFile file{"version.file", base::sha256("first weights"), 13};
      version_id = r.catalog.add_version(tx, *r.catalog.registration(id), request, {431080, file},
                                         r.now(), event.rows);
      r.signatures.add(tx, {id, base::sha256("envelope"), file.sha256, "key", "PEM"}, event.rows);
      r.catalog.mark_registered(tx, id);
      r.audit.append(tx, event);
      tx.commit();
    }
    {
      Transaction tx(r.db);
      EventDraft event{"uid:0", "snapshot.registered", "digits", {}, "{}", {}};
      const jobs::DataSource glyphs{jobs::DataFormat::glyphs, {"1:30"}};
      const std::int64_t id = r.catalog.add_registration(
          tx, model.id, RegistrationKind::snapshot, "s1",
          jobs::InspectSnapshot{glyphs, true, glyphs}, {}, "uid:0", r.now());
      jobs::SnapshotInspected found;
      found.train = {jobs::DataFormat::glyphs, {}, 1, 30, std::vector<std::uint64_t>(10, 3), {}};
      found.has_holdout = true;
      found.holdout = {jobs::DataFormat::glyphs, {}, 2, 3, std::vector<std::uint64_t>(10, 0), {}};
      found.holdout_id = base::sha256("holdout one");
      holdout_id =
          r.catalog.ensure_holdout(tx, model.id, found, base::sha256("key"), r.now(), event.rows);
      snapshot_id = r.catalog.add_snapshot(tx, *r.catalog.registration(id), found, holdout_id,
                                           r.now(), event.rows);
      r.catalog.mark_registered(tx, id);
      r.audit.append(tx, event);
      tx.commit();
    }
  }

  // A whole life on top: g1 with a job, certified on `examples`, attacked, judged, approved and
  // barred; a second holdout that overlaps the first. Every table has a row then.
  void fill_life(std::uint32_t examples = 3) {
    Registry& r = registry();
    Transaction tx(r.db);
    EventDraft event{"uid:0", "snapshot.registered", "digits", {}, "{}", {}};
    jobs::SnapshotInspected found;
    found.holdout_id = base::sha256("holdout two");
    found.has_holdout = true;
    const std::int64_t other =
        r.catalog.ensure_holdout(tx, model.id, found, base::sha256("key two"), r.now(), event.rows);
    r.catalog.add_overlap(tx, other, holdout_id, event.rows);
    r.audit.append(tx, event);

    EventDraft queued{"heirloomd", "generation.queued", "digits", 1, "", {}};
    queued.payload =
        R"({"state": "queued", "model_sha256": null, "classifier_id": null, "kernel": null,
            "teacher": null})";
    const std::int64_t g1 =
        r.generations.add(tx, {model.id, version_id, snapshot_id, policy_id, 7, "new version v1"},
                          r.now(), queued.rows);
    r.audit.append(tx, queued);
    JobRow job;
    job.kind = "train";
    job.generation_id = g1;
    const std::int64_t job_id = r.generations.add_job(tx, job, r.now());
    r.generations.add_attempt(tx, job_id, 1, r.epoch(), r.now());
    r.generations.end_attempt(tx, job_id, 1, {3, "exit 0", std::nullopt, ""}, r.now());

    EventDraft judged{"heirloomd", "certificate.stored", "digits", 1, "{}", {}};
    r.generations.add_training(tx, g1, R"({"steps": 8})", judged.rows);
    r.generations.add_trained_weights(tx, g1, base::sha256("weights"), 7, judged.rows);
    add_verdict(tx, g1, examples, judged.rows);
    r.evidence.add_decision(tx, g1, {"approved", "uid:7", "reviewed", r.now()}, judged.rows);
    r.evidence.add_champion(tx, model.id, {0, g1, "uid:7", "reviewed", r.now()}, judged.rows);
    r.champions.add_bar(tx, g1, {0, "uid:7", "wrong labels", r.now()}, judged.rows);
    r.unsealings.add(tx, 1, {"uid:7", "yearly review", r.now()}, judged.rows);
    add_drift(tx, g1, job_id, judged.rows);
    r.pauses.add(tx, model.id, {true, "uid:7", "moving disks", r.now()}, judged.rows);
    r.audit.append(tx, judged);
    tx.commit();
  }

  // A test of the snapshot against itself, its alarm, and that somebody has seen it.
  void add_drift(Transaction& tx, std::int64_t champion_id, std::int64_t job_id,
                 std::vector<RowRange>& rows) {
    Registry& r = registry();
    DriftReportRow report;
    report.check_id =
        r.drifts.add_check(tx,
                           {0, model.id, snapshot_id, champion_id, policy_id, snapshot_id,
                            base::sha256("reference"), job_id, R"({"batch": 20})", r.now()},
                           rows);
    report.band = "drift";
    report.alarm = true;
    report.report = R"({"summary": "drift"})";
    report.outputs = base::sha256("outputs");
    report.reference_outputs = base::sha256("reference outputs");
    report.samples = 5280;
    report.seconds = 1.5;
    report.created_at = r.now();
    const std::int64_t id = r.drifts.add_report(tx, report, rows);
    r.drifts.acknowledge(tx, id, {"uid:7", "seen", r.now()}, rows);
  }

  // A commitment, a certificate, an attack on it and a verdict of one gate.
  void add_verdict(Transaction& tx, std::int64_t generation_id, std::uint32_t examples,
                   std::vector<RowRange>& rows) {
    Registry& r = registry();
    CommitmentRow commitment;
    commitment.generation_id = generation_id;
    commitment.holdout_id = holdout_id;
    commitment.policy_id = policy_id;
    commitment.classifier_id = base::sha256("classifier");
    commitment.protocol.n = 100;
    commitment.protocol.n0 = 10;
    commitment.protocol.alpha = 0.001;
    commitment.protocol.sigma = 0.5;
    for (std::uint32_t i = 0; i < examples; ++i) commitment.examples.push_back(i);
    CertificateRow row;
    row.commitment_id = r.evidence.add_commitment(tx, commitment, r.now(), rows);
    row.generation_id = generation_id;
    row.certified_accuracy = "{}";
    certificate::Certificate certificate;
    for (const std::uint32_t index : commitment.examples) {
      certificate.examples.push_back({index, 3, 3, 100, 0.9, 0.64, 100});
    }
    row.summary = certificate::summarize(certificate.examples);
    VerdictRow verdict;
    verdict.certificate_id = r.evidence.add_certificate(tx, row, certificate, r.now(), rows);
    FalsificationRow attack;
    attack.generation_id = generation_id;
    attack.certificate_id = verdict.certificate_id;
    r.evidence.add_falsification(tx, attack, r.now(), rows);
    verdict.generation_id = generation_id;
    verdict.policy_id = policy_id;
    verdict.created_at = r.now();
    policies::Gate gate;
    gate.threshold.id = 1;
    r.evidence.add_verdict(tx, verdict, {gate}, rows);
  }

  fakes::TempFolder folder;
  fakes::FakeClock clock;
  ModelRow model;
  std::int64_t policy_id = 0;
  std::int64_t version_id = 0;
  std::int64_t snapshot_id = 0;
  std::int64_t holdout_id = 0;

 private:
  std::unique_ptr<Registry> registry_;
};

}  // namespace heirloom::registry
