// The same work on many items, by several threads.
#pragma once

#include <cstddef>
#include <functional>

#include "core/base/result.h"

namespace heirloom::data {

// Calls work(i) for i = 0, ..., count - 1, on up to `threads` threads. The error returned is that
// of the lowest i that fails, however many threads there are; items after it may be left out.
// `work` must be safe to call for different i at once; an exception of it is thrown here.
base::Result<void> for_each_item(std::size_t count, int threads,
                                 const std::function<base::Result<void>(std::size_t)>& work);

}  // namespace heirloom::data
