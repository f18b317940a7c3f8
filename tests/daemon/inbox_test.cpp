#include <fstream>

#include <gmock/gmock.h>

#include "daemon/inbox/inbox.h"
#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using ::testing::HasSubstr;

class InboxFolder : public PipelineHarness {
 protected:
  void drop(const std::string& name, const std::string& text) {
    std::ofstream(folder.path() / "inbox" / name) << text;
  }
  // Two looks with nothing in between: the file has settled.
  Inbox::Scan settle() {
    inbox.scan();
    return inbox.scan();
  }
  std::string refusal(const std::string& name) {
    return base::read_file(folder.path() / "inbox" / "refused" / (name + ".reason.txt"), 10000)
        .value_or("no reason file");
  }

  Inbox inbox{*registry, *state, signers};
};

constexpr const char* kVersion = "kind: version\nmodel: digits\nname: v1\narch: lenet\n";

TEST_F(InboxFolder, ADroppedFileRegistersAVersionAndMovesToAccepted) {
  apply_policy_text();
  drop("v1.yaml", kVersion);
  EXPECT_TRUE(settle().changed);
  EXPECT_EQ(registry->catalog.inspecting().size(), 1U);
  EXPECT_EQ(registry->catalog.inspecting()[0].actor, "inbox:v1.yaml");
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "inbox" / "accepted" / "v1.yaml"));
}

TEST_F(InboxFolder, AFileThatStillGrowsIsNotTaken) {
  apply_policy_text();
  drop("v1.yaml", "kind: version\n");
  EXPECT_TRUE(inbox.scan().unsettled);
  drop("v1.yaml", kVersion);
  EXPECT_TRUE(inbox.scan().unsettled) << "it changed between two looks, and was taken";
  EXPECT_TRUE(registry->catalog.inspecting().empty());
  EXPECT_TRUE(inbox.scan().changed);
}

TEST_F(InboxFolder, ARefusedFileMovesAsideWithTheReason) {
  apply_policy_text();
  drop("bad.yaml", "kind: version\nmodel: digits\nname: v1\narhc: lenet\n");
  settle();
  EXPECT_THAT(refusal("bad.yaml"), HasSubstr("bad.yaml:4:1"));
  EXPECT_THAT(refusal("bad.yaml"), HasSubstr("arch"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "inbox" / "bad.yaml"));
}

TEST_F(InboxFolder, AModelThatDoesNotExistIsARefusal) {
  drop("v1.yaml", kVersion);
  settle();
  EXPECT_THAT(refusal("v1.yaml"), HasSubstr("no model \"digits\""));
}

TEST_F(InboxFolder, ASymbolicLinkIsRefusedUnread) {
  apply_policy_text();
  drop("hidden.txt", kVersion);
  std::filesystem::create_symlink(folder.path() / "inbox" / "hidden.txt",
                                  folder.path() / "inbox" / "link.yaml");
  settle();
  EXPECT_THAT(refusal("link.yaml"), HasSubstr("not a regular file"));
  EXPECT_TRUE(registry->catalog.inspecting().empty());
}

TEST_F(InboxFolder, WhatTheWorkerRefusesGoesToRefusedToo) {
  apply_policy_text();
  drop("v1.yaml", kVersion);
  settle();
  pipeline->step();
  runner->refuse(runner->only_job(), {base::ErrorKind::usage, "no such architecture", ""});
  inbox.sweep_refused();
  EXPECT_THAT(refusal("v1.yaml"), HasSubstr("no such architecture"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "inbox" / "accepted" / "v1.yaml"));
}

TEST_F(InboxFolder, ATakenFileSeenAgainAfterACrashChangesNothing) {
  apply_policy_text();
  drop("v1.yaml", kVersion);
  settle();
  drop("v1.yaml", kVersion);
  settle();
  EXPECT_EQ(count("SELECT count(*) FROM registrations"), 1);
}

}  // namespace
}  // namespace heirloom::daemon
