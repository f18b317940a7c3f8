// heirloom-gemm: multiply-adds a second of this machine's matrix product, one on each thread: the
// limit that a network's arithmetic can approach. Prints one line of JSON.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "core/arch/libtorch.h"
#include "core/arch/runtime.h"

namespace {

constexpr std::int64_t kSide = 512;
constexpr double kSeconds = 1.0;

// Products of [side, side] matrices that one thread does in kSeconds.
std::int64_t products(torch::ScalarType type) {
  heirloom::arch::use_threads(1);
  const torch::NoGradGuard no_grad;
  const torch::Tensor a = torch::randn({kSide, kSide}).to(type);
  const torch::Tensor b = torch::randn({kSide, kSide}).to(type);
  for (int i = 0; i < 3; ++i) torch::linear(a, b);
  std::int64_t done = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(kSeconds);
  for (; std::chrono::steady_clock::now() < end; ++done) torch::linear(a, b);
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  std::string precision = "bf16";
  int threads = 2;
  CLI::App app("Prints multiply-adds a second of a matrix product on each thread.");
  app.add_option("--precision", precision, "fp32 or bf16")->capture_default_str();
  app.add_option("--threads", threads)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::atomic<std::int64_t> total = 0;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < threads; ++i) {
      workers.emplace_back(
          [&] { total += products(precision == "bf16" ? torch::kBFloat16 : torch::kFloat); });
    }
  }
  const double rate = static_cast<double>(total) * kSide * kSide * kSide / kSeconds;
  std::puts(
      nlohmann::json{{"precision", precision}, {"multiply_adds_per_second", rate}}.dump().c_str());
  return 0;
}
