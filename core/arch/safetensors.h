// The safetensors format: named tensors in one file, as data alone. A reader that takes nothing on
// trust, and a writer of float32. No LibTorch in this header.
//
// A file is the length N of a header (8 bytes, little-endian), N bytes of JSON that give each
// tensor its type, shape and range of bytes, and those bytes, row by row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace heirloom::arch {

inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;  // as others have it
inline constexpr std::uint64_t kMaxSafetensorsFile = std::uint64_t{1} << 32;

enum class WeightType { f32, f16, bf16 };

struct StoredTensor {
  std::string name;
  WeightType type = WeightType::f32;
  std::vector<std::int64_t> shape;
  std::string_view bytes;  // in the file's; not aligned
};

// The tensors of `file`, whose bytes the caller keeps, in the order of their bytes. Errors
// (bad_data, naming `origin`): a header that is too long, no JSON, or says something twice or
// something unknown; another type; a range that is not what shape and type need; ranges that leave
// out, share or exceed the bytes there are.
base::Result<std::vector<StoredTensor>> parse_safetensors(std::string_view file,
                                                          std::string_view origin);

struct TensorToStore {
  std::string name;
  std::vector<std::int64_t> shape;
  std::string bytes;  // float32, little-endian, row by row
};

// The file of these tensors, in their order. The names differ, and the bytes fit the shapes.
std::string make_safetensors(std::span<const TensorToStore> tensors);

}  // namespace heirloom::arch
