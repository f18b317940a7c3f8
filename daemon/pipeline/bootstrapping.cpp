#include "daemon/pipeline/bootstrapping.h"

#include <fmt/format.h>

#include "config/policy_yaml.h"
#include "core/base/digest.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using registry::State;

constexpr const char* kCure =
    "change the policy and register the version under a new name, or promote another version";

std::string reason_of(registry::Registry& registry, const registry::GenerationRow& teacher) {
  if (teacher.error) return *teacher.error;
  const auto verdict = registry.evidence.verdict_of(teacher.id);
  return verdict ? verdict->reason : std::string("no reason is known");
}

}  // namespace

base::Result<std::optional<jobs::ArchSpec>> teacher_architecture(const registry::PolicyRow& policy,
                                                                 const jobs::ArchSpec& arch) {
  HEIRLOOM_ASSIGN(const policies::Policy parsed,
                  config::policy_from_yaml(policy.text, "stored policy"));
  if (parsed.bootstrap.architecture == arch) return std::optional<jobs::ArchSpec>();
  return parsed.bootstrap.architecture;
}

std::string teacher_version_name(const jobs::ArchSpec& arch) {
  std::string name = std::string(kTeacherPrefix) + arch.name;
  if (arch.parameters.empty()) return name;
  base::FieldEncoder fields;
  for (const auto& [key, value] : arch.parameters) fields.text(key).text(value);
  return name + "-" + fields.sha256().hex().substr(0, 8);
}

base::Result<bool> may_bootstrap(registry::Registry& registry,
                                 const registry::GenerationRow& generation) {
  const auto policy = registry.models.policy(generation.policy_id);
  const auto version = registry.catalog.version(generation.version_id);
  if (!policy || !version) return base::fail(ErrorKind::internal, "a generation names no policy");
  HEIRLOOM_ASSIGN(const auto arch, teacher_architecture(*policy, version->arch));
  if (!arch) return true;
  const std::string name = teacher_version_name(*arch);
  const auto teacher_version = registry.catalog.version_named(generation.model_id, name);
  if (!teacher_version) {
    const auto asked = registry.catalog.newest_registration(generation.model_id, name);
    return base::fail(ErrorKind::conflict,
                      fmt::format("its bootstrap teacher {} was refused: {}", name,
                                  asked && asked->error ? asked->error->message : "not inspected"),
                      kCure);
  }
  const auto teacher = registry.generations.newest_of(teacher_version->id, generation.snapshot_id,
                                                      generation.policy_id);
  if (!teacher) return base::fail(ErrorKind::internal, "a bootstrap without its teacher");
  if (teacher->state != State::rejected && teacher->state != State::failed) return false;
  return base::fail(ErrorKind::conflict,
                    fmt::format("its bootstrap teacher {} ({}) {}: {}", teacher->label(), name,
                                teacher->state == State::failed ? "failed" : "was rejected",
                                reason_of(registry, *teacher)),
                    kCure);
}

}  // namespace heirloom::daemon
