#include <filesystem>

#include <gmock/gmock.h>

#include "daemon/views/views.h"
#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using registry::State;
using ::testing::HasSubstr;

using PipelineLife = PipelineHarness;

TEST_F(PipelineLife, AGoodFirstGenerationIsPromotedAndPublished) {
  bring_to_training();
  EXPECT_EQ(generation(1).kind, "bootstrap");
  play_training("weights of g1");
  EXPECT_EQ(generation(1).state, State::certifying);
  play_certification(200);
  EXPECT_EQ(generation(1).state, State::promoted);
  EXPECT_EQ(champion(), "g1");
  const auto link = folder.path() / "models" / "digits" / "champion";
  EXPECT_EQ(std::filesystem::read_symlink(link), "g1");
  EXPECT_EQ(base::read_file(link / "model.pt", 1000).value(), "weights of g1");
  EXPECT_EQ(base::read_file(link / "weights.safetensors", 1000).value(), "unfolded weights of g1");
  EXPECT_TRUE(std::filesystem::exists(link / "certificate.json"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "jobs" / "3")) << "done, yet kept";
  expect_intact_chain();
}

TEST_F(PipelineLife, TheSecondGenerationIsTaughtByTheChampion) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(200);
  ask_version("v2");
  play_version();
  EXPECT_EQ(generation(2).kind, "transfer");
  const auto train = std::get<jobs::Train>(runner->job(runner->only_job()).task);
  const auto* method = std::get_if<jobs::TransferMethod>(&train.method);
  ASSERT_NE(method, nullptr);
  EXPECT_EQ(method->teacher.sha256, base::sha256("weights of g1"));
  play_training("weights of g2");
  play_certification(200);
  EXPECT_EQ(generation(2).state, State::promoted);
  EXPECT_EQ(champion(), "g2");
  expect_intact_chain();
}

TEST_F(PipelineLife, AWeakGenerationIsRejectedAndTheChampionStays) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(200);
  ask_version("weak");
  play_version();
  play_training("weights of g2");
  play_certification(60);
  EXPECT_EQ(generation(2).state, State::rejected);
  EXPECT_EQ(champion(), "g1");
  const auto verdict = registry->evidence.verdict_of(generation(2).id);
  EXPECT_THAT(verdict->reason, HasSubstr("rejected"));
  const auto gates = registry->evidence.gates_of(verdict->id);
  ASSERT_EQ(gates.size(), 3U);
  EXPECT_FALSE(gates[0].pass);
  expect_intact_chain();
}

std::string gate_mode_policy() {
  std::string policy(kPolicy);
  policy.replace(policy.find("mode: exact"), 11, "mode: gate, precision: bf16");
  return policy;
}

TEST_F(PipelineLife, AJobInGateModeKnowsWhatPutsItsGatesOutOfReach) {
  bring_to_training(gate_mode_policy());
  play_training("weights of g1");
  const auto task = std::get<jobs::Certify>(runner->job(runner->only_job()).task);
  ASSERT_EQ(task.floors.size(), 2U);  // the two that stand alone
  EXPECT_EQ(task.floors[0].radius, 0.0);
  EXPECT_EQ(task.floors[1].radius, 0.25);
  EXPECT_GT(task.floors[1].needed, 100U);  // half of 200, and something for confidence
}

TEST_F(PipelineLife, ACertificationThatEndsEarlyRejectsWithoutCertifyingTheChampionAgain) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(200);
  // Another protocol: the champion would have to be certified again for the relative gate.
  apply_policy_text(gate_mode_policy());
  ask_version("weak");
  play_version();
  play_training("weights of g2");
  play_certification(10, 120);
  EXPECT_EQ(generation(2).state, State::rejected);
  EXPECT_EQ(champion(), "g1");
  const auto verdict = registry->evidence.verdict_of(generation(2).id);
  EXPECT_THAT(verdict->reason, HasSubstr("between 10 and 90 of 200"));
  EXPECT_FALSE(verdict->champion_certificate_id.has_value());
  const Json view = generation_view(*registry, generation(2), /*detail=*/true);
  EXPECT_TRUE(view["metrics"]["clean_accuracy"].is_null());
  EXPECT_EQ(view["certification"]["examples"], 120);
  EXPECT_EQ(view["certification"]["listed"], 200);
  expect_intact_chain();
}

