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
      version_id = r.catalog.add_version(tx, *r.catalog.registration(id), request, {431080},
                                         r.now(), event.rows);
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
