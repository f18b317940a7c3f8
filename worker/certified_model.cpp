#include "worker/certified_model.h"

#include <fmt/format.h>

#include "core/base/files.h"
#include "core/data/part.h"
#include "core/smooth/kernel.h"

namespace heirloom::worker {
namespace {

using base::ErrorKind;
using base::Result;
using certificate::Protocol;

constexpr std::uint64_t kMaxModelBytes = std::uint64_t{1} << 32;

}  // namespace

Result<Protocol> protocol_for_worker(std::string_view json, const jobs::ModelSpec& model) {
  HEIRLOOM_ASSIGN(Protocol protocol, Protocol::from_json(json));
  HEIRLOOM_TRY(certificate::check_protocol(protocol, model.classes));
  if (const std::string own = smooth::kernel(); protocol.kernel != own) {
    return base::fail(ErrorKind::conflict,
                      fmt::format("the job asks for kernel \"{}\", but this worker has \"{}\"",
                                  protocol.kernel, own),
                      "other kernels give other counts: certify again under this one");
  }
  if (protocol.sigma != model.sigma) {
    return base::fail(ErrorKind::usage, fmt::format("the protocol's sigma is {}, the model's {}",
                                                    protocol.sigma, model.sigma));
  }
  return protocol;
}

Result<std::string> load_artifact(const jobs::FileRef& file) {
  return base::read_verified(file.path, kMaxModelBytes, file.sha256);
}

Result<data::Dataset> load_holdout(const jobs::DataPart& part, const Protocol& protocol,
                                   const jobs::ModelSpec& model, int threads) {
  HEIRLOOM_ASSIGN(data::Dataset holdout,
                  data::load_part(part, model.input, model.classes, threads));
  if (jobs::holdout_id(data::example_digests(holdout, threads)) != protocol.holdout_id) {
    return base::fail(ErrorKind::bad_data, "the holdout is not the one that the job names");
  }
  return holdout;
}

}  // namespace heirloom::worker
