#include "core/smooth/kernel.h"

#include <fmt/format.h>

#include "core/arch/runtime.h"
#include "core/certificate/certificate.h"

namespace heirloom::smooth {

std::string kernel() {
  return fmt::format("{} channels_last noise v{}", arch::numerical_libraries(),
                     certificate::kNoiseVersion);
}

std::int64_t forward_batch(const jobs::ArchSpec& arch, jobs::Precision /*precision*/) {
  const bool small = arch.name == "lenet" || arch.name == "linear" || arch.name == "mlp";
  return small ? 128 : 64;
}

}  // namespace heirloom::smooth
