#include "core/data/dataset.h"

#include <algorithm>
#include <map>

#include "core/data/parallel.h"

namespace heirloom::data {
namespace {

// The image without its label: a relabelled copy of a training image is still a training image.
base::Digest image_digest(const Dataset& dataset, std::size_t index) {
  base::FieldEncoder fields;
  fields.text("heirloom/image/v1")
      .integer(dataset.shape.channels)
      .integer(dataset.shape.height)
      .integer(dataset.shape.width)
      .bytes(std::as_bytes(dataset.image(index)));
  return fields.sha256();
}

template <typename DigestOf>
std::vector<base::Digest> digests_of(const Dataset& dataset, int threads, DigestOf digest_of) {
  std::vector<base::Digest> digests(dataset.size());
  // Nothing in it fails.
  static_cast<void>(
      for_each_item(digests.size(), threads, [&](std::size_t i) -> base::Result<void> {
        digests[i] = digest_of(dataset, i);
        return {};
      }));
  return digests;
}

}  // namespace

base::Digest example_digest(const Dataset& dataset, std::size_t index) {
  base::FieldEncoder fields;
  fields.text("heirloom/example/v1")
      .integer(dataset.shape.channels)
      .integer(dataset.shape.height)
      .integer(dataset.shape.width)
      .integer(dataset.labels.at(index))
      .bytes(std::as_bytes(dataset.image(index)));
  return fields.sha256();
}

std::vector<base::Digest> example_digests(const Dataset& dataset, int threads) {
  return digests_of(dataset, threads, example_digest);
}

std::vector<base::Digest> image_digests(const Dataset& dataset, int threads) {
  return digests_of(dataset, threads, image_digest);
}

std::vector<base::Digest> sorted_image_digests(const Dataset& dataset, int threads) {
  std::vector<base::Digest> digests = image_digests(dataset, threads);
  std::sort(digests.begin(), digests.end());
  return digests;
}

base::Digest part_digest(std::span<const base::Digest> examples) {
  base::FieldEncoder fields;
  fields.text("heirloom/part/v1");
  for (const base::Digest& example : examples) fields.digest(example);
  return fields.sha256();
}

std::vector<std::uint64_t> class_counts(const Dataset& dataset) {
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(dataset.classes), 0);
  for (const std::uint16_t label : dataset.labels) ++counts.at(label);
  return counts;
}

std::optional<std::pair<std::size_t, std::size_t>> shared_image(const Dataset& train,
                                                                const Dataset& holdout,
                                                                int threads) {
  const std::vector<base::Digest> ours = image_digests(train, threads);
  const std::vector<base::Digest> theirs = image_digests(holdout, threads);
  std::map<base::Digest, std::size_t> held_out;
  for (std::size_t i = 0; i < theirs.size(); ++i) held_out.emplace(theirs[i], i);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto found = held_out.find(ours[i]);
    if (found != held_out.end()) return std::pair(i, found->second);
  }
  return std::nullopt;
}

}  // namespace heirloom::data
