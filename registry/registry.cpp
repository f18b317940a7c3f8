#include "registry/registry.h"

namespace heirloom::registry {

Registry::Registry(std::unique_ptr<Database> database, const std::filesystem::path& state_folder,
                   const base::Clock& clock)
    : clock_(clock),
      database_(std::move(database)),
      db(*database_),
      models(db),
      catalog(db),
      generations(db),
      evidence(db),
      champions(db),
      audit(db, clock),
      artifacts(state_folder / "artifacts") {}

base::Result<std::unique_ptr<Registry>> Registry::open(const std::filesystem::path& state_folder,
                                                       const base::Clock& clock) {
  HEIRLOOM_ASSIGN(std::unique_ptr<Database> database, Database::open(state_folder / "registry.db"));
  std::error_code error;
  std::filesystem::create_directories(state_folder / "artifacts", error);
  if (error) {
    return base::fail_errno("create", (state_folder / "artifacts").native(), error.value());
  }
  std::unique_ptr<Registry> registry(new Registry(std::move(database), state_folder, clock));

  Transaction transaction(registry->db);
  registry->db.execute(
      "UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = 'epoch'");
  Query epoch = registry->db.query("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'epoch'");
  epoch.step();
  registry->epoch_ = epoch.integer(0);
  transaction.commit();
  return registry;
}

}  // namespace heirloom::registry
