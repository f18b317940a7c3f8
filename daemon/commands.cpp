#include "daemon/commands.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "config/policy_yaml.h"
#include "core/base/names.h"
#include "daemon/champions.h"
#include "daemon/pipeline/bootstrapping.h"
#include "daemon/pipeline/transitions.h"
#include "policies/check.h"
#include "registry/json_text.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using registry::RegistrationKind;
using registry::State;

std::string_view severity_word(policies::Finding::Severity severity) {
  switch (severity) {
    case policies::Finding::Severity::error:
      return "error";
    case policies::Finding::Severity::warning:
      return "warning";
    case policies::Finding::Severity::note:
      return "note";
  }
  return "note";
}

base::Result<std::vector<std::string>> checked_findings(const policies::Policy& policy,
                                                        std::string_view origin) {
  const auto findings = policies::check(policy);
  std::vector<std::string> texts;
  std::string errors;
  for (const policies::Finding& finding : findings) {
    texts.push_back(fmt::format("{}: {}", severity_word(finding.severity), finding.text));
    if (finding.severity == policies::Finding::Severity::error) {
      errors += (errors.empty() ? "" : "; ") + finding.text;
    }
  }
  if (policies::has_error(findings)) {
    return base::fail(ErrorKind::bad_data, fmt::format("{}: {}", origin, errors),
                      "`heirloom policy check` shows every finding");
  }
  return texts;
}

base::Result<void> check_immutable(const registry::ModelRow& model,
                                   const policies::Policy& policy) {
  if (model.spec == policy.model) return {};
  const auto& was = model.spec;
  return base::fail(
      ErrorKind::conflict,
      fmt::format("model {} has input [{}, {}, {}], {} classes and sigma {}, which never change",
                  was.name, was.input.channels, was.input.height, was.input.width, was.classes,
                  was.sigma),
      "give a policy with another input, classes or sigma another model name");
}

struct Asked {
  RegistrationKind kind = RegistrationKind::version;
  std::string model;
  std::string name;
  jobs::Task request;
  std::map<std::string, base::Digest> expected;
  std::string actor;
  // Of a version's file: the signature that was found good, with the envelope as it was given.
  std::optional<audit::VersionSignature> signature{};
  std::string envelope{};
};

registry::EventDraft asked_event(const Asked& asked, std::string_view what,
                                 nlohmann::json payload) {
  registry::EventDraft event;
  event.actor = asked.actor;
  event.kind = fmt::format("{}.{}", registry::to_string(asked.kind), what);
  event.model = asked.model;
  event.payload = registry::json_text(payload);
  return event;
}

// Writes the registration and the event that says so.
base::Result<std::int64_t> add_registration(registry::Transaction& transaction,
                                            registry::Registry& registry,
                                            const registry::ModelRow& model, const Asked& asked) {
  const std::int64_t id =
      registry.catalog.add_registration(transaction, model.id, asked.kind, asked.name,
                                        asked.request, asked.expected, asked.actor, registry.now());
  nlohmann::json digests = nlohmann::json::object();
  for (const auto& [path, digest] : asked.expected) digests[path] = digest.hex();
  nlohmann::json payload = {{"registration", id},
                            {"name", asked.name},
                            {"request", nlohmann::json::parse(jobs::task_to_json(asked.request))},
                            {"expected", digests}};
  std::vector<registry::RowRange> rows;
  if (asked.signature) {
    const base::VerifyKey& key = asked.signature->key;
    HEIRLOOM_ASSIGN(const base::Digest envelope, registry.artifacts.put(asked.envelope));
    registry.signatures.add(transaction,
                            {id, envelope, asked.signature->sha256, key.id(), key.to_pem()}, rows);
    payload["signature"] = {{"key", key.id()}, {"envelope", envelope.hex()}};
  }
  registry::EventDraft event = asked_event(asked, "requested", std::move(payload));
  event.rows = std::move(rows);
  registry.audit.append(transaction, event);
  return id;
}

// Takes `asked` on: the same again is answered with the first, another under that name refused.
base::Result<RegistrationTaken> take_registration(registry::Registry& registry,
                                                  const Asked& asked) {
  const std::string word(registry::to_string(asked.kind));
  HEIRLOOM_ASSIGN(const registry::ModelRow model, find_model(registry, asked.model));
  if (const auto live = registry.catalog.live_registration(model.id, asked.kind, asked.name)) {
    if (jobs::task_to_json(live->request) == jobs::task_to_json(asked.request)) {
      return RegistrationTaken{live->id, false};
    }
    return base::fail(
        ErrorKind::conflict,
        fmt::format("model {} has another {} named {}", asked.model, word, asked.name),
        "a registered name keeps its meaning; choose a new one");
  }
  registry::Transaction transaction(registry.db);
  HEIRLOOM_ASSIGN(const std::int64_t id, add_registration(transaction, registry, model, asked));
  transaction.commit();
  return RegistrationTaken{id, true};
}

