#include "registry/registry.h"

#include "core/certificate/tsv.h"
#include "registry/audit/seals.h"

namespace heirloom::registry {

Registry::Registry(std::unique_ptr<Database> database, const std::filesystem::path& state_folder,
                   const base::Clock& clock)
    : clock_(clock),
      database_(std::move(database)),
      db(*database_),
      models(db),
      catalog(db),
      signatures(db),
      generations(db),
      evidence(db),
      champions(db),
      unsealings(db),
      drifts(db),
      pauses(db),
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
  Query epoch =
      registry->db.query("SELECT CAST(value AS INTEGER), rowid FROM meta WHERE key = 'epoch'");
  if (!epoch.step()) {
    return base::fail(base::ErrorKind::bad_data, "the registry has lost its epoch",
                      "restore it from a backup");
  }
  registry->epoch_ = epoch.integer(0);
  seal(transaction, "meta", epoch.integer(1));
  transaction.commit();
  return registry;
}

std::optional<std::uint32_t> Registry::first_damaged_example(std::int64_t certificate_id) {
  const auto row = evidence.certificate_row(certificate_id);
  const auto stored = evidence.certificate(certificate_id);
  if (!row || !stored) return std::nullopt;
  const auto text = artifacts.get(row->log);
  if (!text) return std::nullopt;
  const auto log = certificate::log_from_tsv(*text, "the certificate's log");
  if (!log) return std::nullopt;
  const auto same = [](const certificate::CertifiedExample& a,
                       const certificate::CertifiedExample& b) {
    return a.index == b.index && a.label == b.label && a.predicted == b.predicted &&
           a.n_a == b.n_a && a.p_lower == b.p_lower && a.radius == b.radius;
  };
  for (std::size_t i = 0; i < log->examples.size(); ++i) {
    if (i >= stored->examples.size() || !same(log->examples[i], stored->examples[i])) {
      return log->examples[i].index;
    }
  }
  return std::nullopt;
}

}  // namespace heirloom::registry
