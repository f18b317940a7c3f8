// What a confined process may and may not, asked of the kernel by the program probe.cpp.
#include <cerrno>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sandbox/layers.h"
#include "core/sandbox/limits.h"
#include "core/sandbox/loader.h"
#include "tests/fakes/temp_folder.h"
#include "tests/fakes/without_landlock.h"

namespace heirloom::sandbox {
namespace {

constexpr int kNotEntered = 254;
constexpr int kNotStarted = 253;

// The probe's exit code, or minus the signal that ended it, after `confine` in its process.
int probe(const std::function<bool()>& confine, const std::string& action,
          const std::string& argument) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!confine()) ::_exit(kNotEntered);
    ::execl(HEIRLOOM_PROBE, HEIRLOOM_PROBE, action.c_str(), argument.c_str(), nullptr);
    ::_exit(kNotStarted);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int unconfined(const std::string& action, const std::string& argument = "") {
  return probe([] { return true; }, action, argument);
}

class Sandbox : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = available_layers().missing(); !missing.empty()) {
      GTEST_SKIP() << "this machine lacks " << missing;
    }
    for (const char* folder : {"inputs", "job", "other"}) {
      std::filesystem::create_directory(folder_ / folder);
      fakes::write_file(folder_ / folder / "file", "text");
    }
  }

  std::string at(const std::string& path) const { return (folder_.path() / path).native(); }

  int confined(const std::string& action, const std::string& argument = "") const {
    const auto confine = [&] {
      return enter(Mode::required, {{"/usr", Access::read},
                                    {"/lib", Access::read},
                                    {"/lib64", Access::read},
                                    {sandbox::loader_path(), Access::execute},
                                    {"/etc/ld.so.cache", Access::read},
                                    {HEIRLOOM_PROBE, Access::execute},
                                    {at("nowhere"), Access::read},
                                    {at("inputs"), Access::read},
                                    {at("job"), Access::write},
                                    {"/dev/null", Access::device}})
          .has_value();
    };
    return probe(confine, action, argument);
  }

  const fakes::TempFolder folder_;
};

TEST_F(Sandbox, ReadsItsInputsAndItsFolderAlone) {
  EXPECT_EQ(confined("read", at("inputs/file")), 0);
  EXPECT_EQ(confined("list", at("inputs")), 0);
  EXPECT_EQ(confined("read", at("job/file")), 0);
  for (const std::string& path :
       {at("other/file"), std::string("/etc/passwd"), std::string("/proc/self/environ"),
        "/proc/" + std::to_string(::getpid()) + "/cmdline"}) {
    EXPECT_EQ(unconfined("read", path), 0) << path;
    EXPECT_EQ(confined("read", path), EACCES) << path;
  }
  EXPECT_EQ(confined("list", at("other")), EACCES);
  EXPECT_EQ(confined("list", "/"), EACCES);
}

TEST_F(Sandbox, ALinkLeadsToNoMoreThanItsTarget) {
  std::filesystem::create_symlink(at("other/file"), at("job/link"));
  EXPECT_EQ(unconfined("read", at("job/link")), 0);
  EXPECT_EQ(confined("read", at("job/link")), EACCES);
  EXPECT_EQ(confined("read", at("job/../other/file")), EACCES);
}

TEST_F(Sandbox, WritesItsFolderAlone) {
  EXPECT_EQ(confined("create", at("job")), 0);
  EXPECT_EQ(confined("remove", at("job/new")), 0);
  EXPECT_EQ(confined("mkdir", at("job")), 0);
  EXPECT_EQ(confined("write", at("job/file")), 0);
  EXPECT_EQ(confined("write", "/dev/null"), 0);
  for (const char* folder : {"inputs", "other"}) {
    const std::string file = at(folder) + "/file";
    EXPECT_EQ(confined("write", file), EACCES);
    EXPECT_EQ(confined("create", at(folder)), EACCES);
    EXPECT_EQ(confined("mkdir", at(folder)), EACCES);
    EXPECT_EQ(confined("remove", file), EACCES);
    EXPECT_EQ(base::read_file(file, 100), "text");
  }
}

// The daemon reads the folder afterwards: what it finds there are files and folders.
TEST_F(Sandbox, LeavesNoLinksAndFifosBehind) {
  EXPECT_EQ(confined("symlink", at("job")), EACCES);
  EXPECT_EQ(confined("fifo", at("job")), EACCES);
}

