// Fills a registry for `tools/bench registry`: generations with certificates, verdicts and events
// as the daemon writes them, through the same code. What is there already is kept: a build that was
// interrupted goes on.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "registry/registry.h"

namespace heirloom::bench {
namespace {

namespace reg = heirloom::registry;

constexpr const char* kPolicy = R"(model: digits
input: {shape: [1, 28, 28], classes: 10}
sigma: 0.5
bootstrap: {method: gaussian, epochs: 2}
transfer: {epochs: 2}
certify: {examples: 100, n0: 100, n: 100000, alpha: 0.001, mode: exact}
promote:
  - {certified_accuracy: {radius: 0.5, at_least: 0.5}}
  - {certified_accuracy: {radius: 1.0, at_least: champion - 0.02}}
confidence: 0.95
holdout: {candidates: 200, promotions: 50, risk: 0.05}
)";
constexpr std::int64_t kPerSnapshot = 100;  // generations on one holdout
constexpr std::int64_t kPerVersion = 20;
constexpr std::int64_t kPerTransaction = 200;
constexpr std::int64_t kPromoted = 10;  // every tenth

// A minute passes with every look, so that the history is years long.
class YearsClock final : public base::Clock {
 public:
  explicit YearsClock(std::int64_t minutes) : minutes_(minutes) {}
  std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(std::chrono::hours(24 * 365 * 45)) +
           std::chrono::minutes(minutes_);
  }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::now();
  }
  void set(std::int64_t minutes) { minutes_ = minutes; }

 private:
  std::int64_t minutes_;
};

policies::Policy policy() {
  policies::Policy out;
  out.model = {"digits", {1, 28, 28}, 10, 0.5};
  out.certify.examples = 100;
  policies::Threshold absolute;
  absolute.radius = 0.5;
  absolute.value = 0.5;
  policies::Threshold relative;
  relative.radius = 1.0;
  relative.value = 0.02;
  relative.baseline = policies::Baseline::champion;
  out.promote = {absolute, relative};
  out.holdout = {200, 50, 0.05};
  return out;
}

class Builder {
 public:
  Builder(reg::Registry& registry, YearsClock& clock, std::int64_t examples)
      : r_(registry), clock_(clock), examples_(examples) {}

  // The next generations, up to number `last`, in one transaction.
  void add(std::int64_t first, std::int64_t last) {
    reg::Transaction tx(r_.db);
    ensure_model(tx);
    for (std::int64_t number = first; number <= last; ++number) {
      clock_.set(number * 5);
      if (number % kPerSnapshot == 1 || snapshot_ == 0) add_snapshot(tx, number);
      if (number % kPerVersion == 1 || version_ == 0) add_version(tx, number);
      add_generation(tx, number);
    }
    tx.commit();
  }

 private:
  void ensure_model(reg::Transaction& tx) {
    if (const auto known = r_.models.find("digits")) {
      model_ = *known;
      policy_ = r_.models.current_policy(model_.id)->id;
      return;
    }
    reg::EventDraft event{"uid:0", "policy.applied", "digits", {}, "{}", {}};
    model_ = r_.models.create(tx, policy().model, r_.now(), event.rows);
    policy_ = r_.models.add_policy(tx, model_.id, policy(), kPolicy, "uid:0", r_.now(), event.rows);
    r_.audit.append(tx, event);
  }

  void add_snapshot(reg::Transaction& tx, std::int64_t number) {
    const std::string name = fmt::format("s{}", number);
    const jobs::DataSource glyphs{jobs::DataFormat::glyphs, {fmt::format("{}:1000", number)}};
    const std::int64_t registration = r_.catalog.add_registration(
        tx, model_.id, reg::RegistrationKind::snapshot, name,
        jobs::InspectSnapshot{glyphs, true, glyphs}, {}, "uid:0", r_.now());
    jobs::SnapshotInspected found;
    found.train = {jobs::DataFormat::glyphs, {}, 1, 1000, std::vector<std::uint64_t>(10, 100), {}};
    found.has_holdout = true;
    found.holdout = found.train;
    found.holdout_id = base::sha256(name);
    reg::EventDraft event{"uid:0", "snapshot.registered", "digits", {}, "{}", {}};
    holdout_ = r_.catalog.ensure_holdout(tx, model_.id, found, base::sha256("key of " + name),
                                         r_.now(), event.rows);
    snapshot_ = r_.catalog.add_snapshot(tx, *r_.catalog.registration(registration), found, holdout_,
                                        r_.now(), event.rows);
    r_.catalog.mark_registered(tx, registration);
    r_.audit.append(tx, event);
  }

