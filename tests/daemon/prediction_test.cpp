// Predictions asked for as a client does, through the routes; only the worker is played.
#include <gmock/gmock.h>

#include "core/base/base64.h"
#include "daemon/http/handlers.h"
#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class PredictionTest : public PipelineHarness {
 protected:
  void SetUp() override {
    bring_to_training();
    play_training("weights");
    begin();
  }

  // The routes of a daemon that has just begun.
  void begin() {
    predictions = std::make_unique<Predictions>(*registry, *runner, *state, settings, clock);
    api.reset(new ApiContext{*registry, *pipeline, *predictions, *state, signers, "", [] {}});
    router = Router();
    add_prediction_routes(router, *api);
  }

  ApiResponse post(const json& body, const std::string& model = "digits") {
    return router.handle("POST", "/v1/models/" + model + "/predict", body.dump(), "uid:5");
  }
  ApiResponse get(const std::string& id) {
    return router.handle("GET", "/v1/predictions/" + id, "", "uid:5");
  }

  static json image(const std::string& name = "a.png", const std::string& bytes = "pixels") {
    return {{"name", name}, {"data", base::to_base64(bytes)}};
  }
  static json request(const std::vector<json>& images = {image()}) {
    return {{"generation", "g1"}, {"images", images}};
  }

  // The worker of the prediction that runs: every id of one is larger than any job's.
  std::int64_t worker() {
    std::int64_t found = -1;
    for (std::int64_t number = 1; number < 200; ++number) {
      const std::int64_t id = (std::int64_t{1} << 40) + number;
      if (runner->runs(id)) found = id;
    }
    return found;
  }
  jobs::Predict task() { return std::get<jobs::Predict>(runner->job(worker()).task); }

  static jobs::Predicted votes(std::uint32_t seven, const std::string& name = "a.png") {
    jobs::PredictedImage found{name, std::vector<std::uint32_t>(10),
                               std::vector<std::uint32_t>(10)};
    found.select[7] = 100;
    found.estimate[7] = seven;
    found.estimate[1] = 10'000 - seven;
    return {{found}};
  }

  std::unique_ptr<Predictions> predictions;
  std::unique_ptr<ApiContext> api;
  Router router;
};