// A registration that is refused before any worker hears of it. It may have the name of one that
// lives: that one is left as it is.
base::Result<RegistrationTaken> refuse_unsigned(registry::Registry& registry, const Asked& asked,
                                                const base::Error& error) {
  HEIRLOOM_ASSIGN(const registry::ModelRow model, find_model(registry, asked.model));
  registry::Transaction transaction(registry.db);
  const std::int64_t id = registry.catalog.add_registration(
      transaction, model.id, asked.kind, asked.name, asked.request, asked.expected, asked.actor,
      registry.now(), error);
  registry.audit.append(
      transaction,
      asked_event(asked, "refused",
                  {{"registration", id},
                   {"name", asked.name},
                   {"request", nlohmann::json::parse(jobs::task_to_json(asked.request))},
                   {"error", error.text()}}));
  transaction.commit();
  return RegistrationTaken{id, true};
}

base::Result<void> check_absolute(const std::string& path) {
  if (std::filesystem::path(path).is_absolute()) return {};
  return base::fail(ErrorKind::usage, fmt::format("\"{}\" is not an absolute path", path),
                    "the daemon does not share your working folder");
}

base::Result<void> check_paths(const jobs::DataSource& source, std::string_view part) {
  if (source.paths.empty()) {
    return base::fail(ErrorKind::usage, fmt::format("the {} part names no path", part));
  }
  if (source.format == jobs::DataFormat::glyphs) return {};
  for (const std::string& path : source.paths) HEIRLOOM_TRY(check_absolute(path));
  return {};
}

base::Result<void> check_held_or_failed(const registry::GenerationRow& generation, State needed) {
  if (generation.state == needed) return {};
  return base::fail(ErrorKind::conflict, fmt::format("{} is {}, not {}", generation.label(),
                                                     registry::to_string(generation.state),
                                                     registry::to_string(needed)));
}

// Gates were judged against the champion of that moment: another one since makes them worthless.
base::Result<void> check_still_comparable(registry::Registry& registry,
                                          const registry::ModelRow& model,
                                          const registry::GenerationRow& generation) {
  HEIRLOOM_TRY(registry.audit.check_generation(generation.id));
  const auto champion = registry.evidence.champion(model.id);
  const auto verdict = registry.evidence.verdict_of(generation.id);
  if (!champion || !verdict || champion->since <= verdict->created_at) return {};
  const auto newer = registry.generations.get(champion->generation_id);
  return base::fail(
      ErrorKind::conflict,
      fmt::format("{} became champion after {} was judged", newer->label(), generation.label()),
      "register the version again under a new name to have it compared");
}

}  // namespace

base::Result<registry::ModelRow> find_model(registry::Registry& registry, std::string_view name) {
  if (auto model = registry.models.find(name)) return *std::move(model);
  std::vector<std::string> names;
  for (const auto& model : registry.models.all()) names.push_back(model.spec.name);
  const auto near = base::nearest_word(name, names);
  return base::fail(ErrorKind::not_found, fmt::format("there is no model \"{}\"", name),
                    near ? fmt::format("did you mean {}?", *near)
                         : "`heirloom policy apply` creates the model that it names");
}

base::Result<registry::GenerationRow> find_generation(registry::Registry& registry,
                                                      const registry::ModelRow& model,
                                                      std::int64_t number) {
  if (auto generation = registry.generations.find(model.id, number)) {
    return *std::move(generation);
  }
  return base::fail(ErrorKind::not_found,
                    fmt::format("model {} has no generation g{}", model.spec.name, number),
                    fmt::format("`heirloom generation list {}`", model.spec.name));
}

base::Result<PolicyApplied> apply_policy(registry::Registry& registry, std::string_view text,
                                         std::string_view origin, const std::string& actor) {
  auto parsed = config::policy_from_yaml(text, origin);
  if (!parsed) {
    // The request is well formed; the policy in it is not (`policy check` ends the same way).
    if (parsed.error().kind == ErrorKind::usage) parsed.error().kind = ErrorKind::bad_data;
    return tl::unexpected(parsed.error());
  }
  const policies::Policy& policy = *parsed;
  PolicyApplied applied;
  HEIRLOOM_ASSIGN(applied.findings, checked_findings(policy, origin));
  applied.model = policy.model.name;

  auto model = registry.models.find(policy.model.name);
  if (model) {
    HEIRLOOM_TRY(check_immutable(*model, policy));
    const auto current = registry.models.current_policy(model->id);
    if (current && current->text_sha256 == base::sha256(text)) {
      applied.version = current->version;
      return applied;
    }
  }
  registry::Transaction transaction(registry.db);
  registry::EventDraft event;
  if (!model) {
    model = registry.models.create(transaction, policy.model, registry.now(), event.rows);
  }
  const std::int64_t id = registry.models.add_policy(transaction, model->id, policy, text, actor,
                                                     registry.now(), event.rows);
  applied.version = registry.models.policy(id)->version;
  applied.created = true;
  event.actor = actor;
  event.kind = "policy.applied";
  event.model = policy.model.name;
  event.payload = registry::json_text({{"policy_version", applied.version},
                                       {"origin", std::string(origin)},
                                       {"text_sha256", base::sha256(text).hex()}});
  registry.audit.append(transaction, event);
  transaction.commit();
  return applied;
}