  void add_version(reg::Transaction& tx, std::int64_t number) {
    const jobs::InspectVersion request{{"lenet", {{"width", std::to_string(number)}}}};
    const std::int64_t registration =
        r_.catalog.add_registration(tx, model_.id, reg::RegistrationKind::version,
                                    fmt::format("v{}", number), request, {}, "uid:0", r_.now());
    reg::EventDraft event{"uid:0", "version.registered", "digits", {}, "{}", {}};
    version_ = r_.catalog.add_version(tx, *r_.catalog.registration(registration), request, {431080},
                                      r_.now(), event.rows);
    r_.catalog.mark_registered(tx, registration);
    r_.audit.append(tx, event);
  }

  // What generation.* events say of it.
  static std::string described(const reg::GenerationRow& row, const std::string& from) {
    nlohmann::json out = {{"state", reg::to_string(row.state)},
                          {"from", from},
                          {"attempt", row.attempt},
                          {"epoch", row.epoch},
                          {"model_sha256", nullptr},
                          {"classifier_id", nullptr},
                          {"kernel", nullptr},
                          {"teacher", nullptr}};
    if (row.model_sha256) out["model_sha256"] = row.model_sha256->hex();
    if (row.classifier_id) out["classifier_id"] = row.classifier_id->hex();
    if (row.kernel) out["kernel"] = *row.kernel;
    if (row.teacher_id) out["teacher"] = fmt::format("g{}", *row.teacher_id);
    return out.dump();
  }

  void add_generation(reg::Transaction& tx, std::int64_t number) {
    reg::EventDraft queued{"heirloomd", "generation.queued", "digits", number, "", {}};
    const auto champion = r_.evidence.champion(model_.id);
    const std::int64_t id = r_.generations.add(
        tx, {model_.id, version_, snapshot_, policy_, static_cast<std::uint64_t>(number), "bench"},
        r_.now(), queued.rows);
    const reg::GenerationRow from = *r_.generations.get(id);
    queued.payload = described(from, "");
    r_.audit.append(tx, queued);
    add_jobs(tx, id);

    reg::GenerationRow to = from;
    const bool promoted = number % kPromoted == 1;
    to.state = promoted ? reg::State::promoted : reg::State::rejected;
    to.attempt = 1;
    to.epoch = r_.epoch();
    to.kind = champion ? "transfer" : "bootstrap";
    // In this file a generation's id is its number.
    if (champion) to.teacher_id = champion->generation_id;
    to.model_sha256 = base::sha256(fmt::format("model {}", number));
    to.model_bytes = 400'000;
    to.classifier_id = base::sha256(fmt::format("classifier {}", number));
    to.kernel = "bench";
    to.forward_batch = 500;
    to.train_seconds = 31.0;
    reg::EventDraft certifying{"heirloomd", "generation.certifying", "digits", number, "", {}};
    reg::GenerationRow between = to;
    between.state = reg::State::certifying;
    certifying.payload = described(between, "training");
    const std::int64_t commitment = commit(tx, to, number, certifying.rows);
    r_.audit.append(tx, certifying);

    reg::EventDraft judged{"heirloomd", promoted ? "generation.promoted" : "generation.rejected",
                           "digits",    number,
                           "",          {}};
    judged.payload = described(to, "judging");
    judge(tx, to, commitment, promoted, judged.rows);
    r_.generations.move(tx, from, to);
    r_.audit.append(tx, judged);
  }

  void add_jobs(reg::Transaction& tx, std::int64_t generation_id) {
    for (const char* kind : {"transfer", "certify"}) {
      reg::JobRow job;
      job.kind = kind;
      job.generation_id = generation_id;
      const std::int64_t id = r_.generations.add_job(tx, job, r_.now());
      r_.generations.add_attempt(tx, id, 1, r_.epoch(), r_.now());
      r_.generations.end_attempt(tx, id, 1, {0, "exit 0", std::nullopt, ""}, r_.now());
      r_.generations.close_job(tx, id, "done");
    }
  }

  std::int64_t commit(reg::Transaction& tx, const reg::GenerationRow& generation,
                      std::int64_t number, std::vector<reg::RowRange>& rows) {
    reg::CommitmentRow out;
    out.generation_id = generation.id;
    out.holdout_id = holdout_;
    out.policy_id = policy_;
    out.classifier_id = *generation.classifier_id;
    out.protocol.n0 = 100;
    out.protocol.n = 100'000;
    out.protocol.alpha = 0.001;
    out.protocol.sigma = 0.5;
    out.protocol.kernel = "bench";
    for (std::int64_t i = 0; i < examples_; ++i) {
      out.examples.push_back(static_cast<std::uint32_t>(i));
    }
    out.candidate = (number - 1) % kPerSnapshot + 1;
    out.level = 0.001;
    return r_.evidence.add_commitment(tx, out, r_.now(), rows);
  }

