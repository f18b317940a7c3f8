// Commands that ask the daemon once, run as a user would against canned answers.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_heirloom.h"
#include "tests/cli/samples.h"
#include "tests/cli/temporary_folder.h"

namespace heirloom::cli::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Commands : public testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& arguments) {
    return run_heirloom(arguments, {{{"HEIRLOOM_SOCKET", daemon_.socket_path()}}, ""});
  }

  FakeDaemon daemon_;
};

TEST_F(Commands, JsonIsTheDaemonsAnswerInItsOrderAndNothingElse) {
  const Json head = {{"seq", 42}, {"at", "2026-11-24T09:30:00.000Z"}, {"hash", "ab"}};
  const Json events = {{{"seq", 1},
                        {"at", "2026-11-24T09:30:00.000Z"},
                        {"actor", "uid:1000"},
                        {"kind", "policy.applied"},
                        {"model", "digits"},
                        {"generation", nullptr},
                        {"payload", {{"version", 1}}},
                        {"hash", "ab"}}};
  const Json champion = {{"generation", "g2"},
                         {"since", "2026-11-24T09:30:00.000Z"},
                         {"model_sha256", "ab"},
                         {"path", "/x"}};
  const Json lineage = {{"nodes", {generation_sample()}}, {"edges", Json::array()}};
  const Json history = {
      {"model", "digits"}, {"metric", "acr"}, {"points", {{{"generation", "g1"}, {"value", 0.5}}}}};
  struct Case {
    std::vector<std::string> arguments;
    std::string line;
    Json answer;
  };
  const std::vector<Case> cases = {
      {{"status"}, "GET /v1/status", status_sample()},
      {{"status", "digits"}, "GET /v1/status?model=digits", status_sample()},
      {{"generation", "list", "digits"},
       "GET /v1/models/digits/generations?after=0&limit=1000",
       Json::array({generation_sample()})},
      {{"generation", "show", "digits", "g2"},
       "GET /v1/models/digits/generations/g2",
       generation_sample()},
      {{"lineage", "digits"}, "GET /v1/models/digits/lineage?after=0&limit=200", lineage},
      {{"history", "digits", "--metric", "acr"},
       "GET /v1/models/digits/history?metric=acr&after=0&limit=200",
       history},
      {{"champion", "digits"}, "GET /v1/models/digits/champion", champion},
      {{"audit", "log", "--model", "digits", "--after", "5", "--limit", "9"},
       "GET /v1/audit?after=5&limit=9&model=digits",
       events},
      {{"audit", "head"}, "GET /v1/audit/head", head},
      {{"approve", "digits", "g2", "--reason", "fine"},
       "POST /v1/models/digits/generations/g2/approve",
       generation_sample()},
  };
  for (const Case& c : cases) {
    daemon_.answer(c.line, 200, c.answer);
    std::vector<std::string> arguments = c.arguments;
    arguments.insert(arguments.end(), {"-o", "json"});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 0) << c.line << outcome.err;
    EXPECT_EQ(outcome.out, c.answer.dump(2) + "\n") << c.line;
    EXPECT_THAT(outcome.err, IsEmpty()) << c.line;
    const Outcome table = run(c.arguments);
    EXPECT_EQ(table.code, 0) << c.line;
    EXPECT_THAT(table.out, AllOf(Not(IsEmpty()), Not(HasSubstr("\x1b")), Not(HasSubstr("{"))))
        << c.line;
  }
}

TEST_F(Commands, AnUnknownModelIsNotFoundAndNamedWithAHint) {
  daemon_.answer("GET /v1/models/digits/lineage?after=0&limit=200", 404,
                 error_body("not_found", "there is no model \"digits\"", "policy apply makes one"));
  const Outcome outcome = run({"lineage", "digits", "-o", "json"});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_EQ(outcome.err,
            "heirloom: there is no model \"digits\"\n  hint: policy apply makes one\n");
}

TEST_F(Commands, NoChampionYetIsNotFound) {
  daemon_.answer("GET /v1/models/digits/champion", 404, error_body("not_found", "none yet"));
  EXPECT_EQ(run({"champion", "digits"}).code, 5);
}

