// A TorchScript module is a program. The preflight refuses those that ask for files; here they run
// without it, to see that the kernel refuses them too.
#include <cstdlib>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sandbox/confinement.h"
#include "core/sandbox/layers.h"
#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

class HostileModule : public testing::Test {
 protected:
  // The real launcher, with another program to become.
  void SetUp() override {
    if (const auto missing = sandbox::available_layers().missing(); !missing.empty()) {
      GTEST_SKIP() << "this machine lacks " << missing;
    }
    for (const char* name : {"bin", "modules", "job", "state"}) {
      fs::create_directory(folder_ / name);
    }
    fs::copy_file(HEIRLOOM_WORKER, worker());
    fs::copy_file(HEIRLOOM_MODULE_RUNNER, folder_ / "bin" / "heirloom-worker-torch");
    for (const char* name : {"registry.db", "signing.pem"}) {
      fakes::write_file(folder_ / "state" / name, fmt::format("SECRET{:64}", ""));
    }
    const std::string command = fmt::format(
        "/usr/bin/python3 {0} {1}/modules {1}/state/written registry={1}/state/registry.db "
        "key={1}/state/signing.pem passwd=/etc/passwd own={1}/job/job.json",
        HEIRLOOM_HOSTILE_SCRIPT, folder_.path().native());
    const int status = WEXITSTATUS(std::system(command.c_str()));
    if (status == 77) GTEST_SKIP() << "needs PyTorch for Python";
    ASSERT_EQ(status, 0);
  }
  void TearDown() override { ::unsetenv(sandbox::kConfinementVariable); }

  fs::path worker() const { return folder_ / "bin" / "heirloom-worker"; }
  fs::path module(const std::string& name) const { return folder_ / "modules" / (name + ".pt"); }

  // What became of a call of that module.
  std::string answer(const std::string& name, sandbox::Mode mode) const {
    write_job(folder_ / "job", job_with(jobs::InspectVersion{{std::string(jobs::kTorchScript), {}},
                                                             module(name).native()}));
    ::setenv(sandbox::kConfinementVariable, sandbox::to_text({mode, {}}).c_str(), 1);
    EXPECT_EQ(wait_for(start_worker(folder_ / "job", worker().native())), 0) << name;
    return base::read_file(folder_ / "job" / "answer", 1 << 20).value();
  }

  const fakes::TempFolder folder_;
};

TEST_F(HostileModule, ReadsNoFileBeyondItsJobs) {
  EXPECT_THAT(answer("registry", sandbox::Mode::off), StartsWith("gave SECRET"));
  EXPECT_THAT(answer("own", sandbox::Mode::required), StartsWith("gave {"));
  for (const char* name : {"registry", "key", "passwd"}) {
    EXPECT_THAT(answer(name, sandbox::Mode::required), StartsWith("threw")) << name;
    EXPECT_THAT(answer(name, sandbox::Mode::required), HasSubstr("Permission denied")) << name;
  }
}

TEST_F(HostileModule, WritesNoFileBeyondItsJobs) {
  const fs::path written = folder_ / "state" / "written";
  answer("write", sandbox::Mode::required);  // LibTorch may well claim that it was written
  EXPECT_FALSE(fs::exists(written));
  answer("write", sandbox::Mode::off);
  EXPECT_TRUE(fs::exists(written));
}

TEST_F(HostileModule, IsRefusedByThePreflightBeforeThat) {
  for (const char* name : {"registry", "write"}) {
    const fakes::TempFolder job;
    write_job(job.path(), job_with(jobs::InspectVersion{{std::string(jobs::kTorchScript), {}},
                                                        module(name).native()}));
    EXPECT_EQ(run_worker(job.path()), 65) << name;
    const auto result = result_in(job.path());
    ASSERT_FALSE(result.outcome.has_value()) << name;
    EXPECT_THAT(result.outcome.error().text(), HasSubstr("torch")) << name;
  }
}

}  // namespace
}  // namespace heirloom::worker