TEST_F(PipelineLife, CountsThatEndEarlyWithoutNeedAreAnErrorNotAVerdict) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(120, 120);
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_THAT(generation(1).error.value_or(""), HasSubstr("counts of 120 examples instead of 200"));
}

TEST_F(PipelineLife, InGateModeTheGatesRadiiAreDecidedAndNothingElseIsClaimed) {
  bring_to_training(gate_mode_policy());
  EXPECT_EQ(std::get<jobs::Train>(runner->job(runner->only_job()).task).precision,
            jobs::Precision::bf16);
  play_training("weights of g1");
  const auto task = std::get<jobs::Certify>(runner->job(runner->only_job()).task);
  const auto protocol = certificate::Protocol::from_json(task.protocol).value();
  EXPECT_EQ(protocol.radii, (std::vector<double>{0.0, 0.25}));
  EXPECT_EQ(protocol.n0, 0U);
  EXPECT_EQ(protocol.precision, "bf16");
  play_certification(190);
  EXPECT_EQ(generation(1).state, State::promoted);
  const Json metrics = generation_view(*registry, generation(1), false)["metrics"];
  EXPECT_TRUE(metrics["acr"].is_null());
  EXPECT_TRUE(metrics["abstain_rate"].is_null());
  EXPECT_EQ(metrics["certified_accuracy"], (Json{{"0.00", 0.95}, {"0.25", 0.95}}));
  // The next is compared with it under the same protocol.
  ask_version("v2");
  play_version();
  play_training("weights of g2");
  play_certification(200);
  EXPECT_EQ(generation(2).state, State::promoted);
  expect_intact_chain();
}

TEST_F(PipelineLife, AModelRunsOneGenerationAtATimeInOrder) {
  bring_to_training();
  ask_version("v2");  // waits for the one worker
  EXPECT_EQ(runner->launches, 3);
  play_training("weights of g1");
  play_version();  // inspections go first once the worker is free
  EXPECT_EQ(generation(2).state, State::queued);
  play_certification(200);
  EXPECT_EQ(generation(2).state, State::training);
  EXPECT_EQ(generation(2).kind, "transfer");
}

TEST_F(PipelineLife, EveryGenerationIsJudgedByThePolicyItWasQueuedWith) {
  bring_to_training();
  std::string strict = kPolicy;
  strict.replace(strict.find("{clean_accuracy: {at_least: 0.5}}"), 33,
                 "{clean_accuracy: {at_least: 0.9}}");
  apply_policy_text(strict);
  play_training("weights of g1");
  play_certification(150);  // 75 %: passes 0.5, not 0.9
  EXPECT_EQ(generation(1).state, State::promoted);

  ask_version("v2");
  play_version();
  play_training("weights of g2");
  play_certification(150);
  EXPECT_EQ(generation(2).state, State::rejected);
  const auto first =
      registry->evidence.gates_of(registry->evidence.verdict_of(generation(1).id)->id);
  const auto second =
      registry->evidence.gates_of(registry->evidence.verdict_of(generation(2).id)->id);
  EXPECT_NE(first[0].threshold.id, second[0].threshold.id);
  expect_intact_chain();
}

TEST_F(PipelineLife, ATamperedThresholdRowBlocksTheVerdict) {
  bring_to_training();
  play_training("weights of g1");
  registry->db.execute("DROP TRIGGER thresholds_no_update");
  registry->db.execute("UPDATE thresholds SET value = 0.1 WHERE id = 1");
  play_certification(60);
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_THAT(*generation(1).error, HasSubstr("thresholds"));
  EXPECT_EQ(count("SELECT count(*) FROM verdicts"), 0);
  EXPECT_EQ(champion(), std::nullopt);
}

