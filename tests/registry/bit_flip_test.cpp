// Single bits of a registry flipped at places that a fixed seed chooses: each is refused at open,
// caught by the audit, or changes nothing that can be read.
#include <array>
#include <fstream>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "registry/audit/audit_check.h"
#include "registry/audit/seals.h"
#include "registry/db/integrity_check.h"
#include "tests/registry/registry_test_support.h"

namespace heirloom::registry {
namespace {

constexpr int kFlips = 1500;

// Every table's rows in the order of their keys, and the schema.
std::string contents_of(Database& db) {
  std::vector<std::string> tables = {"sqlite_schema"};
  {
    Query names = db.query(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE "
        "'~' ORDER BY name");
    while (names.step()) tables.push_back(names.text(0));
  }
  std::string out;
  for (const std::string& table : tables) {
    const std::string columns = table == "sqlite_schema" ? "type, name, tbl_name, sql" : "*";
    Query rows = db.query(("SELECT " + columns + " FROM " + table + " ORDER BY 1, 2").c_str());
    base::FieldEncoder fields;
    fields.text(table);
    while (rows.step()) {
      for (int column = 0; column < rows.columns(); ++column) {
        fields.integer(rows.storage_class(column)).text(rows.blob(column));
      }
    }
    out += fields.encoded();
  }
  return out;
}

enum class Fate { refused, caught, harmless, silent };

Fate fate_of(const std::filesystem::path& path, const std::string& original) {
  try {
    const auto opened = Database::open(path);
    if (!opened) return Fate::refused;
    Database& db = **opened;
    AuditCheck check(db);
    while (!check.step()) {
    }
    if (check.report().problem || db.integrity_check() != "ok") return Fate::caught;
    return contents_of(db) == original ? Fate::harmless : Fate::silent;
  } catch (const DatabaseFailure&) {
    return Fate::caught;  // the daemon ends, and says why
  }
}

TEST(BitFlips, NoneIsSilent) {
  RegistryFixture fixture;
  fixture.fill();
  fixture.fill_life(3000);
  const std::string original = contents_of(fixture.registry().db);
  fixture.close();
  const std::string bytes = base::read_file(fixture.folder / "registry.db", 1 << 26).value();
  const auto copy = fixture.folder / "flipped.db";
  std::mt19937 random(20261127);
  std::array<int, 4> fates{};
  for (int i = 0; i < kFlips; ++i) {
    const std::size_t at = random() % bytes.size();
    const int bit = static_cast<int>(random() % 8);
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
    std::ofstream(copy, std::ios::binary | std::ios::trunc) << flipped;
    const Fate fate = fate_of(copy, original);
    ++fates.at(static_cast<std::size_t>(fate));
    EXPECT_NE(fate, Fate::silent) << "byte " << at << ", bit " << bit;
  }
  RecordProperty("refused", fates[0]);
  RecordProperty("caught", fates[1]);
  RecordProperty("harmless", fates[2]);
  std::cout << fates[0] << " refused, " << fates[1] << " caught, " << fates[2] << " harmless of "
            << kFlips << " in " << bytes.size() << " bytes\n";
  EXPECT_GT(fates[1], kFlips / 5) << "much of the file is rows, not free space";
}

}  // namespace
}  // namespace heirloom::registry
