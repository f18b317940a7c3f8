// What the tests put in the place of heirloom-worker-torch: it calls the TorchScript module that
// the job names, unchecked, and writes the bytes of its output, or why there are none.
#include <fstream>
#include <string>

#include <torch/script.h>

#include "core/base/files.h"
#include "core/jobs/job.h"

int main(int, char** argv) {
  const std::string folder = argv[1];
  std::ofstream out(folder + "/answer", std::ios::binary);
  try {
    const auto job = heirloom::jobs::job_from_json(
        heirloom::base::read_file(folder + "/job.json", 1 << 20).value());
    const auto& inspected = std::get<heirloom::jobs::InspectVersion>(job->task);
    torch::jit::Module module = torch::jit::load(inspected.file);
    const torch::Tensor output = module.forward({torch::zeros({1, 1, 28, 28})}).toTensor();
    out << "gave " << std::string(static_cast<const char*>(output.data_ptr()), output.nbytes());
  } catch (const std::exception& error) {
    out << "threw " << error.what();
  }
  return 0;
}
