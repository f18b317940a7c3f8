#include "core/certificate/certificate.h"

#include <fmt/format.h>

#include "core/certificate/curtailment.h"
#include "core/certificate/stopping.h"

namespace heirloom::certificate {

base::Result<CertifiedExample> certify_example(const Protocol& protocol, std::int64_t classes,
                                               const ExampleCounts& counts) {
  HEIRLOOM_ASSIGN(const StoppingRule rule, StoppingRule::create(protocol, classes));
  return rule.conclude(counts);
}

base::Result<Certificate> certify(const Protocol& protocol, const base::Digest& model_sha256,
                                  std::int64_t classes, const std::vector<std::uint32_t>& expected,
                                  const std::vector<ExampleCounts>& counts,
                                  const std::vector<Floor>& floors) {
  if (expected.empty() || example_list_digest(expected) != protocol.examples) {
    return base::fail(base::ErrorKind::usage, "the protocol names other examples than the job");
  }
  const auto wrong_number = [&] {
    return base::fail(base::ErrorKind::bad_data, fmt::format("counts of {} examples instead of {}",
                                                             counts.size(), expected.size()));
  };
  if (counts.size() > expected.size()) return wrong_number();
  HEIRLOOM_ASSIGN(const StoppingRule rule, StoppingRule::create(protocol, classes));
  Certificate certificate{
      .protocol = protocol, .model_sha256 = model_sha256, .examples = {}, .listed = expected};
  certificate.examples.reserve(counts.size());
  Curtailment curtailment(floors, expected.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i].index != expected[i] || (i > 0 && expected[i] <= expected[i - 1])) {
      return base::fail(
          base::ErrorKind::bad_data,
          fmt::format("row {} is example {} instead of {}", i + 1, counts[i].index, expected[i]),
          "examples ascend and are those of the job");
    }
    HEIRLOOM_ASSIGN(CertifiedExample example, rule.conclude(counts[i]));
    curtailment.add(example);
    certificate.examples.push_back(example);
  }
  if (certificate.curtailed() && !curtailment.out_of_reach()) return wrong_number();
  return certificate;
}

}  // namespace heirloom::certificate
