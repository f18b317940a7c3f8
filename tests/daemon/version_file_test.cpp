// Versions that come with a file: a TorchScript module, or weights to begin with.
#include <gmock/gmock.h>

#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using ::testing::HasSubstr;

class VersionWithAFile : public PipelineHarness, public ::testing::WithParamInterface<std::string> {
 protected:
  VersionWithAFile() { apply_policy_text(); }

  config::InboxVersion request(const std::map<std::string, base::Digest>& sha256 = {}) {
    return {.model = "digits",
            .name = "own",
            .arch = {GetParam(), {}},
            .file = "/models/net",
            .sha256 = sha256};
  }
  void ask(const std::map<std::string, base::Digest>& sha256 = {}) {
    registration = register_version(*registry, signers, request(sha256), {}, "uid:0").value().id;
    pipeline->step();
  }
  // What the worker says of the file, of which it leaves a copy.
  void inspected(const std::string& bytes) {
    const std::int64_t job = runner->only_job();
    const auto file = runner->write_output(job, std::string(jobs::kVersionFileOutput), bytes);
    runner->succeed(job, jobs::VersionInspected{12, file});
  }
  std::string refusal() {
    const auto row = registry->catalog.registration(registration);
    EXPECT_EQ(row->state, "refused");
    EXPECT_EQ(count("SELECT count(*) FROM versions"), 0);
    return row->error ? row->error->message : "";
  }

  std::int64_t registration = 0;
};

TEST_P(VersionWithAFile, IsTrainedFromTheBytesThatWereInspected) {
  ask_snapshot("s1");
  play_snapshot();
  ask({{"/models/net", base::sha256("bytes")}});
  EXPECT_EQ(std::get<jobs::InspectVersion>(runner->job(runner->only_job()).task).file,
            "/models/net");
  inspected("bytes");
  const auto train = std::get<jobs::Train>(runner->job(runner->only_job()).task);
  EXPECT_EQ(train.arch.name, GetParam());
  ASSERT_TRUE(train.file.has_value());
  EXPECT_EQ(train.file->sha256, base::sha256("bytes"));
  EXPECT_EQ(base::read_file(train.file->path, 100).value(), "bytes");
  expect_intact_chain();
  registry->db.execute("DROP TRIGGER version_files_no_update");
  registry->db.execute("UPDATE version_files SET bytes = 6");
  EXPECT_TRUE(registry->audit.verify().problem.has_value());
}

TEST_P(VersionWithAFile, OtherBytesThanTheInboxFileSaysAreRefused) {
  ask({{"/models/net", base::sha256("bytes")}});
  inspected("others");
  EXPECT_THAT(refusal(), HasSubstr("/models/net has SHA-256"));
}

TEST_P(VersionWithAFile, ADigestOfAnotherFileIsRefused) {
  ask({{"/models/other", base::sha256("bytes")}});
  inspected("bytes");
  EXPECT_THAT(refusal(), HasSubstr("/models/net"));
}

TEST_P(VersionWithAFile, ARelativePathIsRefused) {
  config::InboxVersion relative = request();
  relative.file = "net";
  const auto taken = register_version(*registry, signers, relative, {}, "uid:0");
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().kind, base::ErrorKind::usage);
}

INSTANTIATE_TEST_SUITE_P(Kinds, VersionWithAFile,
                         ::testing::Values(std::string(jobs::kTorchScript), std::string("lenet")));

}  // namespace
}  // namespace heirloom::daemon
