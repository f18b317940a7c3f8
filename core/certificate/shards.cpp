#include "core/certificate/shards.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace heirloom::certificate {
namespace {

base::Result<void> refuse(std::string text) {
  return base::fail(base::ErrorKind::bad_data, std::move(text));
}

// Which of `count` shards these rows are, by their first example.
base::Result<std::size_t> shard_of(const std::vector<std::uint32_t>& examples, std::size_t count,
                                   const std::vector<ExampleCounts>& rows) {
  if (rows.empty()) return base::fail(base::ErrorKind::bad_data, "a shard has no rows");
  const auto end = examples.begin() + static_cast<std::ptrdiff_t>(std::min(count, examples.size()));
  const auto found = std::find(examples.begin(), end, rows.front().index);
  if (found == end) {
    return base::fail(
        base::ErrorKind::bad_data,
        fmt::format("no shard of {} begins with example {}", count, rows.front().index));
  }
  return static_cast<std::size_t>(found - examples.begin());
}

base::Result<void> check_rows(const std::vector<std::uint32_t>& examples, std::size_t count,
                              std::size_t shard, const std::vector<ExampleCounts>& rows) {
  const std::size_t expected = (examples.size() - shard + count - 1) / count;
  if (rows.size() != expected) {
    return refuse(fmt::format("shard {} of {} has {} rows instead of {}", shard + 1, count,
                              rows.size(), expected));
  }
  for (std::size_t j = 0; j < rows.size(); ++j) {
    if (rows[j].index != examples[shard + count * j]) {
      return refuse(fmt::format("row {} of shard {} of {} is example {} instead of {}", j + 1,
                                shard + 1, count, rows[j].index, examples[shard + count * j]));
    }
  }
  return {};
}

}  // namespace

base::Result<std::vector<ExampleCounts>> merge_shards(
    const std::vector<std::uint32_t>& examples, std::size_t count,
    const std::vector<std::vector<ExampleCounts>>& shards) {
  if (count == 0 || count > examples.size()) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("{} examples do not make {} shards", examples.size(), count));
  }
  std::vector<bool> seen(count, false);
  std::vector<ExampleCounts> merged(examples.size());
  for (const std::vector<ExampleCounts>& rows : shards) {
    HEIRLOOM_ASSIGN(const std::size_t shard, shard_of(examples, count, rows));
    if (seen[shard]) {
      return base::fail(base::ErrorKind::bad_data,
                        fmt::format("shard {} of {} is there twice", shard + 1, count));
    }
    seen[shard] = true;
    HEIRLOOM_TRY(check_rows(examples, count, shard, rows));
    for (std::size_t j = 0; j < rows.size(); ++j) merged[shard + count * j] = rows[j];
  }
  std::vector<std::size_t> missing;
  for (std::size_t shard = 0; shard < count; ++shard) {
    if (!seen[shard]) missing.push_back(shard + 1);
  }
  if (!missing.empty()) {
    return base::fail(
        base::ErrorKind::bad_data,
        fmt::format("of {} shards, {} missing: {}", count,
                    missing.size() == 1 ? "one is" : "some are", fmt::join(missing, ", ")));
  }
  return merged;
}

}  // namespace heirloom::certificate