TEST_F(PipelineLife, ATamperedExampleRowBlocksTheVerdict) {
  bring_to_training();
  play_training("weights of g1");
  // Between certificate and verdict there is no pause, so the baseline's rows are the ones to edit.
  play_certification(200);
  ask_version("v2");
  play_version();
  play_training("weights of g2");
  registry->db.execute("DROP TRIGGER certified_examples_no_update");
  registry->db.execute("UPDATE certified_examples SET predicted = 3 WHERE certificate_id = 1");
  play_certification(150);
  EXPECT_EQ(generation(2).state, State::failed);
  EXPECT_THAT(*generation(2).error, HasSubstr("certified_examples"));
}

TEST_F(PipelineLife, CountsThatDoNotFitTheProtocolAreAnErrorNotARejection) {
  bring_to_training();
  play_training("weights of g1");
  const std::int64_t job = runner->only_job();
  jobs::Certified certified;
  certified.counts =
      runner->write_output(job, std::string(jobs::kCountsOutput), certificate::counts_to_tsv({}));
  runner->succeed(job, certified);
  EXPECT_EQ(generation(1).state, State::failed);
  EXPECT_EQ(count("SELECT count(*) FROM verdicts"), 0);
  expect_intact_chain();
}

TEST_F(PipelineLife, ACandidateIsChargedOnceAndBeforeItsFirstDraw) {
  bring_to_training();
  EXPECT_EQ(count("SELECT count(*) FROM commitments"), 0);
  play_training("weights of g1");
  EXPECT_EQ(count("SELECT count(*) FROM commitments WHERE charged = 1"), 1);
  runner->end(runner->only_job(), {true, 9});  // dies while drawing: still charged, never twice
  clock.advance(std::chrono::minutes(1));
  pipeline->step();
  play_certification(200);
  EXPECT_EQ(count("SELECT count(*) FROM commitments"), 1);
  EXPECT_EQ(generation(1).state, State::promoted);
}

TEST_F(PipelineLife, AnExhaustedHoldoutStopsTrainingBeforeItBegins) {
  std::string narrow = kPolicy;
  narrow.replace(narrow.find("candidates: 20, promotions: 3"), 29, "candidates: 1, promotions: 1");
  apply_policy_text(narrow);
  ask_version("v1");
  play_version();
  ask_snapshot("s1");
  play_snapshot();
  play_training("weights of g1");
  play_certification(200);
  ask_version("v2");
  play_version();
  EXPECT_EQ(generation(2).state, State::failed);
  EXPECT_THAT(*generation(2).error, HasSubstr("exhausted"));
  EXPECT_EQ(runner->running(), 0U);
}

TEST_F(PipelineLife, ANewHoldoutThatSharesExamplesInheritsWhatWasSpent) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(200);
  ask_snapshot("s2");
  play_snapshot("one");  // the same examples
  ask_snapshot("s3");
  play_snapshot("other");
  const std::int64_t model = registry->models.find("digits")->id;
  EXPECT_EQ(registry->catalog.holdouts(model).size(), 2U);
  EXPECT_EQ(registry->evidence.spent({registry->catalog.holdouts(model)[0].id}).candidates, 1);
  EXPECT_EQ(registry->evidence.spent({registry->catalog.holdouts(model)[1].id}).candidates, 0);
}

TEST_F(PipelineLife, ANewHoldoutMakesTheChampionBeCertifiedThereUncharged) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(200);
  ask_snapshot("s2");
  play_snapshot("other");
  ask_version("v2");
  play_version();
  play_training("weights of g2");
  play_certification(200);  // the candidate
  ASSERT_EQ(generation(2).state, State::certifying);
  EXPECT_EQ(registry->generations.open_jobs().at(0).subject_id, generation(1).id);
  play_certification(200);  // the champion, on the new holdout
  EXPECT_EQ(generation(2).state, State::promoted);
  EXPECT_EQ(count("SELECT count(*) FROM commitments WHERE charged = 0"), 1);
  EXPECT_EQ(count("SELECT candidate FROM commitments WHERE generation_id = 2"), 1)
      << "a fresh holdout starts its own ledger";
  expect_intact_chain();
}

