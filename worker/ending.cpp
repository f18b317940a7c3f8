#include "worker/ending.h"

#include <cstdio>

namespace heirloom::worker {

using jobs::ExitCode;

void complain(const base::Error& error) {
  std::fprintf(stderr, "heirloom-worker: %s\n", error.text().c_str());
}

ExitCode end_without_job(const base::Error& error) {
  complain(error);
  return error.kind == base::ErrorKind::io ? ExitCode::try_again : ExitCode::bad_job;
}

ExitCode end_with_result(const JobFolder& folder, const jobs::JobResult& result) {
  if (!result.outcome) complain(result.outcome.error());
  if (const auto written = folder.write_result(result); !written) {
    complain(written.error());
    return ExitCode::try_again;
  }
  return result.outcome ? ExitCode::done : jobs::exit_code_for(result.outcome.error().kind);
}

}  // namespace heirloom::worker
