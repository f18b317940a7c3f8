// JSON of the structs that more than one message carries; private to core/jobs.
#pragma once

#include "core/jobs/data_part.h"
#include "core/jobs/drift.h"
#include "core/jobs/job.h"
#include "core/jobs/json_fields.h"

namespace heirloom::jobs {

Json file_json(const FileRef& file);
FileRef read_file_ref(ObjectReader reader);

Json part_json(const DataPart& part);
DataPart read_part(ObjectReader reader);

Json settings_json(TrainSettings settings);
TrainSettings read_settings(ObjectReader reader);

Json method_json(const TrainMethod& method);
TrainMethod read_method(ObjectReader reader);

Json predict_json(const Predict& task);
Predict read_predict(ObjectReader& reader);
Json predicted_json(const Predicted& outcome);
Predicted read_predicted(ObjectReader& reader);

Json output_json(const OutputFile& file);
OutputFile read_output(ObjectReader reader);

Json drift_json(const Drift& task);
Drift read_drift(ObjectReader& reader);
Json drifted_json(const Drifted& outcome);
Drifted read_drifted(ObjectReader& reader);

Json task_json(const Task& task);
Task read_task(ObjectReader reader);

}  // namespace heirloom::jobs