TEST_F(Commands, EveryKindOfFailureHasItsExitCode) {
  const std::vector<std::pair<std::string, int>> kinds = {
      {"usage", 2},    {"not_found", 5},   {"conflict", 7}, {"bad_data", 1},
      {"internal", 1}, {"unavailable", 6}, {"tampered", 1}, {"unsupported", 1}};
  for (const auto& [kind, code] : kinds) {
    daemon_.answer("GET /v1/models/" + kind + "x/lineage?after=0&limit=200", 500,
                   error_body(kind, "so it is"));
    const Outcome outcome = run({"lineage", kind + "x"});
    EXPECT_EQ(outcome.code, code) << kind << outcome.err;
  }
}

TEST_F(Commands, AnErrorInAnotherFormIsJudgedByItsStatus) {
  daemon_.answer_text("GET /v1/models/digits/lineage?after=0&limit=200", 404, "<html>nginx</html>");
  EXPECT_EQ(run({"lineage", "digits"}).code, 5);
}

TEST_F(Commands, AnAnswerThatIsNoJsonFails) {
  daemon_.answer_text("GET /v1/models/digits/lineage?after=0&limit=200", 200, "hello");
  const Outcome outcome = run({"lineage", "digits"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("not JSON"));
}

TEST_F(Commands, AnAuditIsAskedForAndWaitedFor) {
  const Json running = {{"state", "running"}, {"ok", nullptr}};
  const Json done = {
      {"state", "done"}, {"ok", true}, {"events", 42}, {"rows", 3021}, {"head", "ab"}};
  daemon_.answer("POST /v1/audit/verify", 202, running);
  daemon_.answer("GET /v1/audit/verify", 200, running);
  daemon_.answer("GET /v1/audit/verify", 200, done);
  const Outcome outcome = run({"audit", "verify", "-o", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, done.dump(2) + "\n");
  EXPECT_EQ(daemon_.count("GET /v1/audit/verify"), 2U);
}

TEST_F(Commands, AHeadKeptElsewhereMustBeInTheChain) {
  const TemporaryFolder folder;
  daemon_.answer("POST /v1/audit/verify", 202, {{"state", "running"}});
  daemon_.answer("GET /v1/audit/verify", 200, {{"state", "done"}, {"ok", true}});
  const std::string kept = folder.write("head.json", R"({"seq": 3, "hash": "ab"})");
  daemon_.answer("GET /v1/audit?after=2&limit=1", 200, Json::array({{{"seq", 3}, {"hash", "ab"}}}));
  EXPECT_EQ(run({"audit", "verify", "--head", kept}).code, 0);
  daemon_.answer("GET /v1/audit?after=2&limit=1", 200, Json::array({{{"seq", 3}, {"hash", "cd"}}}));
  run({"audit", "verify", "--head", kept});
  const Outcome rewritten = run({"audit", "verify", "--head", kept});
  EXPECT_EQ(rewritten.code, 1);
  EXPECT_THAT(rewritten.err, HasSubstr("does not hold event 3"));
  EXPECT_EQ(run({"audit", "verify", "--key", kept}).code, 2) << "a key without a head";
}

TEST_F(Commands, AVerdictIsVerifiedFromABundleOnlyIfThereIsOne) {
  EXPECT_EQ(run({"verify", "/nowhere/bundle"}).code, 2);
  const TemporaryFolder folder;
  const std::string file = folder.write("bundle.tar", "not a tar file");
  const Outcome outcome = run({"verify", file});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("neither a folder nor a tar file"));
  EXPECT_EQ(run({"verify", file, "--full"}).code, 2) << "a bundle has no worker";
  EXPECT_THAT(daemon_.requests(), IsEmpty());
}

TEST_F(Commands, ABrokenChainFailsAndNamesTheFirstBadRow) {
  daemon_.answer("POST /v1/audit/verify", 202, {{"state", "running"}});
  daemon_.answer("GET /v1/audit/verify", 200,
                 Json::parse(R"({"ok": false, "first_bad": {"seq": 12, "table": "thresholds",
                                 "row": 3, "message": "the row has changed"}})"));
  const Outcome outcome = run({"audit", "verify"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "broken: event 12, table thresholds, row 3: the row has changed\n");
  EXPECT_THAT(outcome.err, HasSubstr("audit chain"));
}

TEST_F(Commands, DecisionsCarryTheirReason) {
  for (const std::string decision : {"approve", "reject", "retry", "bar"}) {
    const std::string line = "POST /v1/models/digits/generations/g3/" + decision;
    daemon_.answer(line, 200, {{"id", "g3"}, {"state", "promoted"}});
    const Outcome outcome = run({decision, "digits", "g3", "--reason", "we looked"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "digits g3: promoted\n");
    EXPECT_EQ(daemon_.requests().back().json(), Json({{"reason", "we looked"}}));
  }
}

TEST_F(Commands, ARollbackNamesTheChampionThatItLeaves) {
  daemon_.answer("GET /v1/models/digits/champion", 200, {{"generation", "g5"}});
  daemon_.answer("POST /v1/models/digits/rollback", 200,
                 {{"generation", "g3"}, {"act", "rollback"}, {"actor", "uid:7"}});
  const Outcome outcome = run({"rollback", "digits", "g3", "--reason", "g5 fails"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("rollback by uid:7"));
  EXPECT_THAT(outcome.err, HasSubstr("g5 is barred"));
  EXPECT_EQ(daemon_.requests().back().json(),
            Json({{"to", "g3"}, {"from", "g5"}, {"bar", true}, {"reason", "g5 fails"}}));
  run({"rollback", "digits", "g3", "--reason", "g5 fails", "--from", "g4", "--no-bar"});
  EXPECT_EQ(daemon_.requests().back().json(),
            Json({{"to", "g3"}, {"from", "g4"}, {"bar", false}, {"reason", "g5 fails"}}));
}

TEST_F(Commands, TheChampionOfAnInstantAndTheirHistoryAreAskedFor) {
  daemon_.answer("GET /v1/models/digits/champion?at=2026-11-01", 200,
                 {{"generation", "g3"},
                  {"at", "2026-11-01T00:00:00.000Z"},
                  {"act", "approval"},
                  {"actor", "uid:7"},
                  {"reason", "we looked"}});
  const Outcome at = run({"champion", "digits", "--at", "2026-11-01"});
  EXPECT_THAT(at.out,
              AllOf(HasSubstr("g3"), HasSubstr("approval by uid:7"), HasSubstr("we looked")));
  EXPECT_EQ(run({"champion", "digits", "--at", "soon"}).code, 2);
  daemon_.answer(
      "GET /v1/models/digits/champions?after=0&limit=1000", 200,
      Json::array({{{"id", 1}, {"generation", "g1"}, {"until", "2026-11-01T00:00:00.000Z"}},
                   {{"id", 2}, {"generation", "g3"}, {"until", nullptr}}}));
  const Outcome history = run({"champion", "digits", "--history"});
  EXPECT_THAT(history.out, AllOf(HasSubstr("g1"), HasSubstr("now")));
}

TEST_F(Commands, ADecisionOnAGenerationThatMovedOnIsAConflict) {
  daemon_.answer("POST /v1/models/digits/generations/g3/approve", 409,
                 error_body("conflict", "g3 is promoted already"));
  EXPECT_EQ(run({"approve", "digits", "g3", "--reason", "late"}).code, 7);
}

TEST_F(Commands, ADecisionWithoutAReasonIsAMistake) {
  EXPECT_EQ(run({"approve", "digits", "g3"}).code, 2);
  EXPECT_EQ(run({"approve", "digits", "g3", "--reason", "  "}).code, 2);
  EXPECT_THAT(daemon_.requests(), IsEmpty());
}

TEST_F(Commands, PolicyApplySendsTheTextAndPrintsFindingsAndVersion) {
  const TemporaryFolder folder;
  const std::string file = folder.write("digits.yaml", "model: digits\n");
  daemon_.answer("POST /v1/policies", 201,
                 Json::parse(R"({"model": "digits", "policy_version": 2, "created": true,
                                 "findings": ["note: 934 of 1000 pass"]})"));
  const Outcome outcome = run({"policy", "apply", file});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "note: 934 of 1000 pass\ndigits: policy version 2\n");
  EXPECT_EQ(daemon_.requests().back().json(),
            Json({{"text", "model: digits\n"}, {"origin", file}}));
}

TEST_F(Commands, PolicyApplyOfAMissingFileIsAMistakeOfTheCommand) {
  const Outcome outcome = run({"policy", "apply", "/nonexistent/digits.yaml"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/digits.yaml"));
}

TEST_F(Commands, AListLongerThanAPageIsReadToItsEnd) {
  Json first = Json::array();
  for (int i = 1; i <= 1000; ++i) first.push_back({{"id", fmt::format("g{}", i)}});
  daemon_.answer("GET /v1/models/digits/generations?after=0&limit=1000", 200, first);
  daemon_.answer("GET /v1/models/digits/generations?after=1000&limit=1000", 200,
                 Json::array({{{"id", "g1001"}}}));
  const Outcome outcome = run({"generation", "list", "digits", "-o", "json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(Json::parse(outcome.out).size(), 1001U);
}

TEST_F(Commands, ALineageOfSeveralPagesIsJoined) {
  const std::string target = "GET /v1/models/digits/lineage?after=";
  daemon_.answer(target + "0&limit=200", 200,
                 {{"model", "digits"},
                  {"nodes", {{{"id", "g1"}}, {{"id", "g2"}}}},
                  {"edges", Json::array()},
                  {"next", 2}});
  daemon_.answer(target + "2&limit=200", 200,
                 {{"model", "digits"},
                  {"nodes", {{{"id", "g3"}}}},
                  {"edges", {{{"from", "g1"}, {"to", "g3"}}}},
                  {"next", nullptr}});
  const Outcome outcome = run({"lineage", "digits", "-o", "json"});
  const Json all = Json::parse(outcome.out);
  EXPECT_EQ(all["nodes"].size(), 3U) << outcome.err;
  EXPECT_EQ(all["edges"].size(), 1U);
  EXPECT_FALSE(all.contains("next"));
}

TEST_F(Commands, AnEmptyListIsAnAnswerAndItsExplanationIsTalk) {
  daemon_.answer("GET /v1/models/digits/generations?after=0&limit=1000", 200, Json::array());
  const Outcome outcome = run({"generation", "list", "digits", "-o", "json"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "[]\n");
  EXPECT_THAT(outcome.err, HasSubstr("no generation yet"));
}

TEST_F(Commands, ShowWaitsForTheVerdictAndReturnsIt) {
  const std::vector<std::pair<std::string, int>> verdicts = {
      {"promoted", 0}, {"rejected", 3}, {"held", 4}, {"failed", 1}};
  int number = 1;
  for (const auto& [state, code] : verdicts) {
    const std::string id = fmt::format("g{}", number++);
    Json generation = generation_sample();
    generation["state"] = "training";
    daemon_.answer("GET /v1/models/digits/generations/" + id, 200, generation);
    generation["state"] = state;
    daemon_.answer("GET /v1/models/digits/generations/" + id, 200, generation);
    const Outcome outcome = run({"generation", "show", "digits", id, "--wait", "-o", "json"});
    EXPECT_EQ(outcome.code, code) << state;
    EXPECT_EQ(Json::parse(outcome.out)["state"], state);
    EXPECT_THAT(outcome.err, HasSubstr("is training"));
    // Asked without --wait, a rejected generation is an answer like any other.
    EXPECT_EQ(run({"generation", "show", "digits", id}).code, 0) << state;
  }
}

TEST_F(Commands, ShowGivesUpAfterItsTimeout) {
  daemon_.answer("GET /v1/models/digits/generations/g3", 200, queued_sample());
  const Outcome outcome = run({"generation", "show", "digits", "g3", "--wait", "--timeout", "0.2"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("still queued after 0.2 s"));
}

TEST_F(Commands, ADaemonThatDoesNotAnswerIsUnreachable) {
  daemon_.stay_silent("GET /v1/models/digits/generations/g3");
  const Outcome outcome = run({"generation", "show", "digits", "g3", "--wait", "--timeout", "0.2"});
  EXPECT_EQ(outcome.code, 6);
  EXPECT_THAT(outcome.err, HasSubstr("did not answer within 0.2 s"));
}

}  // namespace
}  // namespace heirloom::cli::test
