#include "core/jobs/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heirloom::jobs {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

FileRef file(const std::string& path) {
  return {path, {}, 1};
}

std::vector<std::string> inputs_of(Task task) {
  Job job;
  job.task = std::move(task);
  return input_paths(job);
}

DataPart pictures() {
  DataPart part;
  part.format = DataFormat::folder;
  part.folder = PictureFolder{"/pictures", {"cat", "dog"}, file("/artifacts/manifest")};
  return part;
}

TEST(JobInputs, OfAnInspectionAreWhatItWasPointedAt) {
  EXPECT_THAT(inputs_of(InspectVersion{{"linear", {}}}), IsEmpty());
  EXPECT_THAT(inputs_of(InspectVersion{{"torchscript", {}}, "/net.pt"}),
              UnorderedElementsAre("/net.pt"));
  InspectSnapshot snapshot;
  snapshot.train = {DataFormat::idx, {"/images", "/labels"}};
  snapshot.has_holdout = true;
  snapshot.holdout = {DataFormat::glyphs, {"2:1000"}};  // drawn, not read
  EXPECT_THAT(inputs_of(snapshot), UnorderedElementsAre("/images", "/labels"));
}

TEST(JobInputs, OfATrainingAreDataTeacherAndTheFileItBeginsWith) {
  Train train;
  train.file = file("/weights");
  train.train = pictures();
  train.method = TransferMethod{file("/teacher"), 1.0, MatchOn::logits};
  EXPECT_THAT(inputs_of(train),
              UnorderedElementsAre("/weights", "/pictures", "/artifacts/manifest", "/teacher"));
}

TEST(JobInputs, OfCertificationAndAttackAreModelAndHoldout) {
  Certify certify;
  certify.model = file("/model");
  certify.holdout.files = {file("/images"), file("/labels")};
  EXPECT_THAT(inputs_of(certify), UnorderedElementsAre("/model", "/images", "/labels"));
  Attack attack;
  attack.model = file("/model");
  attack.holdout = pictures();
  EXPECT_THAT(inputs_of(attack),
              UnorderedElementsAre("/model", "/pictures", "/artifacts/manifest"));
}

TEST(JobInputs, OfAPredictionAreModelAndImages) {
  Predict predict;
  predict.model = file("/model");
  predict.files = {{file("/seven.png"), "seven.png"}, {file("/eight.png"), "eight.png"}};
  EXPECT_THAT(inputs_of(predict), UnorderedElementsAre("/model", "/seven.png", "/eight.png"));
}

TEST(JobInputs, OfADriftTestAreBothDataAndWhatIsKnownOfThem) {
  Drift drift;
  drift.model = file("/model");
  drift.reference.files = {file("/images"), file("/labels")};
  drift.fresh = pictures();
  drift.known = {file("/a.digests"), file("/b.digests")};
  EXPECT_THAT(inputs_of(drift),
              UnorderedElementsAre("/model", "/images", "/labels", "/pictures",
                                   "/artifacts/manifest", "/a.digests", "/b.digests"));
  drift.reference_outputs = file("/outputs");
  EXPECT_THAT(inputs_of(drift), testing::Contains("/outputs"));
}

}  // namespace
}  // namespace heirloom::jobs