TEST_F(PredictionTest, IsTakenRunBesideTheJobsAndAnswered) {
  ASSERT_EQ(runner->running(), 1U);  // the certification of g1, all that max_jobs allows
  json body = request();
  body["seed"] = 5;
  const ApiResponse taken = post(body);
  ASSERT_EQ(taken.status, 202) << taken.body;
  EXPECT_EQ(taken.body["state"], "running");
  EXPECT_EQ(taken.body["generation"], "g1");
  EXPECT_EQ(runner->running(), 2U);
  runner->succeed(worker(), votes(9'900));

  const ApiResponse answer = get(taken.body["id"]);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body["state"], "done");
  EXPECT_EQ(answer.body["seed"], 5);
  EXPECT_EQ(answer.body["sigma"], 0.5);
  ASSERT_EQ(answer.body["images"].size(), 1U);
  const json& found = answer.body["images"][0];
  EXPECT_EQ(found["name"], "a.png");
  EXPECT_EQ(found["class"], 7);
  EXPECT_EQ(found["selected"], 7);
  EXPECT_EQ(found["votes"][1], 100);
  EXPECT_NEAR(found["radius"].get<double>(), 1.10, 0.03);  // 0.5 Phi^-1(0.9865)
  EXPECT_NEAR(found["p_lower"].get<double>(), 0.9865, 0.001);
  EXPECT_FALSE(std::filesystem::exists(state->predictions()) &&
               !std::filesystem::is_empty(state->predictions()));
}

TEST_F(PredictionTest, AnAbstentionHasNeitherClassNorRadius) {
  const std::string id = post(request()).body["id"];
  runner->succeed(worker(), votes(5'010));
  const json found = get(id).body["images"][0];
  EXPECT_TRUE(found["class"].is_null());
  EXPECT_TRUE(found["radius"].is_null());
}

TEST_F(PredictionTest, TheWorkerIsToldWhatWasAskedAndGetsTheBytes) {
  json body = request({image("a.png", "one"), image("t10k.gz", "two"), image("b.gz", "three")});
  body["images"][1]["first"] = 3;
  body["images"][2]["first"] = 4;
  body["images"][2]["count"] = 9;
  body.update({{"n0", 50}, {"n", 2000}, {"alpha", 0.01}});
  ASSERT_EQ(post(body).status, 202);
  const jobs::Job job = runner->job(worker());
  EXPECT_EQ(job.threads, 2);
  EXPECT_EQ(job.model.sigma, 0.5);
  const jobs::Predict told = task();
  EXPECT_EQ(told.model.sha256, base::sha256("weights"));
  EXPECT_EQ(told.classifier_id, base::sha256("classifier of weights"));
  EXPECT_EQ(told.kernel, "test kernel");
  EXPECT_EQ(told.forward_batch, 64);
  EXPECT_EQ(told.n0, 50U);
  EXPECT_EQ(told.n, 2000U);
  EXPECT_EQ(told.alpha, 0.01);
  ASSERT_EQ(told.files.size(), 3U);
  EXPECT_EQ(base::read_file(told.files[1].file.path, 99).value(), "two");
  EXPECT_EQ(told.files[1].file.sha256, base::sha256("two"));
  EXPECT_EQ(told.files[0].count, 0U);
  EXPECT_EQ(told.files[1].first, 3U);
  EXPECT_EQ(told.files[1].count, 1U);
  EXPECT_EQ(told.files[2].count, 9U);
}

TEST_F(PredictionTest, NoiseIsFreshUnlessASeedIsGiven) {
  const auto key_of = [&](const json& body) {
    EXPECT_EQ(post(body).status, 202);
    const base::Digest key = task().noise_key;
    runner->succeed(worker(), votes(9'000));
    return key;
  };
  json seeded = request();
  seeded["seed"] = 0;
  EXPECT_NE(key_of(request()), key_of(request()));
  EXPECT_EQ(key_of(seeded), key_of(seeded));
  const base::Digest zero = key_of(seeded);
  seeded["seed"] = 1;
  EXPECT_NE(key_of(seeded), zero);
}

TEST_F(PredictionTest, TheChampionIsAskedUnlessAGenerationIsNamed) {
  json body = request();
  body.erase("generation");
  const ApiResponse none = post(body);
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body["error"]["message"].get<std::string>(), HasSubstr("no champion"));
  play_certification(200);
  ASSERT_EQ(champion(), "g1");
  EXPECT_EQ(post(body).body["generation"], "g1");
}

TEST_F(PredictionTest, WhatIsNotThereIsNotFoundAndWhatIsNotReadyAConflict) {
  EXPECT_EQ(post(request(), "letters").status, 404);
  json body = request();
  body["generation"] = "g7";
  EXPECT_EQ(post(body).status, 404);
  play_certification(200);  // max_jobs is one
  ask_version("v2");
  play_version();
  ASSERT_EQ(generation(2).state, registry::State::training);
  body["generation"] = "g2";
  EXPECT_EQ(post(body).status, 409);
  EXPECT_EQ(get("1-99").status, 404);
}

TEST_F(PredictionTest, AWrongRequestIsRefusedBeforeAnythingStarts) {
  const std::vector<std::pair<std::string, json>> wrong = {{"/images", json::array()},
                                                           {"/images", json::array({"a"})},
                                                           {"/images/0/data", "no base64"},
                                                           {"/images/0/name", ""},
                                                           {"/images/0/size", 3},
                                                           {"/images/0/count", 0},
                                                           {"/images/0/first", -1},
                                                           {"/n", 0},
                                                           {"/n", 1'000'001},
                                                           {"/n0", 0},
                                                           {"/alpha", 0.5},
                                                           {"/alpha", 0},
                                                           {"/seed", -1},
                                                           {"/sead", 1},
                                                           {"/generation", 1}};
  for (const auto& [at, value] : wrong) {
    json body = request();
    body[json::json_pointer(at)] = value;
    EXPECT_EQ(post(body).status, 400) << at << value;
  }
  EXPECT_EQ(post(request(std::vector<json>(65, image()))).status, 400);
  EXPECT_EQ(post(request(std::vector<json>(9, image("a", std::string(1 << 20, 'x'))))).status, 400);
  EXPECT_EQ(runner->running(), 1U);
}

TEST_F(PredictionTest, TheWorkersRefusalIsTheAnswer) {
  const std::string id = post(request()).body["id"];
  runner->refuse(worker(), {base::ErrorKind::bad_data, "a.png is damaged", "send it whole"});
  const json answer = get(id).body;
  EXPECT_EQ(answer["state"], "failed");
  EXPECT_EQ(answer["error"]["kind"], "bad_data");
  EXPECT_EQ(answer["error"]["hint"], "send it whole");
  EXPECT_EQ(answer["images"].size(), 0U);
}

TEST_F(PredictionTest, AWorkerThatDiesOrLiesIsAFailureAndTheNextOneRuns) {
  const std::string first = post(request()).body["id"];
  const std::string second = post(request()).body["id"];
  EXPECT_EQ(get(second).body["state"], "waiting");
  runner->end(worker(), {true, 11});
  EXPECT_EQ(get(first).body["error"]["kind"], "unavailable");
  EXPECT_EQ(get(second).body["state"], "running");
  runner->succeed(worker(), votes(10'001));  // more votes than draws
  EXPECT_EQ(get(second).body["state"], "failed");
}

TEST_F(PredictionTest, OneThatCannotStartIsAFailure) {
  runner->refuse_launch = true;
  const ApiResponse taken = post(request());
  EXPECT_EQ(get(taken.body["id"]).body["state"], "failed");
}

TEST_F(PredictionTest, ASilentWorkerIsKilled) {
  const std::string id = post(request()).body["id"];
  clock.advance(std::chrono::seconds(299));
  predictions->poll();
  EXPECT_EQ(get(id).body["state"], "running");
  clock.advance(std::chrono::seconds(2));
  predictions->poll();
  EXPECT_EQ(get(id).body["state"], "failed");
  EXPECT_FALSE(predictions->busy());
}

TEST_F(PredictionTest, TheQueueHasAnEnd) {
  for (int i = 0; i < 17; ++i) ASSERT_EQ(post(request()).status, 202) << i;
  EXPECT_EQ(post(request()).status, 503);
}

TEST_F(PredictionTest, OldAnswersAreForgottenAndNewOnesKept) {
  std::vector<std::string> ids;
  for (int i = 0; i < 65; ++i) {
    ids.push_back(post(request()).body["id"]);
    runner->succeed(worker(), votes(9'000));
  }
  EXPECT_EQ(get(ids[0]).status, 404);
  EXPECT_EQ(get(ids[1]).status, 200);
  EXPECT_EQ(get(ids[64]).status, 200);
}

TEST_F(PredictionTest, ARestartLosesThemAndSaysSo) {
  const std::string id = post(request()).body["id"];
  const auto left = task().files[0].file.path;
  predictions.reset();
  start();
  begin();
  EXPECT_FALSE(std::filesystem::exists(left));
  const ApiResponse answer = get(id);
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body["error"]["message"].get<std::string>(), HasSubstr("restarted"));
  EXPECT_NE(post(request()).body["id"], id);  // and nobody else gets its number
}

TEST_F(PredictionTest, LeavesNothingInTheRegistry) {
  const std::int64_t jobs_before = count("SELECT count(*) FROM jobs");
  const std::int64_t events_before = count("SELECT count(*) FROM events");
  ASSERT_EQ(post(request()).status, 202);
  runner->succeed(worker(), votes(9'000));
  EXPECT_EQ(count("SELECT count(*) FROM jobs"), jobs_before);
  EXPECT_EQ(count("SELECT count(*) FROM events"), events_before);
}

TEST_F(PredictionTest, ItsRouteTakesLargerBodiesThanOthers) {
  EXPECT_GE(router.max_body("POST", "/v1/models/digits/predict?x=1"), kMaxPredictionBytes * 4 / 3);
  EXPECT_EQ(router.max_body("GET", "/v1/models/digits/predict"), kMaxBodyBytes);
  EXPECT_EQ(router.max_body("POST", "/v1/policies"), kMaxBodyBytes);
  EXPECT_EQ(router.largest_body(), router.max_body("POST", "/v1/models/digits/predict"));
}

}  // namespace
}  // namespace heirloom::daemon
