#include "core/jobs/model_spec.h"

#include <fmt/format.h>

namespace heirloom::jobs {

std::string_view to_string(Device device) {
  return device == Device::cuda ? "cuda" : "cpu";
}

base::Result<Device> parse_device(std::string_view text) {
  for (const Device device : {Device::cpu, Device::cuda}) {
    if (text == to_string(device)) return device;
  }
  return base::fail(base::ErrorKind::usage, fmt::format("\"{}\" is not a device", text),
                    "cpu or cuda");
}

std::string_view to_string(Precision precision) {
  return precision == Precision::bf16 ? "bf16" : "fp32";
}

base::Result<Precision> parse_precision(std::string_view text) {
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    if (text == to_string(precision)) return precision;
  }
  return base::fail(base::ErrorKind::usage, fmt::format("\"{}\" is not a precision", text),
                    "fp32 or bf16");
}

}  // namespace heirloom::jobs
