// heirloom-worker JOB_DIR: runs the job in that folder (core/jobs/job.h), prints nothing on
// success. It links no LibTorch: whatever that does as it is loaded, it does confined.
#include <cstdio>
#include <string_view>

#include "core/base/version.h"
#include "core/jobs/result.h"
#include "worker/launcher/launch.h"
#include "worker/process.h"

int main(int argc, char** argv) {
  using heirloom::jobs::ExitCode;
  if (!heirloom::worker::tie_to_parent()) return static_cast<int>(ExitCode::try_again);
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    const std::string_view version = heirloom::base::version();
    const std::string_view revision = heirloom::base::git_revision();
    std::printf("heirloom-worker %.*s (%.*s)\n", static_cast<int>(version.size()), version.data(),
                static_cast<int>(revision.size()), revision.data());
    return 0;
  }
  if (argc != 2 || argv[1][0] == '-') {
    std::fputs("usage: heirloom-worker JOB_DIR\n", stderr);
    return static_cast<int>(ExitCode::bad_job);
  }
  return static_cast<int>(heirloom::worker::launch(argv));
}
