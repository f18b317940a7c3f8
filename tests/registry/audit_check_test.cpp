// The whole audit, in pieces: what it sees and what it costs at a time.
#include "registry/audit/audit_check.h"

#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/audit/covered_tables.h"
#include "registry/audit/seals.h"
#include "registry/db/integrity_check.h"
#include "tests/registry/registry_test_support.h"

namespace heirloom::registry {
namespace {

using ::testing::HasSubstr;

AuditReport check_file(const std::filesystem::path& path) {
  const auto database = Database::open(path);
  if (!database) throw std::runtime_error(database.error().text());
  AuditCheck check(**database);
  while (!check.step()) {
  }
  return check.report();
}

// As somebody with a database tool would, who has dropped what is in the way.
void tamper(const std::filesystem::path& path, const std::string& sql) {
  const auto script = path.native() + ".sql";
  std::ofstream(script) << ".bail on\nPRAGMA ignore_check_constraints = ON;\n" << sql << ";\n";
  ASSERT_EQ(std::system(("sqlite3 '" + path.native() + "' < '" + script + "'").c_str()), 0) << sql;
}

// The names and types of a table's columns.
std::vector<std::pair<std::string, std::string>> columns_of(const std::filesystem::path& path,
                                                            const std::string& table) {
  const auto database = Database::open(path);
  Query rows = (*database)->query("SELECT name, type FROM pragma_table_info(?)", table);
  std::vector<std::pair<std::string, std::string>> out;
  while (rows.step()) out.emplace_back(rows.text(0), rows.text(1));
  return out;
}

// The first row of a table.
std::string first_row(const std::string& table) {
  if (table == "event_rows") return "seq = 1 AND ordinal = 0";
  if (table == "certified_examples") return "certificate_id = 1 AND idx = 0";
  if (table == "seals") return "table_name = 'jobs' AND id = 1";
  return "rowid = (SELECT min(rowid) FROM " + table + ")";
}

// Another value of the column's type in the table's first row.
std::string edit_of(const std::string& table, const std::string& column, const std::string& type) {
  std::string value = "coalesce(" + column + ", 0) + 1000";
  if (type == "REAL") value = "coalesce(" + column + ", 0) + 0.125";
  if (type == "TEXT") value = "coalesce(" + column + ", '') || 'x'";
  if (type == "BLOB") value = "x'" + base::sha256("another").hex() + "'";
  return "UPDATE " + table + " SET " + column + " = " + value + " WHERE " + first_row(table);
}

class EveryField : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryField, OfTheTableIsWatched) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.fill_life();
  ASSERT_FALSE(fixture.registry().audit.verify().problem.has_value());
  fixture.close();
  const std::string table = GetParam();
  const auto columns = columns_of(fixture.folder / "registry.db", table);
  ASSERT_FALSE(columns.empty());
  const std::string drop = "DROP TRIGGER IF EXISTS " + table +
                           "_no_update; DROP TRIGGER IF EXISTS " +
                           "generations_not_taught_by_barred;";
  for (const auto& [column, type] : columns) {
    const auto copy = fixture.folder / "copy.db";
    std::filesystem::copy_file(fixture.folder / "registry.db", copy,
                               std::filesystem::copy_options::overwrite_existing);
    tamper(copy, drop + edit_of(table, column, type));
    const AuditReport report = check_file(copy);
    ASSERT_TRUE(report.problem.has_value()) << column;
    const bool chain = table == "events" || table == "event_rows";
    const bool seals = table == "seals";
    if (chain) {
      EXPECT_EQ(report.problem->table, "events") << column;
    } else if (!seals && column != "rowid") {
      EXPECT_EQ(report.problem->table, table) << column << ": " << report.problem->message;
    }
  }
}

