// The line of champions: asked about as a client does, and changed by people.
#include "daemon/champions.h"

#include <gmock/gmock.h>

#include "daemon/http/handlers.h"
#include "daemon/pipeline/stages.h"
#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using nlohmann::json;
using registry::State;
using testing::HasSubstr;

class ChampionLine : public PipelineHarness {
 protected:
  // g1 and then g2 are promoted, a day apart.
  void SetUp() override {
    bring_to_training();
    play_training("weights of g1");
    play_certification(200);
    since.push_back(registry->now());
    clock.advance(kDay);
    promote("v2", "weights of g2");
    since.push_back(registry->now());
    clock.advance(kDay);
    ASSERT_EQ(champion(), "g2");
  }

  void train(const std::string& version, const std::string& weights) {
    ask_version(version);
    play_version();
    play_training(weights);
  }
  void promote(const std::string& version, const std::string& weights) {
    train(version, weights);
    play_certification(200);
  }

  // A generation on a snapshot without a holdout: certified, and held for a person.
  void hold(const std::string& version, const std::string& weights) {
    ask_snapshot("without-" + version, /*has_holdout=*/false);
    play_snapshot("", "train of " + version);
    promote(version, weights);
  }

  ApiResponse ask(const std::string& method, const std::string& target, const json& body = {}) {
    Predictions predictions(*registry, *runner, *state, settings, clock);
    ApiContext api{
        *registry, *pipeline, predictions, *state, signers, "", [this] { pipeline->step(); }};
    Router router;
    add_champion_routes(router, api);
    return router.handle(method, target, body.is_null() ? "" : body.dump(), "uid:7");
  }
  base::Result<void> back(std::int64_t to, bool bar = true) {
    return roll_back(*registry, "digits", {to, std::nullopt, bar, "g2 fails in the field"},
                     "uid:7");
  }
  std::string folder_file(const std::string& name) const {
    return base::read_file(folder.path() / "models/digits/champion" / name, 1 << 20).value();
  }

  static constexpr std::chrono::hours kDay{24};
  std::vector<std::string> since;
};

TEST_F(ChampionLine, WhoWasChampionIsKnownAtEveryInstant) {
  const std::string at = "/v1/models/digits/champion?at=";
  EXPECT_EQ(ask("GET", at + "2001-01-01").status, 404);
  EXPECT_EQ(ask("GET", at + "yesterday").status, 400);
  const json first = ask("GET", at + since[0]).body;
  EXPECT_EQ(first["generation"], "g1");
  EXPECT_EQ(first["act"], "verdict");
  EXPECT_EQ(first["actor"], "heirloomd");
  EXPECT_EQ(first["until"], since[1]);
  const std::string before = base::to_iso8601(clock.wall() - kDay - std::chrono::milliseconds(1));
  ASSERT_LT(before, since[1]);
  EXPECT_EQ(ask("GET", at + before).body["generation"], "g1");
  EXPECT_EQ(ask("GET", at + since[1]).body["generation"], "g2");
  EXPECT_TRUE(ask("GET", at + "2101-01-01").body["until"].is_null());
}

TEST_F(ChampionLine, ARollbackIsOneStepThatConsumersAndTheNextStudentSee) {
  const auto answer = ask("POST", "/v1/models/digits/rollback",
                          {{"to", "g1"}, {"from", "g2"}, {"reason", "g2 fails in the field"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body["generation"], "g1");
  EXPECT_EQ(answer.body["act"], "rollback");
  EXPECT_EQ(answer.body["actor"], "uid:7");
  EXPECT_EQ(std::filesystem::read_symlink(folder.path() / "models/digits/champion"), "g1");
  EXPECT_EQ(folder_file("model.pt"), "weights of g1");
  EXPECT_THAT(folder_file("card.md"), HasSubstr("g2 fails in the field"));
  const auto history = ask("GET", "/v1/models/digits/champions?after=1").body;
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0]["barred"], true);
  EXPECT_EQ(history[1]["generation"], "g1");
  EXPECT_EQ(generation(2).state, State::promoted) << "what its gates said stays as it was";
  ask_version("v3");
  play_version();
  EXPECT_EQ(generation(3).teacher_id, generation(1).id);
  expect_intact_chain();
}

TEST_F(ChampionLine, ARollbackFromAnotherChampionThanTheOneMeantChangesNothing) {
  const auto answer = ask("POST", "/v1/models/digits/rollback",
                          {{"to", "g1"}, {"from", "g1"}, {"reason", "by mistake"}});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(champion(), "g2");
  EXPECT_EQ(count("SELECT count(*) FROM bars"), 0);
}

TEST_F(ChampionLine, ABarredChampionNeverReturnsAndAnUnbarredOneMay) {
  ASSERT_TRUE(back(1, /*bar=*/false).has_value());
  ASSERT_TRUE(back(2).has_value()) << "it was not barred";
  EXPECT_EQ(champion(), "g2");
  const auto barred = back(1);
  ASSERT_FALSE(barred.has_value());
  EXPECT_THAT(barred.error().message, HasSubstr("barred by uid:7"));
  registry::Transaction transaction(registry->db);
  std::vector<registry::RowRange> rows;
  EXPECT_THROW(registry->evidence.add_champion(transaction, generation(1).model_id,
                                               {0, generation(1).id, "uid:0", "anyway", ""}, rows),
               registry::DatabaseFailure);
}

