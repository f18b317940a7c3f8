// heirloom predict, run as a user would against canned answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_heirloom.h"
#include "tests/cli/temporary_folder.h"

namespace heirloom::cli::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kAsk = "POST /v1/models/digits/predict";
const std::string kLook = "GET /v1/predictions/3-1";

Json answer(const std::string& state) {
  return Json::parse(R"({"id": "3-1", "state": ")" + state + R"(", "model": "digits",
    "generation": "g2", "sigma": 0.5, "n0": 100, "n": 10000, "alpha": 0.001, "seed": null,
    "error": null, "images": []})");
}

Json done() {
  Json out = answer("done");
  out["images"] = Json::parse(R"([
    {"name": "seven.png", "class": 7, "radius": 1.234567, "p_value": 0.0, "selected": 7,
     "p_lower": 0.9931, "votes": [0, 20, 5, 1, 0, 0, 0, 9974, 0, 0]},
    {"name": "odd,one.png", "class": null, "radius": null, "p_value": 0.4, "selected": 2,
     "p_lower": 0.48, "votes": [0, 0, 5000, 5000, 0, 0, 0, 0, 0, 0]}])");
  return out;
}

class Predict : public testing::Test {
 protected:
  Outcome run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"predict", "digits"});
    return run_heirloom(arguments, {{{"HEIRLOOM_SOCKET", daemon_.socket_path()}}, ""});
  }

  FakeDaemon daemon_;
  TemporaryFolder folder_;
  const std::string file_ = folder_.write("seven.png", "hello");
};

TEST_F(Predict, SendsTheBytesAndWaitsForTheAnswer) {
  daemon_.answer(kAsk, 202, answer("waiting"));
  daemon_.answer(kLook, 200, answer("running"));
  daemon_.answer(kLook, 200, done());
  const Outcome outcome = run({file_, "-o", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(Json::parse(outcome.out), done());
  const Json sent = daemon_.requests().front().json();
  EXPECT_EQ(sent, Json::parse(R"({"images": [{"name": "seven.png", "data": "aGVsbG8="}]})"));
}

TEST_F(Predict, ATableHasClassesAbstentionsAndTheFirstVotes) {
  daemon_.answer(kAsk, 202, done());
  const Outcome outcome = run({file_});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("1.235"), HasSubstr("0.993"), HasSubstr("abstain"),
                                 HasSubstr("7:9974 1:20 2:5"), Not(HasSubstr("3:1 ")),
                                 HasSubstr("digits g2, sigma 0.5: 10,000 draws")));
}

TEST_F(Predict, CsvHasEveryVoteAndQuotesNames) {
  daemon_.answer(kAsk, 202, done());
  const Outcome outcome = run({file_, "-o", "csv"});
  EXPECT_EQ(outcome.out,
            "image,class,radius,p_lower,p_value,votes\n"
            "seven.png,7,1.234567,0.9931,0,7:9974 1:20 2:5 3:1\n"
            "\"odd,one.png\",,,0.48,0.4,2:5000 3:5000\n");
}

TEST_F(Predict, PassesItsOptionsOn) {
  daemon_.answer(kAsk, 202, done());
  const Outcome outcome = run({file_ + "#3-7", file_ + "#9", "--generation", "g2", "--n0", "50",
                               "--n", "2000", "--alpha", "0.01", "--seed", "7"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  Json sent = daemon_.requests().back().json();
  EXPECT_EQ(sent["images"][0]["first"], 3);
  EXPECT_EQ(sent["images"][0]["count"], 5);
  EXPECT_EQ(sent["images"][1]["first"], 9);
  EXPECT_EQ(sent["images"][1]["count"], 1);
  sent.erase("images");
  EXPECT_EQ(sent, Json::parse(R"({"generation": "g2", "n0": 50, "n": 2000, "alpha": 0.01,
                                  "seed": 7})"));
}

TEST_F(Predict, AFileWhoseNameLooksLikeARangeIsMeantItself) {
  daemon_.answer(kAsk, 202, done());
  const std::string odd = folder_.write("a#3", "x");
  EXPECT_EQ(run({odd}).code, 0);
  const Json image = daemon_.requests().back().json()["images"][0];
  EXPECT_EQ(image["name"], "a#3");
  EXPECT_FALSE(image.contains("first"));
}

TEST_F(Predict, MistakesAreFoundBeforeTheDaemonIsAsked) {
  const std::string large = folder_.write("large.png", std::string((8 << 20) + 1, 'x'));
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"/nonexistent/a.png"},
                                             {file_ + "#"},
                                             {file_ + "#x"},
                                             {file_ + "#7-3"},
                                             {file_ + "#1-99999999999"},
                                             {large},
                                             {file_, "--generation", "two"},
                                             {file_, "-o", "yaml"}}) {
    const Outcome outcome = run(arguments);
    EXPECT_NE(outcome.code, 0) << testing::PrintToString(arguments);
    EXPECT_THAT(outcome.out, IsEmpty());
  }
  EXPECT_EQ(run({file_ + "#7-3"}).code, 2);
  EXPECT_EQ(run({"/nonexistent/a.png"}).code, 2);
  EXPECT_THAT(daemon_.requests(), IsEmpty());
}

TEST_F(Predict, NoSuchModelOrChampionIsNotFound) {
  daemon_.answer(kAsk, 404, error_body("not_found", "model digits has no champion yet"));
  EXPECT_EQ(run({file_}).code, 5);
}

TEST_F(Predict, AFailedPredictionIsItsErrorAndPrintsNothing) {
  Json failed = answer("failed");
  failed["error"] =
      error_body("bad_data", "seven.png is a damaged PNG file", "send it whole")["error"];
  daemon_.answer(kAsk, 202, failed);
  const Outcome outcome = run({file_, "-o", "json"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_EQ(outcome.err, "heirloom: seven.png is a damaged PNG file\n  hint: send it whole\n");
  failed["error"]["kind"] = "usage";
  daemon_.answer(kAsk, 202, failed);
  EXPECT_EQ(run({file_}).code, 2);
}

TEST_F(Predict, OneThatARestartHasLostIsNotFound) {
  daemon_.answer(kAsk, 202, answer("running"));
  daemon_.answer(kLook, 404, error_body("not_found", "there is no prediction 3-1: restarted"));
  EXPECT_EQ(run({file_}).code, 5);
}

TEST_F(Predict, GivesUpAfterItsTimeout) {
  daemon_.answer(kAsk, 202, answer("running"));
  daemon_.answer(kLook, 200, answer("running"));
  const Outcome outcome = run({file_, "--timeout", "0.2"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("still running after 0.2 s"));
}

}  // namespace
}  // namespace heirloom::cli::test
