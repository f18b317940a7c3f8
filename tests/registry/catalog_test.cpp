#include <fstream>

#include <gtest/gtest.h>

#include "tests/registry/registry_test_support.h"

namespace heirloom::registry {
namespace {

TEST(Models, APolicyComesBackFromItsRows) {
  RegistryFixture fixture;
  fixture.fill();
  const auto row = fixture.registry().models.current_policy(fixture.model.id);
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->version, 1);
  EXPECT_EQ(row->certify.examples, 3U);
  ASSERT_EQ(row->thresholds.size(), 2U);
  EXPECT_EQ(row->thresholds[1].metric, policies::Metric::certified_accuracy);
  EXPECT_DOUBLE_EQ(row->thresholds[1].radius, 0.25);
  EXPECT_DOUBLE_EQ(row->thresholds[1].value, 0.4);
  EXPECT_EQ(row->thresholds[1].id, 2);
}

TEST(Catalog, ARegistrationIsFoundByNameUntilItIsRefused) {
  RegistryFixture fixture;
  fixture.fill();
  Registry& r = fixture.registry();
  Transaction tx(r.db);
  const std::int64_t id =
      r.catalog.add_registration(tx, fixture.model.id, RegistrationKind::version, "v2",
                                 jobs::InspectVersion{{"linear", {}}}, {}, "uid:0", r.now());
  EXPECT_TRUE(r.catalog.live_registration(fixture.model.id, RegistrationKind::version, "v2"));
  EXPECT_TRUE(r.catalog.refuse(tx, id, {base::ErrorKind::bad_data, "no such layer", "try again"}));
  EXPECT_FALSE(r.catalog.live_registration(fixture.model.id, RegistrationKind::version, "v2"));
  EXPECT_FALSE(r.catalog.refuse(tx, id, {})) << "a refused registration was refused again";
  EXPECT_EQ(r.catalog.registration(id)->error->message, "no such layer");
}

TEST(Catalog, TheNoiseKeyMustMatchItsPublicCommitment) {
  RegistryFixture fixture;
  fixture.fill();
  EXPECT_EQ(fixture.registry().catalog.noise_key(fixture.holdout_id).value(), base::sha256("key"));
  fixture.close();
  const std::string path = (fixture.folder / "registry.db").native();
  ASSERT_EQ(std::system(("sqlite3 '" + path +
                         "' \"DROP TRIGGER holdout_keys_no_update; "
                         "UPDATE holdout_keys SET noise_key = zeroblob(32)\"")
                            .c_str()),
            0);
  fixture.open();
  EXPECT_EQ(fixture.registry().catalog.noise_key(fixture.holdout_id).error().kind,
            base::ErrorKind::tampered);
}

TEST(Catalog, TheSameHoldoutIsKeptOnceAndKeepsItsKey) {
  RegistryFixture fixture;
  fixture.fill();
  Registry& r = fixture.registry();
  Transaction tx(r.db);
  jobs::SnapshotInspected found;
  found.holdout_id = base::sha256("holdout one");
  std::vector<RowRange> rows;
  EXPECT_EQ(r.catalog.ensure_holdout(tx, fixture.model.id, found, base::sha256("another key"),
                                     r.now(), rows),
            fixture.holdout_id);
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(r.catalog.noise_key(fixture.holdout_id).value(), base::sha256("key"));
}

TEST(Catalog, HoldoutsThatShareExamplesAreOneFamilyInBothDirections) {
  RegistryFixture fixture;
  fixture.fill();
  Registry& r = fixture.registry();
  Transaction tx(r.db);
  std::vector<RowRange> rows;
  std::vector<std::int64_t> ids = {fixture.holdout_id};
  for (const char* name : {"two", "three", "four"}) {
    jobs::SnapshotInspected found;
    found.holdout_id = base::sha256(name);
    found.holdout.examples = 3;
    ids.push_back(
        r.catalog.ensure_holdout(tx, fixture.model.id, found, base::sha256(name), r.now(), rows));
  }
  r.catalog.add_overlap(tx, ids[1], ids[0], rows);
  r.catalog.add_overlap(tx, ids[2], ids[1], rows);
  const std::vector<std::int64_t> family = {ids[0], ids[1], ids[2]};
  EXPECT_EQ(r.catalog.holdout_family(ids[0]), family);
  EXPECT_EQ(r.catalog.holdout_family(ids[2]), family);
  EXPECT_EQ(r.catalog.holdout_family(ids[3]), std::vector<std::int64_t>{ids[3]});
}

TEST(Generations, AMoveFromAStateItHasLeftChangesNothing) {
  RegistryFixture fixture;
  fixture.fill();
  Registry& r = fixture.registry();
  Transaction tx(r.db);
  std::vector<RowRange> rows;
  const std::int64_t id = r.generations.add(
      tx, {fixture.model.id, fixture.version_id, fixture.snapshot_id, fixture.policy_id, 7, "test"},
      r.now(), rows);
  const GenerationRow queued = *r.generations.get(id);
  GenerationRow training = queued;
  training.state = State::training;
  training.epoch = 4;
  EXPECT_TRUE(r.generations.move(tx, queued, training));
  EXPECT_FALSE(r.generations.move(tx, queued, training)) << "the state was not compared";

  GenerationRow stale = training;
  stale.epoch = 3;
  GenerationRow failed = training;
  failed.state = State::failed;
  EXPECT_FALSE(r.generations.move(tx, stale, failed)) << "the epoch was not compared";
  stale = training;
  stale.attempt = 2;
  EXPECT_FALSE(r.generations.move(tx, stale, failed)) << "the attempt was not compared";
  EXPECT_EQ(r.generations.get(id)->state, State::training);
}

TEST(Generations, AnAttemptEndsOnce) {
  RegistryFixture fixture;
  fixture.fill();
  Registry& r = fixture.registry();
  Transaction tx(r.db);
  const std::int64_t job = r.generations.add_job(tx, {0, "inspect", 1, {}, {}, ""}, r.now());
  r.generations.add_attempt(tx, job, 1, r.epoch(), r.now());
  EXPECT_EQ(r.generations.unended_attempts().size(), 1U);
  EXPECT_TRUE(r.generations.end_attempt(tx, job, 1, {12, "signal 9", "killed", ""}, r.now()));
  EXPECT_FALSE(r.generations.end_attempt(tx, job, 1, {0, "exit 0", {}, ""}, r.now()));
  const auto attempts = r.generations.attempts_of_job(job);
  ASSERT_EQ(attempts.size(), 1U);
  EXPECT_EQ(attempts[0].started_from, 12);
  EXPECT_EQ(attempts[0].ending, "signal 9");
}

TEST(ArtifactStore, GivesBackOnlyBytesThatMatchTheirName) {
  fakes::TempFolder folder;
  ArtifactStore store(folder.path());
  const base::Digest digest = store.put("weights").value();
  EXPECT_EQ(store.get(digest).value(), "weights");
  std::filesystem::permissions(store.path(digest), std::filesystem::perms::owner_all);
  std::ofstream(store.path(digest)) << "Weights";
  EXPECT_FALSE(store.get(digest).has_value());
  // Storing the right bytes again heals it.
  ASSERT_TRUE(store.put("weights").has_value());
  EXPECT_EQ(store.get(digest).value(), "weights");
}

TEST(ArtifactStore, ImportRefusesBytesThatAreNotWhatTheResultSaid) {
  fakes::TempFolder folder;
  ArtifactStore store(folder / "store");
  std::ofstream(folder / "model.pt") << "half a mod";
  EXPECT_FALSE(store.import(folder / "model.pt", base::sha256("half a model")).has_value());
  EXPECT_FALSE(std::filesystem::exists(store.path(base::sha256("half a model"))));
}

}  // namespace
}  // namespace heirloom::registry
