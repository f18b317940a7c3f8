// heirloom-worker-torch JOB_DIR: the part of the worker that loads LibTorch. heirloom-worker starts
// it, confined (worker/launcher); started by hand it runs as free as whoever started it.
#include <cstdio>

#include "core/jobs/result.h"
#include "worker/process.h"
#include "worker/run_job.h"

int main(int argc, char** argv) {
  heirloom::worker::watch_stop_signals();
  if (argc != 2 || argv[1][0] == '-') {
    std::fputs("usage: heirloom-worker-torch JOB_DIR\n", stderr);
    return static_cast<int>(heirloom::jobs::ExitCode::bad_job);
  }
  return static_cast<int>(heirloom::worker::run_job(argv[1]));
}
