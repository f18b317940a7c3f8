#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/registry/registry_test_support.h"

namespace heirloom::registry {
namespace {

using ::testing::HasSubstr;

// Changes a closed registry as somebody with a database tool would.
void tamper(const RegistryFixture& fixture, const std::string& sql) {
  const std::string command =
      "sqlite3 '" + (fixture.folder / "registry.db").native() + "' \"" + sql + "\"";
  ASSERT_EQ(std::system(command.c_str()), 0) << sql;
}

// One edit in each table that the chain covers, and where `audit verify` must see it.
struct Edit {
  std::string table;
  std::string sql;
  std::int64_t row = 1;
  friend void PrintTo(const Edit& edit, std::ostream* out) { *out << edit.sql; }
};

class AuditEdit : public ::testing::TestWithParam<Edit> {};

TEST_P(AuditEdit, IsFoundInItsTable) {
  RegistryFixture fixture;
  fixture.fill();
  ASSERT_FALSE(fixture.registry().audit.verify().problem.has_value());
  fixture.close();
  tamper(fixture, "DROP TRIGGER " + GetParam().table + "_no_update; DROP TRIGGER " +
                      GetParam().table + "_no_delete; " + GetParam().sql);
  fixture.open();
  const AuditReport report = fixture.registry().audit.verify();
  ASSERT_TRUE(report.problem.has_value());
  EXPECT_EQ(report.problem->table, GetParam().table) << report.problem->message;
  EXPECT_EQ(report.problem->row, GetParam().row);
}

INSTANTIATE_TEST_SUITE_P(
    EveryTable, AuditEdit,
    ::testing::Values(Edit{"models", "UPDATE models SET sigma = 0.25"},
                      Edit{"policies", "UPDATE policies SET confidence = 0.5"},
                      Edit{"thresholds", "UPDATE thresholds SET value = 0.1 WHERE id = 2", 2},
                      Edit{"thresholds", "DELETE FROM thresholds WHERE id = 2", 2},
                      Edit{"versions", "UPDATE versions SET arch = 'linear'"},
                      Edit{"holdouts", "UPDATE holdouts SET examples = 2"},
                      Edit{"snapshots", "UPDATE snapshots SET name = 's2'"},
                      Edit{"events", "UPDATE events SET actor = 'uid:1' WHERE seq = 1"}),
    [](const auto& edit) { return edit.param.table + std::to_string(edit.index); });

TEST(AuditLog, AnEventTakenOutOfTheMiddleIsMissed) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.close();
  tamper(fixture,
         "DROP TRIGGER events_no_delete; DROP TRIGGER event_rows_no_delete; "
         "DELETE FROM event_rows WHERE seq = 2; DELETE FROM events WHERE seq = 2");
  fixture.open();
  const auto problem = fixture.registry().audit.verify().problem;
  ASSERT_TRUE(problem.has_value());
  EXPECT_THAT(problem->message, HasSubstr("events are missing"));
}

TEST(AuditLog, ARowThatNoEventRecordedIsFound) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.close();
  tamper(fixture,
         "INSERT INTO thresholds (policy_id, ordinal, metric, radius, comparison, baseline, value, "
         "dry_run) VALUES (1, 9, 'acr', 0, 'at_least', 'absolute', 0.1, 0)");
  fixture.open();
  const auto problem = fixture.registry().audit.verify().problem;
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->table, "thresholds");
  EXPECT_EQ(problem->row, 3);
}

TEST(AuditLog, AStateThatNoEventLedToIsFound) {
  RegistryFixture fixture;
  fixture.fill();
  Registry& r = fixture.registry();
  {
    Transaction tx(r.db);
    EventDraft event{"heirloomd",
                     "generation.queued",
                     "digits",
                     1,
                     R"({"state": "queued", "model_sha256": null, "teacher": null})",
                     {}};
    r.generations.add(tx,
                      {fixture.model.id, fixture.version_id, fixture.snapshot_id, fixture.policy_id,
                       7, "new version v1"},
                      r.now(), event.rows);
    r.audit.append(tx, event);
    tx.commit();
  }
  ASSERT_FALSE(r.audit.verify().problem.has_value());
  fixture.close();
  tamper(fixture, "UPDATE generations SET state = 'promoted'");
  fixture.open();
  const auto problem = fixture.registry().audit.verify().problem;
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->table, "generations");
  EXPECT_THAT(problem->message, HasSubstr("g1 of digits"));
}

TEST(AuditLog, CheckRowRefusesExactlyTheTamperedRow) {
  RegistryFixture fixture;
  fixture.fill();
  EXPECT_TRUE(fixture.registry().audit.check_row("thresholds", 1).has_value());
  fixture.close();
  tamper(fixture,
         "DROP TRIGGER thresholds_no_update; UPDATE thresholds SET value = 0.01 WHERE id = 1");
  fixture.open();
  const auto checked = fixture.registry().audit.check_row("thresholds", 1);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().kind, base::ErrorKind::tampered);
  EXPECT_THAT(checked.error().message, HasSubstr("event 1"));
  EXPECT_TRUE(fixture.registry().audit.check_row("versions", 1).has_value());
}

TEST(AuditLog, CheckRowRefusesARecordedRangeThatWasRewrittenWithItsDigest) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.close();
  tamper(fixture,
         "DROP TRIGGER thresholds_no_update; UPDATE thresholds SET value = 0.01 WHERE id = 1");
  fixture.open();
  // The forger also repairs the stored digest of the range, but cannot repair the chain.
  Registry& reopened = fixture.registry();
  const base::Digest forged = digest_rows(reopened.db, {"thresholds", 1, 1}).digest;
  fixture.close();
  tamper(fixture, "DROP TRIGGER event_rows_no_update; UPDATE event_rows SET digest = x'" +
                      forged.hex() + "' WHERE table_name = 'thresholds' AND first_id = 1");
  fixture.open();
  EXPECT_FALSE(fixture.registry().audit.check_row("thresholds", 1).has_value());
}

TEST(AuditLog, EventsAreListedAfterASequenceNumberAndByModel) {
  RegistryFixture fixture;
  fixture.fill();
  AuditLog& audit = fixture.registry().audit;
  EXPECT_EQ(audit.list(0, 100, std::nullopt).size(), 3U);
  EXPECT_EQ(audit.list(1, 1, std::nullopt).at(0).seq, 2);
  EXPECT_TRUE(audit.list(0, 100, "other").empty());
}

TEST(AuditLog, AnEventIsGoneWhenItsTransactionIsNotCommitted) {
  RegistryFixture fixture;
  fixture.fill();
  Registry& r = fixture.registry();
  {
    Transaction tx(r.db);
    r.audit.append(tx, {"uid:0", "policy.applied", "digits", {}, "{}", {}});
  }
  EXPECT_EQ(r.audit.verify().events, 3);
  EXPECT_FALSE(r.audit.verify().problem.has_value());
}

}  // namespace
}  // namespace heirloom::registry
