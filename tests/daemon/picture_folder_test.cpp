// Snapshots of picture folders in the pipeline: their manifests, names and hashes.
#include <gmock/gmock.h>

#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::vector<std::string> kClasses = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

class PictureFolders : public PipelineHarness {
 protected:
  std::int64_t ask(const std::string& name,
                   const std::map<std::string, base::Digest>& expected = {}) {
    config::InboxSnapshot request;
    request.model = "digits";
    request.name = name;
    request.train = {jobs::DataFormat::folder, {"/data/train"}};
    request.has_holdout = true;
    request.holdout = {jobs::DataFormat::folder, {"/data/test"}};
    request.sha256 = expected;
    const auto taken = register_snapshot(*registry, request, "uid:0");
    pipeline->step();
    return taken.value().id;
  }

  // A part as the inspection of a folder describes it, with its manifest written.
  jobs::DataPart part_of(const std::string& name, std::uint64_t examples, std::string_view output,
                         const std::string& manifest, const std::vector<std::string>& classes) {
    const auto written = runner->write_output(runner->only_job(), std::string(output), manifest);
    jobs::DataPart part;
    part.format = jobs::DataFormat::folder;
    part.examples = examples;
    part.class_counts = std::vector<std::uint64_t>(10, examples / 10);
    part.digest = base::sha256(name);
    part.folder =
        jobs::PictureFolder{"/data/" + name, classes, {"", written.sha256, written.bytes}};
    return part;
  }

  jobs::SnapshotInspected found(const std::string& name = "one",
                                const std::vector<std::string>& classes = kClasses) {
    const std::int64_t job = runner->only_job();
    jobs::SnapshotInspected out;
    out.train = part_of("train", 400, jobs::kTrainManifestOutput, "train of " + name, classes);
    out.train_images = runner->write_output(job, std::string(jobs::kTrainImagesOutput),
                                            digests_of("train" + name, 1));
    out.has_holdout = true;
    out.holdout = part_of("test", 300, jobs::kHoldoutManifestOutput, "holdout of " + name, classes);
    out.holdout_images = runner->write_output(job, std::string(jobs::kHoldoutImagesOutput),
                                              digests_of("test" + name, 1));
    std::vector<base::Digest> digests;
    for (int i = 0; i < 300; ++i) digests.push_back(base::sha256(name + std::to_string(i)));
    out.holdout_id = jobs::holdout_id(digests);
    out.example_digests =
        runner->write_output(job, std::string(jobs::kExampleDigestsOutput), digests_of(name, 300));
    return out;
  }

  void play(const jobs::SnapshotInspected& outcome) {
    runner->succeed(runner->only_job(), outcome);
  }

  std::string refusal(std::int64_t id) {
    const auto row = registry->catalog.registration(id);
    return row->state == "refused" ? row->error->text() : row->state;
  }
};

TEST_F(PictureFolders, ManifestsBecomeArtifactsThatEveryJobIsTold) {
  apply_policy_text();
  ask_version("v1");
  play_version();
  ask("s1");
  play(found());
  const std::string row = jobs::to_json(registry->catalog.snapshot(1)->train);
  EXPECT_THAT(row, AllOf(HasSubstr(base::sha256("train of one").hex()),
                         testing::Not(HasSubstr(folder.path().native()))));
  const auto train = std::get<jobs::Train>(runner->job(runner->only_job()).task).train;
  EXPECT_EQ(base::read_file(train.folder->manifest.path, 1000).value(), "train of one");
  play_training("weights");
  const auto holdout = std::get<jobs::Certify>(runner->job(runner->only_job()).task).holdout;
  EXPECT_EQ(base::read_file(holdout.folder->manifest.path, 1000).value(), "holdout of one");
  EXPECT_LT(row.size(), 1000U) << "files are in the manifest, not in the row";
  expect_intact_chain();
}

TEST_F(PictureFolders, AManifestThatIsNotWhatTheResultSaysRefusesTheSnapshot) {
  apply_policy_text();
  const std::int64_t id = ask("s1");
  const auto outcome = found();
  runner->write_output(runner->only_job(), std::string(jobs::kHoldoutManifestOutput), "another");
  play(outcome);
  EXPECT_THAT(refusal(id), HasSubstr("holdout.manifest"));
  EXPECT_EQ(count("SELECT count(*) FROM snapshots"), 0);
}

TEST_F(PictureFolders, ALaterSnapshotOfOtherClassesIsRefusedWithBothLists) {
  apply_policy_text();
  ask("s1");
  play(found());
  const std::int64_t id = ask("s2");
  std::vector<std::string> classes = kClasses;
  classes[9] = "nine";
  play(found("two", classes));
  EXPECT_THAT(refusal(id),
              AllOf(HasSubstr("8, nine"), HasSubstr("8, 9"), HasSubstr("snapshot s1")));
  const std::int64_t same = ask("s3");
  play(found("three"));
  EXPECT_EQ(refusal(same), "registered");
}

TEST_F(PictureFolders, TheInboxPinsAFolderByTheHashOfItsManifest) {
  apply_policy_text();
  const std::int64_t right = ask("s1", {{"/data/train", base::sha256("train of one")},
                                        {"/data/test", base::sha256("holdout of one")}});
  play(found());
  EXPECT_EQ(refusal(right), "registered");
  const std::int64_t wrong = ask("s2", {{"/data/train", base::sha256("train of two")},
                                        {"/data/test", base::sha256("what was meant")}});
  play(found("two"));
  EXPECT_THAT(refusal(wrong), HasSubstr("/data/test has SHA-256"));
  const std::int64_t missing = ask("s3", {{"/data/train", base::sha256("train of three")}});
  play(found("three"));
  EXPECT_THAT(refusal(missing), HasSubstr("no SHA-256 is given for /data/test"));
}

}  // namespace
}  // namespace heirloom::daemon
