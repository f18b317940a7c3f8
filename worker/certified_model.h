// What jobs about a trained model begin with: artifact, protocol and holdout, each checked against
// what the job says.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/certificate/protocol.h"
#include "core/data/dataset.h"
#include "core/jobs/data_part.h"
#include "core/jobs/model_spec.h"

namespace heirloom::worker {

// A protocol from its JSON. Errors: usage (it is none, or not of this model), conflict (it is for
// other kernels than this worker's).
base::Result<certificate::Protocol> protocol_for_worker(std::string_view json,
                                                        const jobs::ModelSpec& model);

// The artifact's bytes, which have the hash that `file` names.
base::Result<std::string> load_artifact(const jobs::FileRef& file);

// Errors: bad_data when it is not the protocol's holdout.
base::Result<data::Dataset> load_holdout(const jobs::DataPart& part,
                                         const certificate::Protocol& protocol,
                                         const jobs::ModelSpec& model, int threads);

}  // namespace heirloom::worker