TEST_F(PipelineLife, APolicyOfRelativeGatesAloneHoldsTheFirstGenerationForAPerson) {
  std::string relative = kPolicy;
  const auto from = relative.find("  - {clean_accuracy");
  relative.erase(
      from, relative.find("  - {certified_accuracy: {radius: 0.25, at_least: champion") - from);
  apply_policy_text(relative);
  ask_version("v1");
  play_version();
  ask_snapshot("s1");
  play_snapshot();
  play_training("weights of g1");
  play_certification(200);
  ASSERT_EQ(generation(1).state, State::held);
  EXPECT_EQ(champion(), std::nullopt);
  EXPECT_FALSE(decide(*registry, "digits", 1, Decision::approve, "", "uid:7").has_value());
  ASSERT_TRUE(decide(*registry, "digits", 1, Decision::approve, "reviewed", "uid:7").has_value());
  EXPECT_EQ(generation(1).state, State::promoted);
  EXPECT_EQ(champion(), "g1");
  pipeline->step();
  const auto link = folder.path() / "models" / "digits" / "champion";
  EXPECT_EQ(std::filesystem::read_symlink(link), "g1");
  expect_intact_chain();
}

TEST_F(PipelineLife, ASnapshotWithoutAHoldoutLeavesVersionsWaiting) {
  apply_policy_text();
  ask_version("v1");
  play_version();
  ask_snapshot("train-only", /*has_holdout=*/false);
  play_snapshot("");
  EXPECT_EQ(count("SELECT count(*) FROM generations"), 0);
  EXPECT_EQ(runner->running(), 0U);
}

TEST_F(PipelineLife, ARefusedRegistrationSaysWhyAndFreesItsName) {
  apply_policy_text();
  const std::int64_t id = ask_version("v1");
  runner->refuse(runner->only_job(), {base::ErrorKind::usage, "lenet has no parameter depth", ""});
  const auto row = registry->catalog.registration(id);
  EXPECT_EQ(row->state, "refused");
  EXPECT_EQ(row->error->message, "lenet has no parameter depth");
  EXPECT_EQ(count("SELECT count(*) FROM versions"), 0);
  EXPECT_NE(ask_version("v1"), id);
  expect_intact_chain();
}

TEST_F(PipelineLife, TheSameRegistrationTwiceIsOneAndAnotherUnderItsNameAConflict) {
  apply_policy_text();
  const std::int64_t id = ask_version("v1");
  EXPECT_EQ(ask_version("v1"), id);
  const auto other =
      register_version(*registry, signers, {"digits", "v1", {"linear", {}}}, {}, "uid:0");
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().kind, base::ErrorKind::conflict);
}

TEST_F(PipelineLife, AFileThatIsNotWhatTheInboxSaidRefusesTheSnapshot) {
  apply_policy_text();
  config::InboxSnapshot request;
  request.model = "digits";
  request.name = "s1";
  request.train = {jobs::DataFormat::idx, {"/data/images", "/data/labels"}};
  request.sha256["/data/images"] = base::sha256("what was meant");
  request.sha256["/data/labels"] = base::sha256("labels");
  const std::int64_t id = register_snapshot(*registry, request, "inbox:s1.yaml").value().id;
  pipeline->step();
  jobs::SnapshotInspected found;
  found.train = {jobs::DataFormat::idx,
                 {{"/data/images", base::sha256("what was there"), 14},
                  {"/data/labels", base::sha256("labels"), 6}},
                 0,
                 400,
                 std::vector<std::uint64_t>(10, 40),
                 {}};
  found.train_images = runner->write_output(
      runner->only_job(), std::string(jobs::kTrainImagesOutput), digests_of("train", 1));
  runner->succeed(runner->only_job(), found);
  EXPECT_EQ(registry->catalog.registration(id)->state, "refused");
  EXPECT_THAT(registry->catalog.registration(id)->error->message, HasSubstr("/data/images"));
  EXPECT_EQ(count("SELECT count(*) FROM snapshots"), 0);
}

