#include "core/jobs/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/samples.h"

namespace heirloom::jobs {
namespace {

using nlohmann::json;
using testing::HasSubstr;

JobResult result_with(base::Result<Outcome> outcome) {
  return {12, 3, 4, 61.5, 900, std::move(outcome)};
}

OutputFile output(const char* name) {
  return {name, digest_of(name), 321};
}

TransferReport sample_report() {
  return {4096, 0.75, {-0.5, 1.0, 2.0, 3.0, 4.0}, 0.875, 0.75, 0.125, 1.5, 0.625};
}

std::vector<Outcome> every_outcome() {
  return {
      VersionInspected{431080},
      VersionInspected{431080, output("version.file")},
      SnapshotInspected{sample_part(), output("train.images"), true, sample_glyphs(),
                        output("holdout.images"), digest_of("holdout"), output("holdout.digests")},
      SnapshotInspected{sample_part(), output("train.images"), false, {}, {}, {}, {}},
      Trained{output("model.pt"),
              digest_of("classifier"),
              480,
              0.125,
              1,
              "kernel",
              500,
              sample_report(),
              output("weights.safetensors"),
              {{1, 2.25}, {60, 0.5}}},
      Trained{output("model.pt"), digest_of("classifier"), 480, 0.125, 1, "kernel", 500, {}},
      Certified{output("counts.tsv"), 600000},
      Attacked{output("attack.tsv"), 40000},
      Drifted{7},
      Drifted{900,
              600,
              {6000, 5700, 5600},
              {200, 150, 140},
              {{DriftTest::bbsd_ks, 0.25, 1e-6, 0.25, 3, 0},
               {DriftTest::label_chi2, 31.0, 0.0002, 0.06, -1, 50000}},
              0.375,
              output("fresh.outputs"),
              output("reference.outputs"),
              1240000},
      Predicted{{{"cat.png", {10, 0}, {990, 10}}, {"t10k.gz#3", {0, 10}, {1, 999}}}}};
}

TEST(JobResult, SurvivesARoundTripWithEveryOutcome) {
  for (const Outcome& outcome : every_outcome()) {
    const std::string text = to_json(result_with(outcome));
    const auto read = result_from_json(text);
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(to_json(*read), text);
    EXPECT_EQ(read->outcome->index(), outcome.index());
  }
}

TEST(JobResult, KeepsEveryFieldOfTraining) {
  const auto read = result_from_json(to_json(result_with(every_outcome()[4])));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->job_id, 12);
  EXPECT_EQ(read->attempt, 3);
  EXPECT_EQ(read->epoch, 4);
  EXPECT_EQ(read->seconds, 61.5);
  EXPECT_EQ(read->started_from, 900);
  const auto& trained = std::get<Trained>(*read->outcome);
  EXPECT_EQ(trained.model.name, "model.pt");
  EXPECT_EQ(trained.model.sha256, digest_of("model.pt"));
  EXPECT_EQ(trained.model.bytes, 321u);
  EXPECT_EQ(trained.classifier_id, digest_of("classifier"));
  EXPECT_EQ(trained.steps, 480);
  EXPECT_EQ(trained.final_loss, 0.125);
  EXPECT_EQ(trained.recoveries, 1);
  EXPECT_EQ(trained.kernel, "kernel");
  EXPECT_EQ(trained.curve, (std::vector<LossPoint>{{1, 2.25}, {60, 0.5}}));
  EXPECT_EQ(trained.forward_batch, 500);
  EXPECT_EQ(trained.transfer, sample_report());
  ASSERT_TRUE(trained.weights.has_value());
  EXPECT_EQ(trained.weights->sha256, digest_of("weights.safetensors"));
  const auto without = result_from_json(to_json(result_with(every_outcome()[5])));
  EXPECT_FALSE(std::get<Trained>(*without->outcome).weights.has_value());
}

TEST(JobResult, HasAMarginForEachLevel) {
  const std::string text = to_json(result_with(every_outcome()[4]));
  for (const json& list :
       {json::array(), json::array({1, 2, 3, 4}), json::array({1, 2, 3, 4, "5"}), json(1.0)}) {
    const auto read = result_from_json(
        edited(text, [&](json& r) { r["outcome"]["transfer"]["margin_quantiles"] = list; }));
    ASSERT_FALSE(read.has_value()) << list;
    EXPECT_THAT(read.error().message, HasSubstr("outcome.transfer.margin_quantiles"));
  }
}

TEST(JobResult, KeepsEveryFieldOfASnapshot) {
  const auto read = result_from_json(to_json(result_with(every_outcome()[2])));
  ASSERT_TRUE(read.has_value());
  const auto& snapshot = std::get<SnapshotInspected>(*read->outcome);
  EXPECT_EQ(snapshot.train, sample_part());
  EXPECT_TRUE(snapshot.has_holdout);
  EXPECT_EQ(snapshot.holdout, sample_glyphs());
  EXPECT_EQ(snapshot.holdout_id, digest_of("holdout"));
  EXPECT_EQ(snapshot.example_digests.name, "holdout.digests");
  EXPECT_EQ(snapshot.train_images.name, "train.images");
  EXPECT_EQ(snapshot.holdout_images.name, "holdout.images");
}

TEST(JobResult, KeepsEveryCountOfAPrediction) {
  const auto read = result_from_json(to_json(result_with(every_outcome().back())));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(std::get<Predicted>(*read->outcome).images,
            std::get<Predicted>(every_outcome().back()).images);
}

TEST(JobResult, CarriesAnErrorInstead) {
  const base::Error sent{base::ErrorKind::numerical, "the loss is not finite", "lower the rate"};
  const auto read = result_from_json(to_json(result_with(tl::unexpected(sent))));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  ASSERT_FALSE(read->outcome.has_value());
  EXPECT_EQ(read->outcome.error().kind, sent.kind);
  EXPECT_EQ(read->outcome.error().message, sent.message);
  EXPECT_EQ(read->outcome.error().hint, sent.hint);
}

TEST(JobResult, IsNeverBothAnOutcomeAndAnErrorNorNeither) {
  const std::string text = to_json(result_with(Certified{output("counts.tsv"), 1}));
  const auto both = result_from_json(edited(text, [](json& result) {
    result["error"] = {{"kind", "io"}, {"message", "m"}, {"hint", ""}};
  }));
  ASSERT_FALSE(both.has_value());
  EXPECT_THAT(both.error().message, HasSubstr("`outcome` is not known"));
  EXPECT_FALSE(
      result_from_json(edited(text, [](json& result) { result.erase("outcome"); })).has_value());
}

TEST(JobResult, IsBadDataWhenAnyFieldIsMissing) {
  for (const Outcome& outcome : every_outcome()) {
    const json whole = json::parse(to_json(result_with(outcome)));
    for (const json::json_pointer& at : {json::json_pointer(), json::json_pointer("/outcome"),
                                         json::json_pointer("/outcome/transfer")}) {
      if (!whole.contains(at) || !whole[at].is_object()) continue;
      for (const auto& [key, value] : whole[at].items()) {
        json changed = whole;
        changed[at].erase(key);
        const auto read = result_from_json(changed.dump());
        ASSERT_FALSE(read.has_value()) << key;
        EXPECT_EQ(read.error().kind, base::ErrorKind::bad_data);
        EXPECT_THAT(read.error().message, HasSubstr(key));
      }
    }
  }
}

TEST(JobResult, NamesNoFileOutsideOfItsFolder) {
  for (const char* name : {"../registry.db", "/etc/passwd", "..", ".hidden", ""}) {
    const auto read = result_from_json(to_json(result_with(Certified{output(name), 1})));
    ASSERT_FALSE(read.has_value()) << name;
    EXPECT_THAT(read.error().message, HasSubstr("outcome.counts.name"));
  }
}

TEST(JobResult, RefusesAnotherContract) {
  const auto read = result_from_json(
      edited(to_json(result_with(VersionInspected{1})), [](json& r) { r["contract"] = 7; }));
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, HasSubstr("`contract` is 7"));
}

