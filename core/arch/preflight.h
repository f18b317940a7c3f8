// A look at a model file before LibTorch opens it: LibTorch checks no CRC, has crashed on crafted
// archives, and runs whatever operators the file's code names.
//
// This lowers noise; it makes no hostile file safe. No LibTorch here.
#pragma once

#include <string_view>

#include "core/base/result.h"

namespace heirloom::arch {

// The bytes are one ZIP archive as LibTorch writes them and nothing else: it ends where they end,
// its entries lie apart within it, each under a name that LibTorch gives, in one folder, with the
// CRC-32 that it says; and its TorchScript code calls no operator that touches files, prints or
// leaves TorchScript. Errors: bad_data, with `origin` and the entry.
base::Result<void> preflight(std::string_view bytes, std::string_view origin);

}  // namespace heirloom::arch