TEST_F(PipelineLife, AHoldoutThatAnySnapshotTrainedOnIsRefused) {
  bring_to_training();
  const std::int64_t leaky = ask_snapshot("s2", /*has_holdout=*/false);
  play_training("weights of g1");
  play_snapshot("", "one");  // its train part is the holdout of s1
  EXPECT_EQ(registry->catalog.registration(leaky)->state, "refused");
  EXPECT_THAT(registry->catalog.registration(leaky)->error->message, HasSubstr("snapshot s1"));
  play_certification(200);
  const std::int64_t late = ask_snapshot("s3");
  play_snapshot("train", "other train");  // its holdout is what g1 was trained on
  EXPECT_EQ(registry->catalog.registration(late)->state, "refused");
  EXPECT_EQ(count("SELECT count(*) FROM snapshots"), 1);
}

TEST_F(PipelineLife, ALaterPolicyGivesAHoldoutNoNewBudget) {
  std::string narrow = kPolicy;
  narrow.replace(narrow.find("candidates: 20, promotions: 3"), 29, "candidates: 1, promotions: 1");
  apply_policy_text(narrow);
  ask_version("v1");
  play_version();
  ask_snapshot("s1");
  play_snapshot();
  play_training("weights of g1");
  play_certification(200);
  apply_policy_text();  // 20 candidates
  ask_version("v2");
  play_version();
  EXPECT_EQ(generation(2).state, State::failed);
  EXPECT_THAT(*generation(2).error, HasSubstr("1 planned"));
}

TEST_F(PipelineLife, AGenerationPointedAtAnotherClassifierIsNotJudged) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(200);
  ask_version("weak");
  play_version();
  play_training("weights of g2");
  registry->db.execute(
      "UPDATE generations SET classifier_id = (SELECT classifier_id FROM generations WHERE "
      "number = 1) WHERE number = 2");
  runner->end(runner->only_job(), {true, 9});
  clock.advance(std::chrono::minutes(1));
  pipeline->step();
  play_certification(60);
  EXPECT_EQ(champion(), "g1");
  EXPECT_EQ(generation(2).state, State::failed);
  EXPECT_TRUE(registry->audit.verify().problem.has_value());
}

TEST_F(PipelineLife, DataThatArriveDuringTheCertificationDoNotMoveTheHoldout) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(200);
  ask_snapshot("s2", /*has_holdout=*/false);
  play_snapshot("", "train two");
  ask_version("v2");
  play_version();
  ask_snapshot("s3");  // waits for the worker
  play_training("weights of g2");
  play_snapshot("other", "train three");
  play_certification(200);
  EXPECT_EQ(generation(2).state, State::held) << generation(2).error.value_or("");
}

TEST_F(PipelineLife, AHeldGenerationCannotDethroneAChampionItWasNeverComparedWith) {
  bring_to_training();
  play_training("weights of g1");
  play_certification(200);
  ask_snapshot("s2", /*has_holdout=*/false);
  play_snapshot("", "train two");
  ask_version("v2");
  play_version();
  play_training("weights of g2");
  play_certification(200);
  ASSERT_EQ(generation(2).state, State::held);
  clock.advance(std::chrono::seconds(1));
  ask_snapshot("s3");
  play_snapshot("one", "train three");
  ask_version("v3");
  play_version();
  play_training("weights of g3");
  play_certification(200);
  ASSERT_EQ(champion(), "g3");
  const auto late = decide(*registry, "digits", 2, Decision::approve, "too late", "uid:7");
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, base::ErrorKind::conflict);
}

}  // namespace
}  // namespace heirloom::daemon
