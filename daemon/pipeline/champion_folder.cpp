#include "daemon/pipeline/champion_folder.h"

#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "bundle/promotion.h"
#include "core/base/files.h"
#include "daemon/certificate_metrics.h"
#include "daemon/pipeline/sealing.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

struct Champion {
  registry::GenerationRow generation;
  registry::ChampionRow row;
  registry::VerdictRow verdict;
  registry::CertificateRow certificate;
  registry::CommitmentRow commitment;
  bool hidden = false;  // its figures, while its holdout is sealed
};

base::Result<std::optional<Champion>> find_champion(registry::Registry& registry,
                                                    const registry::ModelRow& model) {
  const auto row = registry.evidence.champion(model.id);
  if (!row) return std::optional<Champion>();
  const auto generation = registry.generations.get(row->generation_id);
  const auto verdict = registry.evidence.verdict_of(row->generation_id);
  const auto certificate =
      verdict ? registry.evidence.certificate_row(verdict->certificate_id) : std::nullopt;
  const auto commitment =
      certificate ? registry.evidence.commitment(certificate->commitment_id) : std::nullopt;
  if (!generation || !commitment || !generation->model_sha256) {
    return base::fail(ErrorKind::internal, "the champion has no verdict, certificate or artifact");
  }
  return std::optional(Champion{*generation, *row, *verdict, *certificate, *commitment,
                                figures_hidden(registry, *generation)});
}

std::string certificate_json(const registry::ModelRow& model, const Champion& champion) {
  return nlohmann::json{
             {"model", model.spec.name},
             {"generation", champion.generation.label()},
             {"model_sha256", champion.generation.model_sha256->hex()},
             {"protocol", nlohmann::json::parse(champion.commitment.protocol.to_json())},
             {"protocol_id", champion.commitment.protocol.id().hex()},
             {"examples", champion.certificate.summary.examples},
             {"sealed", champion.hidden},
             {"metrics", champion.hidden ? nlohmann::json()
                                         : metrics_json(champion.certificate, champion.commitment)},
             {"verdict", policies::to_string(champion.verdict.verdict)},
             {"reason", champion.row.reason},
             {"since", champion.row.since}}
             .dump(2) +
         "\n";
}

std::string metrics_table(const Champion& champion) {
  if (champion.hidden) {
    return "Its figures on the holdout are sealed while the holdout is live, and so is "
           "`certificate.tsv`.\n";
  }
  std::string rows = "| metric | value |\n| --- | --- |\n";
  const auto metrics = metrics_json(champion.certificate, champion.commitment);
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number()) rows += fmt::format("| {} | {:.4f} |\n", name, value.get<double>());
    if (!value.is_object()) continue;
    for (const auto& [radius, share] : value.items()) {
      rows += fmt::format("| certified accuracy at {} | {:.4f} |\n", radius, share.get<double>());
    }
  }
  return rows;
}

std::string card(const registry::ModelRow& model, const Champion& champion) {
  const auto& protocol = champion.commitment.protocol;
  const auto& input = model.spec.input;
  return fmt::format(
      "# {0} {1}\n\n"
      "Champion since {2}: {3}\n\n"
      "`model.pt` (SHA-256 `{4}`) is a TorchScript module: float32 [N, {5}, {6}, {7}] with values "
      "in [0, 1] to float32 logits [N, {8}].\n\n"
      "What was certified is the smoothed classifier: the class that these logits favour most "
      "often under Gaussian noise of standard deviation {9} on the input. For each of {10} "
      "holdout examples, {11}; `certificate.tsv` has each radius (l2, input units). A "
      "certificate is about the smoothed classifier, with probability 1 - alpha per example, "
      "under the kernels named in `certificate.json`.\n\n"
      "{12}",
      model.spec.name, champion.generation.label(), champion.row.since, champion.row.reason,
      champion.generation.model_sha256->hex(), input.channels, input.height, input.width,
      model.spec.classes, protocol.sigma, champion.certificate.summary.examples,
      procedure_text(protocol), metrics_table(champion));
}

