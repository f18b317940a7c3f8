#include "core/arch/libtorch.h"

#include <ATen/Version.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <malloc.h>
#include <torch/csrc/jit/python/update_graph_executor_opt.h>
#include <torch/version.h>

#include <array>
#include <limits>

#include "core/arch/runtime.h"

namespace heirloom::arch {
namespace {

// A function of a library that LibTorch brings with it, if this build has it: Debian's uses
// OpenBLAS and oneDNN, others may not.
template <typename Function>
Function* loaded_function(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

// The head of dnnl_version_t.
struct OneDnnVersion {
  int major;
  int minor;
  int patch;
};

// "AVX2" and the like: what LibTorch's own kernels were dispatched for, as its report says it.
std::string cpu_capability() {
  constexpr std::string_view label = "CPU capability usage: ";
  const std::string report = at::show_config();
  const std::size_t at = report.find(label);
  if (at == std::string::npos) return "unknown";
  const std::size_t first = at + label.size();
  return report.substr(first, report.find_first_of("\n, ", first) - first);
}

// By the driver, whose library is there wherever a CUDA device is; its headers may not be.
std::string cuda_device_name() {
  using GetName = int(char*, int, int);
  void* driver = ::dlopen("libcuda.so.1", RTLD_LAZY);
  auto* get =
      driver == nullptr ? nullptr : reinterpret_cast<GetName*>(::dlsym(driver, "cuDeviceGetName"));
  std::array<char, 256> name{};
  if (get == nullptr || get(name.data(), static_cast<int>(name.size()) - 1, 0) != 0)
    return "unknown";
  return name.data();
}

torch::Device& current_device() {
  static torch::Device current = torch::kCPU;
  return current;
}

}  // namespace

base::Result<void> use_device(jobs::Device wanted) {
  if (wanted == jobs::Device::cpu) {
    current_device() = torch::kCPU;
    return {};
  }
  if (!torch::cuda::is_available()) {
    return base::fail(base::ErrorKind::unsupported,
                      "the settings ask for device cuda, but this LibTorch sees no CUDA device",
                      "set `device: cpu`, or give the worker a LibTorch and a driver that do");
  }
  // The same counts in every run: no kernels chosen by timing, none that add in any order.
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setDeterministicCuDNN(true);
  current_device() = torch::Device(torch::kCUDA, 0);
  return {};
}

torch::Device device() {
  return current_device();
}

void run_graphs_unoptimised() {
  torch::jit::setGraphExecutorOptimize(false);
}

void add_traced_forward(torch::jit::Module& module, const torch::Tensor& example,
                        const std::function<torch::Tensor(const torch::Tensor&)>& forward) {
  const auto run = [&forward](torch::jit::Stack inputs) -> torch::jit::Stack {
    return {forward(inputs.at(0).toTensor())};
  };
  const auto no_name = [](const torch::Tensor&) { return std::string(); };
  const auto traced = torch::jit::tracer::trace({example}, run, no_name, /*strict=*/true,
                                                /*force_outplace=*/false, &module, {"x"});
  auto* function = module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), traced.first->graph);
  module.type()->addMethod(function);
}

void use_threads(int threads) {
  at::set_num_threads(threads);
  if (auto* set = loaded_function<void(int)>("openblas_set_num_threads")) set(threads);
}

void keep_freed_memory() {
  // A refusal only means that the work is slower.
  constexpr int most = std::numeric_limits<int>::max();
  static_cast<void>(::mallopt(M_MMAP_MAX, 0));
  static_cast<void>(::mallopt(M_TRIM_THRESHOLD, most));
  static_cast<void>(::mallopt(M_TOP_PAD, 64 << 20));
}

std::string numerical_libraries() {
  if (device().is_cuda()) {
    return fmt::format("libtorch {} cuda {}", TORCH_VERSION, cuda_device_name());
  }
  std::string text = fmt::format("libtorch {} {}", TORCH_VERSION, cpu_capability());
  if (auto* version = loaded_function<const OneDnnVersion*()>("dnnl_version")) {
    text += fmt::format(" oneDNN {}.{}.{}", version()->major, version()->minor, version()->patch);
    if (auto* isa = loaded_function<int()>("dnnl_get_effective_cpu_isa")) {
      text += fmt::format(" isa {:#x}", isa());
    }
  }
  if (auto* core = loaded_function<const char*()>("openblas_get_corename")) {
    text += fmt::format(" OpenBLAS {}", core());
  }
  return text;
}

}  // namespace heirloom::arch
