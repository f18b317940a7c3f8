// The binary versions of CIFAR-10 and CIFAR-100: rows without a header, images 3x32x32.
//
//   CIFAR-10     label | 3072 bytes              3073 bytes a row
//   CIFAR-100    coarse | fine | 3072 bytes      3074 bytes a row; the fine label counts
//
// The 3072 bytes are the red, green and blue planes, each row by row. A model of 10 classes takes
// CIFAR-10, one of 100 takes CIFAR-100.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/data/idx.h"

namespace heirloom::data {

enum class PartRole { train, holdout };

// The files of a part in order: those given, or those of one folder (train: data_batch_1.bin,
// data_batch_2.bin, ... or train.bin; holdout: test_batch.bin or test.bin). Errors: not_found,
// bad_data (both of a kind, a batch missing, a file named twice).
base::Result<std::vector<std::filesystem::path>> cifar_files(const std::vector<std::string>& paths,
                                                             PartRole role);

// An empty dataset for `bytes` bytes of files. Errors (bad_data): the model is none of CIFAR.
base::Result<Dataset> empty_cifar(const jobs::InputShape& shape, std::int64_t classes,
                                  std::uint64_t bytes);

// Adds the rows of a file. Errors (bad_data) name it: empty, no whole number of rows (and whether
// it would fit the other version), a label that is no class.
base::Result<void> append_cifar(const NamedBytes& file, Dataset& dataset);

}  // namespace heirloom::data