// The files of the folder, by name: what each must hold.
base::Result<std::vector<std::pair<std::string, std::string>>> folder_files(
    registry::Registry& registry, const registry::ModelRow& model, const Champion& champion,
    const base::SigningKey* key) {
  std::vector<std::pair<std::string, std::string>> files;
  HEIRLOOM_ASSIGN(std::string bytes, registry.artifacts.get(*champion.generation.model_sha256));
  HEIRLOOM_ASSIGN(std::string log, registry.artifacts.get(champion.certificate.log));
  files.emplace_back("model.pt", std::move(bytes));
  if (const auto weights = registry.generations.trained_weights(champion.generation.id)) {
    HEIRLOOM_ASSIGN(std::string unfolded, registry.artifacts.get(*weights));
    files.emplace_back(jobs::kWeightsOutput, std::move(unfolded));
  }
  if (!champion.hidden) files.emplace_back("certificate.tsv", std::move(log));
  files.emplace_back("certificate.json", certificate_json(model, champion));
  files.emplace_back("card.md", card(model, champion));
  if (key != nullptr) {
    files.emplace_back(
        bundle::kPromotionFile,
        bundle::sign_promotion(*key, {files, model.spec.name, champion.generation.label(),
                                      std::string(policies::to_string(champion.verdict.verdict)),
                                      champion.row.reason, champion.row.since}));
  }
  return files;
}

// Each file that is missing or differs is written. A folder that is new is written under a
// temporary name and moved into place whole.
base::Result<void> write_folder(registry::Registry& registry, const registry::ModelRow& model,
                                const Champion& champion, const base::SigningKey* key,
                                const std::filesystem::path& target) {
  HEIRLOOM_ASSIGN(const auto files, folder_files(registry, model, champion, key));
  std::error_code error;
  const bool fresh = !std::filesystem::is_directory(target, error);
  const std::filesystem::path folder = fresh ? target.native() + ".tmp" : target.native();
  if (fresh) {
    std::filesystem::remove_all(folder, error);
    std::filesystem::create_directories(folder, error);
    if (error) return base::fail_errno("create", folder.native(), error.value());
  }
  for (const auto& [name, bytes] : files) {
    const auto there = base::read_file(folder / name, registry::ArtifactStore::kMaxBytes);
    if (!there || *there != bytes) {
      HEIRLOOM_TRY(base::write_file_atomically(folder / name, bytes));
    }
  }
  if (!fresh) return {};
  std::filesystem::rename(folder, target, error);
  if (error) return base::fail_errno("rename", folder.native(), error.value());
  return base::fsync_folder(target.parent_path());
}

}  // namespace

std::filesystem::path champion_path(const StateFolder& state, const std::string& model) {
  return state.models() / model / "champion";
}

base::Result<void> publish_champion(registry::Registry& registry, const StateFolder& state,
                                    const registry::ModelRow& model, const base::SigningKey* key) {
  HEIRLOOM_ASSIGN(const auto champion, find_champion(registry, model));
  if (!champion) return {};
  const std::string label = champion->generation.label();
  const std::filesystem::path link = champion_path(state, model.spec.name);
  const std::filesystem::path target = link.parent_path() / label;
  std::error_code error;
  HEIRLOOM_TRY(write_folder(registry, model, *champion, key, target));
  if (std::filesystem::read_symlink(link, error) == label) return {};

  const std::filesystem::path temporary = link.native() + ".tmp";
  std::filesystem::remove(temporary, error);
  std::filesystem::create_symlink(label, temporary, error);
  if (error) return base::fail_errno("link", temporary.native(), error.value());
  std::filesystem::rename(temporary, link, error);
  if (error) return base::fail_errno("rename", temporary.native(), error.value());
  return base::fsync_folder(link.parent_path());
}

}  // namespace heirloom::daemon