// Landlock alone would let it, to files of its own user.
TEST_F(Sandbox, ChangesNothingAboutFilesThatItMayNotOpen) {
  for (const char* action : {"truncate", "chmod", "chown", "setxattr", "utime"}) {
    const auto is_refused = [](int error) { return error == EPERM || error == EACCES; };
    EXPECT_TRUE(is_refused(confined(action, at("other/file")))) << action;
    EXPECT_FALSE(is_refused(unconfined(action, at("other/file")))) << action;
  }
}

TEST_F(Sandbox, StartsThreadsAndNoPrograms) {
  EXPECT_EQ(confined("thread"), 0);
  EXPECT_EQ(confined("fork"), EPERM);
  EXPECT_EQ(confined("clone"), EPERM);
  EXPECT_EQ(unconfined("fork"), 0);
  EXPECT_EQ(confined("exec", "/bin/true"), EACCES);
  EXPECT_EQ(unconfined("exec", "/bin/true"), 0);
}

TEST_F(Sandbox, HasNoNetwork) {
  for (const int domain : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK}) {
    EXPECT_EQ(confined("socket", std::to_string(domain)), EPERM) << domain;
  }
  EXPECT_EQ(confined("socketpair"), EPERM);
  EXPECT_EQ(unconfined("socket", std::to_string(AF_UNIX)), 0);
}

TEST_F(Sandbox, ReachesNoOtherProcess) {
  const std::string other = std::to_string(::getpid());
  for (const char* action : {"kill", "ptrace", "read_memory", "prlimit"}) {
    EXPECT_EQ(confined(action, other), EPERM) << action;
  }
  EXPECT_EQ(unconfined("kill", other), 0);
  EXPECT_EQ(confined("kill", "0"), EPERM);  // its process group
  EXPECT_EQ(confined("setsid"), EPERM);
}

TEST_F(Sandbox, CanStillAbort) {
  EXPECT_EQ(confined("abort"), -SIGABRT);
}

TEST_F(Sandbox, HasNoneOfTheAdministratorsCalls) {
  for (const char* action : {"mount", "unshare", "bpf", "io_uring", "keyctl", "userfaultfd"}) {
    EXPECT_EQ(confined(action, at("job")), EPERM) << action;
  }
}

TEST_F(Sandbox, OffIsNoLayerAtAll) {
  const auto confine = [] { return enter(Mode::off, {}) == Layers{}; };
  EXPECT_EQ(probe(confine, "read", "/etc/passwd"), 0);
}

TEST_F(Sandbox, RequiredRefusesWhatBestEffortGoesOnWithout) {
  const auto without_landlock = [](Mode mode) {
    return probe(
        [mode] {
          fakes::refuse_landlock();
          const auto layers = enter(mode, {});
          if (!layers) return layers.error().text().find("lacks Landlock") == std::string::npos;
          return layers->missing() == "Landlock" && layers->seccomp;
        },
        "socket", std::to_string(AF_UNIX));
  };
  EXPECT_EQ(without_landlock(Mode::required), kNotEntered);
  EXPECT_EQ(without_landlock(Mode::best_effort), EPERM);
}

int limited(const Limits& limits, const std::string& action, const std::string& argument) {
  return probe([&] { return set_limits(limits).has_value(); }, action, argument);
}

TEST(SandboxLimits, StopAtTheMemoryTheyGive) {
  EXPECT_EQ(limited({.memory_mib = 100}, "allocate", "200"), ENOMEM);
  EXPECT_EQ(limited({.memory_mib = 400}, "allocate", "200"), 0);
  EXPECT_EQ(limited({}, "allocate", "1000000000"), ENOMEM);
}

TEST(SandboxLimits, AFileThatGrowsTooLargeIsAFailedWrite) {
  const fakes::TempFolder folder;
  const std::string path = (folder / "file").native();
  EXPECT_EQ(limited({.file_mib = 2}, "write_4_mib", path), EFBIG);
  EXPECT_EQ(std::filesystem::file_size(path), 2U << 20);
  EXPECT_EQ(limited({.file_mib = 0}, "write_4_mib", path), 0);
}

}  // namespace
}  // namespace heirloom::sandbox