  void judge(reg::Transaction& tx, const reg::GenerationRow& generation, std::int64_t commitment,
             bool promoted, std::vector<reg::RowRange>& rows) {
    certificate::Certificate certificate;
    for (std::int64_t i = 0; i < examples_; ++i) {
      const double radius = 0.01 * static_cast<double>((generation.id * 31 + i * 17) % 180);
      certificate.examples.push_back(
          {static_cast<std::uint32_t>(i), static_cast<std::int32_t>(i % 10),
           static_cast<std::int32_t>(i % 10), 99'000, 0.98, radius, 100'000});
    }
    reg::CertificateRow row;
    row.commitment_id = commitment;
    row.generation_id = generation.id;
    row.model_sha256 = *generation.model_sha256;
    row.counts = base::sha256(fmt::format("counts {}", generation.id));
    row.log = base::sha256(fmt::format("log {}", generation.id));
    row.summary = certificate::summarize(certificate.examples);
    row.certified_accuracy = R"({"0.00": 0.99, "0.50": 0.9, "1.00": 0.7})";
    row.samples = 10'000'000;
    row.seconds = 40.0;
    reg::VerdictRow verdict;
    verdict.certificate_id = r_.evidence.add_certificate(tx, row, certificate, r_.now(), rows);
    verdict.generation_id = generation.id;
    verdict.verdict = promoted ? policies::Verdict::promoted : policies::Verdict::rejected;
    verdict.reason =
        promoted ? "promoted: both gates pass" : "rejected: certified_accuracy at 0.50";
    verdict.policy_id = policy_;
    verdict.level = 0.001;
    verdict.created_at = r_.now();
    std::vector<policies::Gate> gates;
    const reg::PolicyRow policy = *r_.models.policy(policy_);
    for (const policies::Threshold& threshold : policy.thresholds) {
      policies::Gate gate;
      gate.threshold = threshold;
      gate.pass = promoted;
      gates.push_back(gate);
    }
    r_.evidence.add_verdict(tx, verdict, gates, rows);
    if (!promoted) return;
    r_.evidence.add_champion(tx, generation.model_id,
                             {0, generation.id, "heirloomd", verdict.reason, r_.now()}, rows);
  }

  reg::Registry& r_;
  YearsClock& clock_;
  const std::int64_t examples_;
  reg::ModelRow model_;
  std::int64_t policy_ = 0;
  std::int64_t snapshot_ = 0;
  std::int64_t holdout_ = 0;
  std::int64_t version_ = 0;
};

std::int64_t count(reg::Registry& registry, const char* sql) {
  reg::Query row = registry.db.query(sql);
  return row.step() ? row.integer(0) : 0;
}

int fill(const std::filesystem::path& state, std::int64_t generations, std::int64_t examples) {
  std::filesystem::create_directories(state);
  YearsClock clock(0);
  auto opened = reg::Registry::open(state, clock);
  if (!opened) {
    fmt::print(stderr, "{}\n", opened.error().text());
    return 1;
  }
  reg::Registry& registry = **opened;
  Builder builder(registry, clock, examples);
  std::int64_t done = count(registry, "SELECT count(*) FROM generations");
  const auto started = std::chrono::steady_clock::now();
  while (done < generations) {
    const std::int64_t last = std::min(done + kPerTransaction, generations);
    builder.add(done + 1, last);
    done = last;
    if (done % 2000 != 0) continue;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    fmt::print(stderr, "\r{} of {} generations, {:.0f} s", done, generations, seconds);
    std::fflush(stderr);
  }
  fmt::print(stderr, "\n");
  fmt::print("{}\n",
             nlohmann::json{
                 {"generations", done},
                 {"certified_examples", count(registry, "SELECT sum(examples) FROM certificates")},
                 {"champions", count(registry, "SELECT count(*) FROM champions")},
                 {"events", count(registry, "SELECT count(*) FROM events")},
                 {"first_champion", "2014-12-21T00:00:00.000Z"},
                 {"now", registry.now()},
                 {"bytes", std::filesystem::file_size(state / "registry.db")}}
                 .dump());
  return 0;
}

}  // namespace
}  // namespace heirloom::bench

int main(int argc, char** argv) {
  std::string state;
  std::int64_t generations = 100'000;
  std::int64_t examples = 100;
  CLI::App app("Fills a registry for the benchmark.", "heirloom-registry-file");
  app.add_option("--state", state)->required();
  app.add_option("--generations", generations);
  app.add_option("--examples", examples, "certified examples a generation");
  CLI11_PARSE(app, argc, argv);
  return heirloom::bench::fill(state, generations, examples);
}
