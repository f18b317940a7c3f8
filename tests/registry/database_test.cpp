#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/base/files.h"
#include "registry/db/migrations.h"
#include "tests/registry/registry_test_support.h"

namespace heirloom::registry {
namespace {

using ::testing::HasSubstr;

std::string bytes_of(const std::filesystem::path& path) {
  return base::read_file(path, 1 << 24).value();
}

TEST(Database, IsCreatedForTheOwnerAloneSinceItHoldsSecretKeys) {
  RegistryFixture fixture;
  struct stat info {};
  ASSERT_EQ(::stat((fixture.folder / "registry.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST(Database, EveryOpeningBeginsANewEpoch) {
  RegistryFixture fixture;
  const std::int64_t first = fixture.registry().epoch();
  fixture.open();
  EXPECT_EQ(fixture.registry().epoch(), first + 1);
}

TEST(Database, RefusesAForeignSqliteFileAndLeavesItUntouched) {
  fakes::TempFolder folder;
  const auto path = folder / "registry.db";
  ASSERT_EQ(std::system(("sqlite3 '" + path.native() + "' 'CREATE TABLE other (x)'").c_str()), 0);
  const std::string before = bytes_of(path);
  const auto opened = Database::open(path);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("is not a Heirloom registry"));
  EXPECT_EQ(bytes_of(path), before);
}

TEST(Database, RefusesANewerSchemaAndLeavesItUntouched) {
  RegistryFixture fixture;
  fixture.close();
  const auto path = fixture.folder / "registry.db";
  const std::string newer = std::to_string(latest_schema_version() + 1);
  ASSERT_EQ(std::system(
                ("sqlite3 '" + path.native() + "' 'PRAGMA user_version = " + newer + "'").c_str()),
            0);
  const std::string before = bytes_of(path);
  const auto opened = Database::open(path);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("schema version " + newer));
  EXPECT_EQ(bytes_of(path), before);
}

TEST(Database, RefusesBytesThatAreNoDatabase) {
  fakes::TempFolder folder;
  std::ofstream(folder / "registry.db") << std::string(4096, 'x');
  const auto opened = Database::open(folder / "registry.db");
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().hint, HasSubstr("backup"));
}

TEST(Database, RefusesASymbolicLink) {
  RegistryFixture fixture;
  fixture.close();
  const auto link = fixture.folder / "link.db";
  std::filesystem::create_symlink(fixture.folder / "registry.db", link);
  EXPECT_FALSE(Database::open(link).has_value());
}

TEST(Transaction, RollsBackUnlessItWasCommitted) {
  RegistryFixture fixture;
  fixture.fill();
  Registry& r = fixture.registry();
  {
    Transaction tx(r.db);
    r.db.execute("UPDATE meta SET value = '99' WHERE key = 'epoch'");
  }
  Query row = r.db.query("SELECT value FROM meta WHERE key = 'epoch'");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), std::to_string(r.epoch()));
}

TEST(Database, AppendOnlyTablesRefuseUpdateAndDelete) {
  RegistryFixture fixture;
  fixture.fill();
  Database& db = fixture.registry().db;
  for (const std::string table : {"models", "policies", "thresholds", "versions", "holdouts",
                                  "holdout_keys", "snapshots", "events", "event_rows"}) {
    EXPECT_THROW(db.execute(("DELETE FROM " + table).c_str()), DatabaseFailure) << table;
  }
  EXPECT_THROW(db.execute("UPDATE thresholds SET value = 0"), DatabaseFailure);
  EXPECT_THROW(db.execute("UPDATE events SET actor = 'nobody'"), DatabaseFailure);
}

// Step 3 makes `jobs` anew, under the attempts that refer to it.
TEST(Database, AnOlderRegistryKeepsItsJobsAndAttempts) {
  fakes::TempFolder folder;
  const auto path = folder / "registry.db";
  const std::string sql = folder / "steps.sql";
  std::ofstream(sql) << "BEGIN;" << migration_sql(1) << migration_sql(2)
                     << "INSERT INTO jobs (id, kind, state, created_at) VALUES (7, 'certify', "
                        "'open', 'then');"
                        "INSERT INTO attempts (job_id, number, epoch, started_at, ending) VALUES "
                        "(7, 2, 3, 'then', 'signal 9');"
                        "PRAGMA application_id = "
                     << 0x484c524d << "; PRAGMA user_version = 2; COMMIT;";
  ASSERT_EQ(std::system(("sqlite3 '" + path.native() + "' < '" + sql + "'").c_str()), 0);
  const auto database = Database::open(path);
  ASSERT_TRUE(database.has_value()) << database.error().text();
  Generations generations(**database);
  ASSERT_EQ(generations.open_jobs().size(), 1U);
  EXPECT_EQ(generations.open_jobs()[0].kind, "certify");
  const auto attempts = generations.attempts_of_job(7);
  ASSERT_EQ(attempts.size(), 1U);
  EXPECT_EQ(attempts[0].number, 2);
  EXPECT_EQ(attempts[0].ending, "signal 9");
  AuditCheck check(**database);
  while (!check.step()) {
  }
  EXPECT_FALSE(check.report().problem.has_value()) << check.report().problem->message;
  Transaction transaction(**database);
  EXPECT_EQ(generations.add_job(transaction, {0, "attack", {}, {}, {}, ""}, "now"), 8);
  EXPECT_THROW(generations.add_attempt(transaction, 99, 1, 1, "now"), DatabaseFailure)
      << "an attempt of no job";
}

TEST(Database, DurabilitySettingsAreInForce) {
  RegistryFixture fixture;
  Database& db = fixture.registry().db;
  const auto pragma = [&](const char* sql) {
    Query row = db.query(sql);
    row.step();
    return row.text(0);
  };
  EXPECT_EQ(pragma("PRAGMA journal_mode"), "delete");
  EXPECT_EQ(pragma("PRAGMA synchronous"), "2");
  EXPECT_EQ(pragma("PRAGMA foreign_keys"), "1");
  EXPECT_EQ(db.integrity_check(), "ok");
}

}  // namespace
}  // namespace heirloom::registry
