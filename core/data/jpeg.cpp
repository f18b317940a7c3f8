#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <limits>

#include <fmt/format.h>
// Needs <cstddef> and <cstdio> before it.
#include <jpeglib.h>

#include "core/data/picture_decoders.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;
using base::Result;

// A progressive file refines its pixels scan by scan; thousands of empty scans are an attack.
constexpr int kMaxScans = 100;

// Plain data only: longjmp leaves the functions below at any call of libjpeg.
struct JpegState {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf escape{};
  std::array<char, JMSG_LENGTH_MAX> message{};
};

[[noreturn]] void leave(j_common_ptr jpeg) {
  auto* state = static_cast<JpegState*>(jpeg->client_data);
  jpeg->err->format_message(jpeg, state->message.data());
  std::longjmp(state->escape, 1);
}

// The library paints what a cut or damaged file lacks in grey and warns: here it is an error.
void on_message(j_common_ptr jpeg, int level) {
  if (level < 0) leave(jpeg);
}

void on_progress(j_common_ptr jpeg) {
  const auto* decompress = reinterpret_cast<const jpeg_decompress_struct*>(jpeg);
  if (decompress->input_scan_number <= kMaxScans) return;
  auto* state = static_cast<JpegState*>(jpeg->client_data);
  std::snprintf(state->message.data(), state->message.size(), "more than %d scans", kMaxScans);
  std::longjmp(state->escape, 1);
}

// Everything before the pixels. False: state.message says why not.
bool read_header(JpegState& state, const unsigned char* bytes, unsigned long size) {
  if (setjmp(state.escape) != 0) return false;
  state.jpeg.err = jpeg_std_error(&state.errors);
  state.errors.error_exit = leave;
  state.errors.emit_message = on_message;
  state.jpeg.client_data = &state;
  jpeg_create_decompress(&state.jpeg);
  state.progress.progress_monitor = on_progress;
  state.jpeg.progress = &state.progress;
  jpeg_mem_src(&state.jpeg, bytes, size);
  jpeg_read_header(&state.jpeg, TRUE);
  return true;
}

bool start(JpegState& state, bool grey) {
  if (setjmp(state.escape) != 0) return false;
  state.jpeg.out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
  state.jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&state.jpeg);
  return true;
}

// `samples` has row_bytes * output_height bytes.
bool read_rows(JpegState& state, unsigned char* samples, std::size_t row_bytes) {
  if (setjmp(state.escape) != 0) return false;
  while (state.jpeg.output_scanline < state.jpeg.output_height) {
    unsigned char* row = samples + state.jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&state.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&state.jpeg);
  return true;
}

class JpegReader {
 public:
  JpegReader() = default;
  ~JpegReader() { jpeg_destroy_decompress(&state.jpeg); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  JpegState state;
};

}  // namespace

Result<Picture> decode_jpeg(const NamedBytes& file, const jobs::InputShape& shape) {
  JpegReader reader;
  JpegState& state = reader.state;
  const auto damaged = [&] {
    return base::fail(ErrorKind::bad_data, fmt::format("{} is a damaged JPEG file: {}", file.name,
                                                       state.message.data()));
  };
  if (!read_header(state, reinterpret_cast<const unsigned char*>(file.bytes.data()),
                   static_cast<unsigned long>(file.bytes.size()))) {
    return damaged();
  }
  HEIRLOOM_TRY(check_picture_size(file, state.jpeg.image_width, state.jpeg.image_height, shape));
  const J_COLOR_SPACE space = state.jpeg.jpeg_color_space;
  const bool grey = space == JCS_GRAYSCALE;
  if (!grey && space != JCS_YCbCr && space != JCS_RGB) {
    return base::fail(ErrorKind::unsupported,
                      fmt::format("{} is a JPEG file in CMYK or other print colours", file.name),
                      "save it as RGB");
  }
  if (!start(state, grey)) return damaged();
  Picture picture;
  picture.channels = grey ? 1 : 3;
  const std::size_t row_bytes =
      static_cast<std::size_t>(state.jpeg.output_width) * (grey ? 1U : 3U);
  picture.samples.resize(row_bytes * state.jpeg.output_height);
  if (!read_rows(state, picture.samples.data(), row_bytes)) return damaged();
  return picture;
}

}  // namespace heirloom::data
