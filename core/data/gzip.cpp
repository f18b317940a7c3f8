#include "core/data/gzip.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <zlib.h>

namespace heirloom::data {
namespace {

using base::ErrorKind;

constexpr std::size_t kChunk = std::size_t{1} << 20;
constexpr int kGzipOnly = 15 + 16;  // windowBits: the largest window, and a gzip header

// Ends the stream on every way out.
struct Inflater {
  z_stream stream{};
  bool ready = inflateInit2(&stream, kGzipOnly) == Z_OK;
  Inflater() = default;
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
};

}  // namespace

bool is_gzip(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

base::Result<std::string> gunzip(std::string_view bytes, std::uint64_t max_bytes,
                                 std::string_view origin) {
  Inflater inflater;
  if (!inflater.ready) return base::fail(ErrorKind::internal, "zlib cannot start");
  z_stream& stream = inflater.stream;
  std::string compressed(bytes);  // zlib's interface is not const
  std::string out;
  std::size_t at = 0;
  const auto damaged = [&](std::string_view what) {
    return base::fail(ErrorKind::bad_data, fmt::format("{}: {} at byte {}", origin, what, at));
  };
  for (;;) {
    const std::size_t filled = out.size();
    out.resize(filled + kChunk);
    stream.next_in = reinterpret_cast<Bytef*>(compressed.data() + at);
    stream.avail_in = static_cast<uInt>(
        std::min<std::size_t>(compressed.size() - at, std::numeric_limits<uInt>::max()));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    stream.avail_out = static_cast<uInt>(kChunk);
    const uInt offered = stream.avail_in;
    const int status = inflate(&stream, Z_NO_FLUSH);
    at += offered - stream.avail_in;
    out.resize(filled + kChunk - stream.avail_out);
    if (out.size() > max_bytes) return damaged("more than the allowed content");
    if (status == Z_STREAM_END) {
      if (at == compressed.size()) return out;
      if (!is_gzip(std::string_view(compressed).substr(at)) || inflateReset(&stream) != Z_OK) {
        return damaged("bytes after the end of the gzip stream");
      }
    } else if (status == Z_DATA_ERROR || status == Z_NEED_DICT) {
      return damaged("damaged gzip stream");
    } else if (status == Z_MEM_ERROR) {
      return base::fail(ErrorKind::unavailable, fmt::format("{}: not enough memory", origin));
    } else if (at == compressed.size() && stream.avail_out > 0) {
      return damaged("the gzip stream is cut short");
    }
  }
}

}  // namespace heirloom::data
