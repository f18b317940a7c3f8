// What a model is for, as far as a worker needs to know: shape, classes and sigma never change.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace heirloom::jobs {

// One example is float32 [channels, height, width] with values in [0, 1].
struct InputShape {
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;

  std::int64_t numel() const { return channels * height * width; }
  friend bool operator==(const InputShape&, const InputShape&) = default;
};

struct ModelSpec {
  std::string name;
  InputShape input;
  std::int64_t classes = 0;
  double sigma = 0.0;  // smoothing noise, in input units

  friend bool operator==(const ModelSpec&, const ModelSpec&) = default;
};

// The architecture that is a module of the user's: its file goes beside the ArchSpec.
inline constexpr std::string_view kTorchScript = "torchscript";

// An architecture and its parameters as the user wrote them ("depth" -> "8"). core/arch knows which
// there are; an empty map means every default.
struct ArchSpec {
  std::string name;
  std::map<std::string, std::string> parameters;

  friend bool operator==(const ArchSpec&, const ArchSpec&) = default;
};

// Where a worker computes. Another device gives other bits: it is part of the kernel's name
// (core/smooth/kernel.h), so certificates know it.
enum class Device { cpu, cuda };
std::string_view to_string(Device device);
base::Result<Device> parse_device(std::string_view text);

// What a worker computes with.
struct Compute {
  int threads = 1;
  Device device = Device::cpu;
};

// In what the artifact computes between its float32 inputs and logits. Part of the classifier that
// is certified: another precision is another classifier.
enum class Precision { fp32, bf16 };
std::string_view to_string(Precision precision);
base::Result<Precision> parse_precision(std::string_view text);

}  // namespace heirloom::jobs