base::Result<RegistrationTaken> register_version(registry::Registry& registry,
                                                 const Signers& signers,
                                                 const config::InboxVersion& request,
                                                 const std::optional<std::string>& envelope,
                                                 const std::string& actor) {
  HEIRLOOM_TRY(base::check_name("version name", request.name));
  if (request.name.starts_with(kTeacherPrefix) && actor != kTeacherActor) {
    return base::fail(ErrorKind::usage,
                      fmt::format("version names that begin with {} are kept for the teachers that "
                                  "the daemon trains itself",
                                  kTeacherPrefix),
                      "choose another name");
  }
  jobs::InspectVersion inspection{request.arch, request.file};
  Asked asked{
      RegistrationKind::version, request.model, request.name, inspection, request.sha256, actor};
  if (request.file.empty()) {
    if (!envelope) return take_registration(registry, asked);
    return base::fail(ErrorKind::usage, "a built-in architecture has no file to be signed",
                      "leave the signature out");
  }
  HEIRLOOM_TRY(check_absolute(request.file));
  auto found =
      check_signature(signers, claim_of(request.model, request.name, request.arch), envelope);
  if (!found) return refuse_unsigned(registry, asked, found.error());
  if (*found) {
    inspection.sha256 = (*found)->sha256;
    asked.request = inspection;
    asked.signature = *std::move(found);
    asked.envelope = *envelope;
  }
  return take_registration(registry, asked);
}

base::Result<RegistrationTaken> register_snapshot(registry::Registry& registry,
                                                  const config::InboxSnapshot& request,
                                                  const std::string& actor) {
  HEIRLOOM_TRY(base::check_name("snapshot name", request.name));
  HEIRLOOM_TRY(check_paths(request.train, "train"));
  if (request.has_holdout) HEIRLOOM_TRY(check_paths(request.holdout, "holdout"));
  return take_registration(
      registry, {RegistrationKind::snapshot, request.model, request.name,
                 jobs::InspectSnapshot{request.train, request.has_holdout, request.holdout},
                 request.sha256, actor});
}

base::Result<void> set_paused(registry::Registry& registry, const std::optional<std::string>& model,
                              bool paused, const std::string& reason, const std::string& actor) {
  if (paused && reason.empty()) {
    return base::fail(ErrorKind::usage, "a pause needs a reason", "--reason \"...\"");
  }
  std::optional<std::int64_t> model_id;
  if (model) {
    HEIRLOOM_ASSIGN(const auto row, find_model(registry, *model));
    model_id = row.id;
  }
  if (registry.pauses.current(model_id).has_value() == paused) {
    return base::fail(
        ErrorKind::conflict,
        fmt::format("{} is {}paused", model.value_or("the daemon"), paused ? "already " : "not "));
  }
  registry::Transaction transaction(registry.db);
  registry::EventDraft event;
  event.actor = actor;
  event.kind = paused ? "paused" : "resumed";
  event.model = model;
  event.payload = registry::json_text({{"reason", reason}});
  registry.pauses.add(transaction, model_id, {paused, actor, reason, registry.now()}, event.rows);
  registry.audit.append(transaction, event);
  transaction.commit();
  return {};
}

base::Result<void> decide(registry::Registry& registry, std::string_view model_name,
                          std::int64_t number, Decision decision, const std::string& reason,
                          const std::string& actor) {
  if (reason.empty()) {
    return base::fail(ErrorKind::usage, "a decision needs a reason", "--reason \"...\"");
  }
  HEIRLOOM_ASSIGN(const registry::ModelRow model, find_model(registry, model_name));
  HEIRLOOM_ASSIGN(const auto generation, find_generation(registry, model, number));
  HEIRLOOM_TRY(
      check_held_or_failed(generation, decision == Decision::retry ? State::failed : State::held));
  if (decision != Decision::reject) HEIRLOOM_TRY(check_not_barred(registry, generation));

  registry::GenerationRow next = generation;
  registry::Transaction transaction(registry.db);
  MoveNote note{actor, reason, {}};
  if (decision == Decision::retry) {
    next.state = State::queued;
    next.attempt = 0;
    next.error.reset();
  } else {
    const bool approve = decision == Decision::approve;
    next.state = approve ? State::promoted : State::rejected;
    registry.evidence.add_decision(
        transaction, generation.id,
        {approve ? "approved" : "rejected", actor, reason, registry.now()}, note.rows);
    if (approve) {
      HEIRLOOM_TRY(check_still_comparable(registry, model, generation));
      registry.evidence.add_champion(transaction, model.id,
                                     {0, generation.id, actor, reason, registry.now()}, note.rows);
    }
  }
  if (!move_generation(transaction, registry, generation, next, note)) {
    return base::fail(ErrorKind::conflict, generation.label() + " has moved on meanwhile");
  }
  transaction.commit();
  return {};
}

}  // namespace heirloom::daemon
