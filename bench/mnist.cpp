#include "bench/mnist.h"

#include <utility>

#include <fmt/format.h>

#include "core/data/source.h"

namespace heirloom::bench {

base::Result<data::Dataset> mnist(const std::filesystem::path& folder, std::string_view part) {
  const auto file = [&](const char* kind) {
    return (folder / fmt::format("{}-{}-ubyte.gz", part, kind)).native();
  };
  const jobs::DataSource source{jobs::DataFormat::idx, {file("images-idx3"), file("labels-idx1")}};
  HEIRLOOM_ASSIGN(data::ResolvedPart resolved,
                  data::resolve(source, kDigits.input, kDigits.classes));
  return std::move(resolved.dataset);
}

}  // namespace heirloom::bench
