#include "worker/launcher/launch.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "core/sandbox/confinement.h"
#include "core/sandbox/layers.h"
#include "core/sandbox/limits.h"
#include "worker/ending.h"
#include "worker/job_folder.h"
#include "worker/launcher/access.h"
#include "worker/process.h"

namespace heirloom::worker {
namespace {

using base::ErrorKind;
using base::Result;
using jobs::ExitCode;

Result<sandbox::Confinement> confinement() {
  const char* text = std::getenv(sandbox::kConfinementVariable);
  return text == nullptr ? sandbox::Confinement{} : sandbox::confinement_from_text(text);
}

// Returns only with the reason why it did not.
base::Error become_torch_worker(const jobs::Job& job, const std::filesystem::path& folder,
                                sandbox::Mode mode, char** argv) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return base::fail_errno("find", "/proc/self/exe", error.value()).value();
  const std::filesystem::path program = self.parent_path() / "heirloom-worker-torch";
  const auto layers = sandbox::enter(mode, access_of(job, folder, program));
  if (!layers) return layers.error();
  if (const std::string missing = layers->missing();
      mode == sandbox::Mode::best_effort && !missing.empty()) {
    std::fprintf(stderr, "heirloom-worker: the sandbox is without %s\n", missing.c_str());
  }
  ::execv(program.c_str(), argv);
  // Whatever the reason, it is not the job's.
  return base::Error{ErrorKind::unavailable,
                     base::fail_errno("start", program.native(), errno).value().message, ""};
}

}  // namespace

ExitCode launch(char** argv) {
  const JobFolder folder(argv[1]);
  const auto job = folder.read_job();
  if (!job) return end_without_job(job.error());
  const auto fail = [&](const base::Error& error) {
    return end_with_result(folder, {.job_id = job->id,
                                    .attempt = job->attempt,
                                    .epoch = job->epoch,
                                    .outcome = tl::unexpected(error)});
  };
  const auto confined = confinement();
  if (!confined) return fail(confined.error());
  if (const auto limited = sandbox::set_limits(confined->limits); !limited) {
    return fail(limited.error());
  }
  return fail(become_torch_worker(*job, argv[1], confined->mode, argv));
}

}  // namespace heirloom::worker