TEST_F(ChampionLine, OnlyAChampionOfBeforeWithItsArtifactWholeCanReturn) {
  train("v3", "weights of g3");
  play_certification(60);  // rejected
  for (const std::int64_t number : {2, 3}) {
    const auto refused = back(number);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  }
  EXPECT_EQ(back(9).error().kind, ErrorKind::not_found);
  const auto artifact = registry->artifacts.path(*generation(1).model_sha256);
  std::filesystem::permissions(artifact, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  fakes::write_file(artifact, "weights of g0");
  EXPECT_FALSE(back(1).has_value());
  EXPECT_EQ(champion(), "g2");
}

TEST_F(ChampionLine, AStudentOfABarredTeacherWaitsForAPerson) {
  train("v3", "weights of g3");
  ASSERT_EQ(generation(3).teacher_id, generation(2).id);
  ASSERT_TRUE(back(1).has_value());
  play_certification(200);
  EXPECT_EQ(generation(3).state, State::held);
  EXPECT_THAT(registry->evidence.verdict_of(generation(3).id)->reason,
              HasSubstr("its teacher g2 was barred"));
  EXPECT_EQ(champion(), "g1");
}

TEST_F(ChampionLine, ABarIsForGoodAndNeverForTheChampionOrWhatIsUnderWay) {
  hold("v3", "weights of g3");
  ASSERT_EQ(generation(3).state, State::held);
  ask_version("v4");
  play_version();
  for (const int number : {2, 4}) {
    const auto refused = bar_generation(*registry, "digits", number, "no", "uid:7");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  }
  const auto answer =
      ask("POST", "/v1/models/digits/generations/g3/bar", {{"reason", "mislabelled data"}});
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body["barred"]["reason"], "mislabelled data");
  EXPECT_FALSE(decide(*registry, "digits", 3, Decision::approve, "after all", "uid:7").has_value());
  EXPECT_FALSE(bar_generation(*registry, "digits", 3, "again", "uid:7").has_value());
  EXPECT_TRUE(decide(*registry, "digits", 3, Decision::reject, "barred", "uid:7").has_value());
  EXPECT_EQ(bar_generation(*registry, "digits", 1, "", "uid:7").error().kind, ErrorKind::usage);
  expect_intact_chain();
}

// The champion's certificate is on another holdout than the one that the candidate is judged on.
TEST_F(ChampionLine, AChampionApprovedBeforeTheVerdictIsCertifiedUnderTheProtocol) {
  hold("v3", "weights of g3");
  ask_snapshot("other");
  play_snapshot("other", "train of other");
  train("v4", "weights of g4");
  // The candidate and the champion of this moment get their certificates; then the daemon dies.
  play_certification(200);
  ASSERT_EQ(generation(4).state, State::certifying);
  pipeline->stop();
  const auto g4 = [&] { return generation(4); };
  const std::int64_t job = runner->only_job();
  jobs::JobResult result;
  {
    // What step() would do on this job's end, up to the move to judging.
    const auto task = std::get<jobs::Certify>(runner->job(job).task);
    std::vector<certificate::ExampleCounts> counts;
    for (const std::uint32_t index : task.examples) {
      certificate::ExampleCounts example;
      example.index = index;
      example.label = static_cast<std::int32_t>(index % 10);
      example.select.assign(10, 0);
      example.select[index % 10] = 10;
      example.estimate.assign(10, 0);
      example.estimate[index % 10] = 200;
      counts.push_back(example);
    }
    jobs::Certified certified;
    certified.counts = runner->write_output(job, std::string(jobs::kCountsOutput),
                                            certificate::counts_to_tsv(counts));
    result.job_id = job;
    result.attempt = g4().attempt;
    result.epoch = registry->epoch();
    result.outcome = certified;
  }
  ASSERT_TRUE(
      finish_certification(*registry, *registry->generations.job(job), result, runner->output(job))
          .has_value());
  ASSERT_TRUE(continue_certifying(*registry, g4()).has_value());
  ASSERT_EQ(generation(4).state, State::judging);
  ASSERT_TRUE(decide(*registry, "digits", 3, Decision::approve, "we looked", "uid:7").has_value());
  start();
  ASSERT_EQ(generation(4).state, State::certifying) << generation(4).error.value_or("");
  const auto again = registry->generations.job(runner->only_job());
  EXPECT_EQ(again->subject_id, generation(3).id);
  play_certification(200);
  EXPECT_EQ(generation(4).state, State::promoted) << generation(4).error.value_or("");
  expect_intact_chain();
}

TEST_F(ChampionLine, AClockThatWasSetBackMakesNoChampionOfAnEarlierInstant) {
  clock.advance(-kDay - kDay);
  ASSERT_TRUE(back(1, /*bar=*/false).has_value());
  EXPECT_EQ(registry->evidence.champion(generation(1).model_id)->since, since[1]);
  EXPECT_EQ(ask("GET", "/v1/models/digits/champion?at=" + since[1]).body["generation"], "g1");
}

}  // namespace
}  // namespace heirloom::daemon