TEST(ExitCode, SaysWhetherToTryAgain) {
  EXPECT_EQ(exit_code_for(base::ErrorKind::usage), ExitCode::bad_job);
  EXPECT_EQ(exit_code_for(base::ErrorKind::unsupported), ExitCode::bad_job);
  EXPECT_EQ(exit_code_for(base::ErrorKind::conflict), ExitCode::bad_job);
  EXPECT_EQ(exit_code_for(base::ErrorKind::internal), ExitCode::bad_job);
  EXPECT_EQ(exit_code_for(base::ErrorKind::bad_data), ExitCode::bad_data);
  EXPECT_EQ(exit_code_for(base::ErrorKind::not_found), ExitCode::bad_data);
  EXPECT_EQ(exit_code_for(base::ErrorKind::tampered), ExitCode::bad_data);
  EXPECT_EQ(exit_code_for(base::ErrorKind::numerical), ExitCode::numerical);
  EXPECT_EQ(exit_code_for(base::ErrorKind::io), ExitCode::try_again);
  EXPECT_EQ(exit_code_for(base::ErrorKind::unavailable), ExitCode::try_again);
}

TEST(ExitCode, HasItsFrozenValues) {
  EXPECT_EQ(static_cast<int>(ExitCode::bad_job), 64);
  EXPECT_EQ(static_cast<int>(ExitCode::bad_data), 65);
  EXPECT_EQ(static_cast<int>(ExitCode::numerical), 70);
  EXPECT_EQ(static_cast<int>(ExitCode::try_again), 75);
}

}  // namespace
}  // namespace heirloom::jobs