std::vector<std::string> watched_tables() {
  std::vector<std::string> out = {"events", "event_rows", "holdout_keys", "seals"};
  for (const auto& table : audit::covered_tables()) out.emplace_back(table.name);
  for (const auto& table : sealed_tables()) {
    if (table.name != "generations") out.emplace_back(table.name);
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(EveryTable, EveryField, ::testing::ValuesIn(watched_tables()),
                         [](const auto& table) { return table.param; });

TEST(AuditCheck, KnowsEveryTableOfTheSchema) {
  RegistryFixture fixture;
  Query rows = fixture.registry().db.query(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE "
      "'~'");
  const auto watched = watched_tables();
  while (rows.step()) EXPECT_THAT(watched, ::testing::Contains(rows.text(0)));
}

TEST(AuditCheck, GoesOnInPiecesWhileEventsAreAppended) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.fill_life(3000);
  Registry& r = fixture.registry();
  AuditCheck check(r.db);
  int steps = 0;
  while (!check.step()) {
    if (++steps % 4 != 0) continue;
    Transaction tx(r.db);
    r.audit.append(tx, {"uid:0", "policy.applied", "digits", {}, "{}", {}});
    tx.commit();
    ASSERT_LT(steps, 10'000);
    if (steps > 40) break;  // it would never reach the end of a chain that grows as fast
  }
  while (!check.step()) ++steps;
  EXPECT_GT(steps, 3000 / AuditCheck::kPiece) << "a certificate is read in several pieces";
  EXPECT_FALSE(check.report().problem.has_value()) << check.report().problem->message;
  EXPECT_EQ(check.report().head, r.audit.event(check.report().events)->hash);
}

TEST(AuditCheck, ARowWithANegativeKeyIsNoHidingPlace) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.fill_life();
  fixture.close();
  tamper(fixture.folder / "registry.db",
         "INSERT INTO thresholds VALUES (-5, 1, 9, 'acr', 0, 'at_least', 'absolute', 0.1, 0)");
  const AuditReport report = check_file(fixture.folder / "registry.db");
  ASSERT_TRUE(report.problem.has_value());
  EXPECT_EQ(report.problem->table, "thresholds");
  EXPECT_EQ(report.problem->row, -5);
}

TEST(AuditCheck, ADroppedTriggerIsADifference) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.close();
  tamper(fixture.folder / "registry.db", "DROP TRIGGER thresholds_no_update");
  const AuditReport report = check_file(fixture.folder / "registry.db");
  ASSERT_TRUE(report.problem.has_value());
  EXPECT_THAT(report.problem->message, HasSubstr("thresholds_no_update"));
}

TEST(AuditTail, FindsAnEditAfterTheCheckpointAndACutBehindIt) {
  RegistryFixture fixture;
  fixture.fill();
  Registry& r = fixture.registry();
  const Head head = r.audit.head();
  {
    Transaction tx(r.db);
    r.audit.set_checkpoint(tx, head.seq, head.hash);
    r.audit.append(tx, {"uid:0", "policy.applied", "digits", {}, "{}", {}});
    tx.commit();
  }
  EXPECT_FALSE(r.audit.check_tail().has_value());
  fixture.close();
  const auto path = fixture.folder / "registry.db";
  std::filesystem::copy_file(path, fixture.folder / "kept.db");
  tamper(path, "DROP TRIGGER events_no_update; UPDATE events SET actor = 'uid:9' WHERE seq = 4");
  fixture.open();
  auto problem = fixture.registry().audit.check_tail();
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->row, 4);
  fixture.close();
  std::filesystem::copy_file(fixture.folder / "kept.db", path,
                             std::filesystem::copy_options::overwrite_existing);
  tamper(path,
         "DROP TRIGGER events_no_delete; DROP TRIGGER event_rows_no_delete; "
         "DELETE FROM event_rows WHERE seq >= 3; DELETE FROM events WHERE seq >= 3");
  fixture.open();
  problem = fixture.registry().audit.check_tail();
  ASSERT_TRUE(problem.has_value());
  EXPECT_THAT(problem->message, HasSubstr("last checkpoint"));
}

std::string integrity_of(Database& db, const std::filesystem::path& copy) {
  const auto check = IntegrityCheck::start(db, copy).value();
  while (!check->step()) std::this_thread::yield();
  return check->result();
}

TEST(IntegrityCheck, SaysOkOfAWholeFileAndLeavesNoCopy) {
  RegistryFixture fixture;
  fixture.fill();
  const auto copy = fixture.folder / "registry.check";
  EXPECT_EQ(integrity_of(fixture.registry().db, copy), "ok");
  EXPECT_FALSE(std::filesystem::exists(copy));
}

TEST(IntegrityCheck, SeesAnIndexThatIsNotItsTables) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.fill_life();
  fixture.close();
  // The last byte of the index's page belongs to its first entry.
  const auto path = fixture.folder / "registry.db";
  const auto page = [&] {
    const auto database = Database::open(path);
    Query row = (*database)->query(
        "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema "
        "WHERE name = 'jobs_by_generation'");
    row.step();
    return row.integer(0) * row.integer(1);
  }();
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(page - 1);
  const int last = file.get();
  file.seekp(page - 1);
  file.put(static_cast<char>(last ^ 1));
  file.close();
  fixture.open();
  EXPECT_NE(integrity_of(fixture.registry().db, fixture.folder / "registry.check"), "ok");
}

TEST(IntegrityCheck, IsOfTheFileAsItBecomesWhileItIsCopied) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.fill_life(20'000);
  Registry& r = fixture.registry();
  const auto check = IntegrityCheck::start(r.db, fixture.folder / "registry.check").value();
  ASSERT_FALSE(check->step());
  ASSERT_TRUE(check->copying()) << "the file is too small to be copied in pieces";
  {
    Transaction tx(r.db);
    r.audit.append(tx, {"uid:0", "policy.applied", "digits", {}, "{}", {}});
    tx.commit();
  }
  while (!check->step()) std::this_thread::yield();
  EXPECT_EQ(check->result(), "ok");
}

}  // namespace
}  // namespace heirloom::registry
