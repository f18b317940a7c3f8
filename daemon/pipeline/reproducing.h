// Certifying an old generation again with the same noise, to compare the counts: evidence about the
// evidence, which changes no verdict.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/result.h"
#include "core/jobs/result.h"
#include "registry/registry.h"

namespace heirloom::daemon {

inline constexpr const char* kReproduceJob = "reproduce";

// Opens the job, or finds the one that is open already. Not found for a generation without verdict.
base::Result<std::int64_t> open_reproduction(registry::Registry& registry,
                                             const registry::GenerationRow& generation,
                                             const std::string& actor);

// The certificate that the verdict on the job's generation rests on.
base::Result<registry::CertificateRow> reproduced_certificate(registry::Registry& registry,
                                                              const registry::JobRow& job);

// Records whether the counts are the same, and the first that is not.
base::Result<void> finish_reproduction(registry::Registry& registry, const registry::JobRow& job,
                                       const jobs::JobResult& result,
                                       const std::filesystem::path& output);
void fail_reproduction(registry::Registry& registry, const registry::JobRow& job,
                       const base::Error& error);

}  // namespace heirloom::daemon
