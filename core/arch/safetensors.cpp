#include "core/arch/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heirloom::arch {
namespace {

using base::ErrorKind;
using base::Result;
using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kLengthBytes = sizeof(std::uint64_t);
constexpr std::size_t kAlignment = 8;
constexpr std::string_view kMetadata = "__metadata__";

// One file and how its errors begin.
struct Source {
  std::string_view origin;

  tl::unexpected<base::Error> wrong(std::string_view what) const {
    return base::fail(ErrorKind::bad_data, fmt::format("{}: {}", origin, what),
                      "it must be a safetensors file that was written whole");
  }
  tl::unexpected<base::Error> wrong(std::string_view tensor, std::string_view what) const {
    return wrong(fmt::format("tensor \"{}\" {}", tensor, what));
  }
};

struct Parts {
  std::string_view header;
  std::string_view bytes;
};

Result<Parts> split(const Source& source, std::string_view file) {
  if (file.size() < kLengthBytes) return source.wrong("is too short for a header");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthBytes);
  file.remove_prefix(kLengthBytes);
  if (length > kMaxSafetensorsHeader) {
    return source.wrong(fmt::format("the header has {} bytes, more than the {} that one may have",
                                    length, kMaxSafetensorsHeader));
  }
  if (length > file.size()) {
    return source.wrong(
        fmt::format("the header has {} bytes, but only {} follow", length, file.size()));
  }
  const std::string_view header = file.substr(0, static_cast<std::size_t>(length));
  if (!header.starts_with('{')) return source.wrong("the header does not begin with {");
  return Parts{header, file.substr(header.size())};
}

Result<Json> parse_header(const Source& source, std::string_view header) {
  std::vector<std::set<std::string>> names;
  std::optional<std::string> twice;
  const auto on_event = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!names.back().insert(name).second && !twice) twice = name;
    }
    return true;
  };
  Json json = Json::parse(header, on_event, /*allow_exceptions=*/false);
  if (json.is_discarded()) return source.wrong("the header is not JSON");
  if (twice) return source.wrong(fmt::format("the header has the key \"{}\" twice", *twice));
  return json;
}

Result<void> check_metadata(const Source& source, const Json& metadata) {
  const auto is_text = [](const Json& value) { return value.is_string(); };
  if (metadata.is_object() && std::all_of(metadata.begin(), metadata.end(), is_text)) return {};
  return source.wrong(fmt::format("{} is not an object of strings", kMetadata));
}

std::optional<WeightType> type_called(const Json& name) {
  if (name == "F32") return WeightType::f32;
  if (name == "F16") return WeightType::f16;
  if (name == "BF16") return WeightType::bf16;
  return std::nullopt;
}

// A list of natural numbers, each written as an integer.
bool are_naturals(const Json& list) {
  return list.is_array() && std::all_of(list.begin(), list.end(),
                                        [](const Json& item) { return item.is_number_unsigned(); });
}

// The bytes that a tensor takes; nothing if they are too many to count.
std::optional<std::uint64_t> size_of(const Json& shape, WeightType type) {
  std::uint64_t size = type == WeightType::f32 ? 4 : 2;
  for (const Json& side : shape) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto value = side.get<std::uint64_t>();
    if (value > most || __builtin_mul_overflow(size, value, &size)) return std::nullopt;
  }
  return size;
}

Result<StoredTensor> read_tensor(const Source& source, const std::string& name, const Json& entry,
                                 std::string_view bytes) {
  const bool complete = entry.is_object() && entry.size() == 3 && entry.contains("dtype") &&
                        entry.contains("shape") && entry.contains("data_offsets");
  if (!complete) return source.wrong(name, "must have dtype, shape and data_offsets alone");
  const auto type = type_called(entry["dtype"]);
  if (!type) {
    return source.wrong(
        name, fmt::format("has the type {}, not F32, F16 or BF16",
                          entry["dtype"].dump(-1, ' ', false, Json::error_handler_t::replace)));
  }
  const Json& shape = entry["shape"];
  if (!are_naturals(shape)) return source.wrong(name, "has a shape that is no list of naturals");
  const Json& range = entry["data_offsets"];
  if (!are_naturals(range) || range.size() != 2) {
    return source.wrong(name, "has data_offsets that are not two naturals");
  }
  const auto begin = range[0].get<std::uint64_t>();
  const auto end = range[1].get<std::uint64_t>();
  if (begin > end || end > bytes.size()) {
    return source.wrong(
        name, fmt::format("is said to be bytes {} to {} of {}", begin, end, bytes.size()));
  }
  const auto size = size_of(shape, *type);
  if (!size || *size != end - begin) {
    return source.wrong(name, fmt::format("has {} bytes, which is not what its shape {} takes",
                                          end - begin, shape.dump()));
  }
  return StoredTensor{
      name, *type, shape.get<std::vector<std::int64_t>>(),
      bytes.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))};
}

// Each byte belongs to one tensor. Sorts them by their bytes.
Result<void> check_tiling(const Source& source, std::string_view bytes,
                          std::vector<StoredTensor>& tensors) {
  const auto place = [&](const StoredTensor& tensor) {
    const auto begin = tensor.bytes.data() - bytes.data();
    return std::pair(begin, begin + static_cast<std::ptrdiff_t>(tensor.bytes.size()));
  };
  std::sort(tensors.begin(), tensors.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  std::ptrdiff_t next = 0;
  for (const StoredTensor& tensor : tensors) {
    const auto [begin, end] = place(tensor);
    if (begin < next) return source.wrong(tensor.name, "shares bytes with another");
    if (begin > next) {
      return source.wrong(fmt::format("bytes {} to {} belong to no tensor", next, begin));
    }
    next = end;
  }
  if (static_cast<std::size_t>(next) != bytes.size()) {
    return source.wrong(fmt::format("bytes {} to {} belong to no tensor", next, bytes.size()));
  }
  return {};
}

}  // namespace

Result<std::vector<StoredTensor>> parse_safetensors(std::string_view file,
                                                    std::string_view origin) {
  const Source source{origin};
  HEIRLOOM_ASSIGN(const Parts parts, split(source, file));
  HEIRLOOM_ASSIGN(const Json header, parse_header(source, parts.header));
  std::vector<StoredTensor> tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadata) {
      HEIRLOOM_TRY(check_metadata(source, entry));
      continue;
    }
    HEIRLOOM_ASSIGN(StoredTensor tensor, read_tensor(source, name, entry, parts.bytes));
    tensors.push_back(std::move(tensor));
  }
  HEIRLOOM_TRY(check_tiling(source, parts.bytes, tensors));
  return tensors;
}

std::string make_safetensors(std::span<const TensorToStore> tensors) {
  Json header = Json::object();
  std::size_t next = 0;
  for (const TensorToStore& tensor : tensors) {
    header[tensor.name] = {{"dtype", "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {next, next + tensor.bytes.size()}}};
    next += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const std::uint64_t length = text.size();
  std::string file(kLengthBytes, '\0');
  std::memcpy(file.data(), &length, kLengthBytes);
  file.reserve(file.size() + text.size() + next);
  file += text;
  for (const TensorToStore& tensor : tensors) file += tensor.bytes;
  return file;
}

}  // namespace heirloom::arch
