#include <array>
#include <csetjmp>
#include <cstring>

#include <fmt/format.h>
#include <png.h>

#include "core/data/picture_decoders.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;
using base::Result;

// Plain data only: longjmp leaves the functions below at any call of libpng.
struct PngState {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  std::size_t at = 0;
  std::array<char, 160> message{};
  png_uint_32 width = 0;
  png_uint_32 height = 0;
  int depth = 0;
  int color = 0;
  bool transparent = false;  // a tRNS chunk
  std::size_t row_bytes = 0;
  int channels = 0;
  int passes = 0;
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* state = static_cast<PngState*>(png_get_error_ptr(png));
  std::strncpy(state->message.data(), message, state->message.size() - 1);
  png_longjmp(png, 1);
}

// Of chunks that do not touch the pixels, as far as this reader asks for any.
void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep out, std::size_t count) {
  auto* state = static_cast<PngState*>(png_get_io_ptr(png));
  if (count > state->size - state->at) png_error(png, "the file ends too early");
  std::memcpy(out, state->bytes + state->at, count);
  state->at += count;
}

// Everything before the pixels. False: state.message says why not.
bool read_header(PngState& state) {
  if (setjmp(png_jmpbuf(state.png)) != 0) return false;
  png_set_read_fn(state.png, &state, read_bytes);
  png_read_info(state.png, state.info);
  png_get_IHDR(state.png, state.info, &state.width, &state.height, &state.depth, &state.color,
               nullptr, nullptr, nullptr);
  state.transparent = png_get_valid(state.png, state.info, PNG_INFO_tRNS) != 0;
  return true;
}

bool prepare_rows(PngState& state) {
  if (setjmp(png_jmpbuf(state.png)) != 0) return false;
  if (state.color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(state.png);
  if (state.color == PNG_COLOR_TYPE_GRAY && state.depth < 8) {
    png_set_expand_gray_1_2_4_to_8(state.png);
  }
  state.passes = png_set_interlace_handling(state.png);
  png_read_update_info(state.png, state.info);
  state.row_bytes = png_get_rowbytes(state.png, state.info);
  state.channels = png_get_channels(state.png, state.info);
  return true;
}

// `samples` has row_bytes * height bytes.
bool read_rows(PngState& state, unsigned char* samples) {
  if (setjmp(png_jmpbuf(state.png)) != 0) return false;
  for (int pass = 0; pass < state.passes; ++pass) {
    for (png_uint_32 row = 0; row < state.height; ++row) {
      png_read_row(state.png, samples + row * state.row_bytes, nullptr);
    }
  }
  png_read_end(state.png, nullptr);
  return true;
}

class PngReader {
 public:
  explicit PngReader(const NamedBytes& file) {
    state.bytes = reinterpret_cast<const unsigned char*>(file.bytes.data());
    state.size = file.bytes.size();
    state.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, on_error, on_warning);
    if (state.png != nullptr) state.info = png_create_info_struct(state.png);
  }
  ~PngReader() { png_destroy_read_struct(&state.png, &state.info, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool ready() const { return state.png != nullptr && state.info != nullptr; }

  PngState state;
};

Result<void> check_kind(const NamedBytes& file, const PngState& state) {
  const auto refuse = [&](std::string_view what, std::string hint) {
    return base::fail(ErrorKind::unsupported, fmt::format("{} is a PNG file {}", file.name, what),
                      std::move(hint));
  };
  if (state.depth == 16) return refuse("of 16 bits a sample", "save it with 8 bits");
  if ((state.color & PNG_COLOR_MASK_ALPHA) != 0 || state.transparent) {
    return refuse("with transparency", "what lies behind it is not known: save it without alpha");
  }
  return {};
}

}  // namespace

Result<Picture> decode_png(const NamedBytes& file, const jobs::InputShape& shape) {
  PngReader reader(file);
  if (!reader.ready()) {
    return base::fail(ErrorKind::unavailable, "not enough memory to read a PNG file");
  }
  PngState& state = reader.state;
  const auto damaged = [&] {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} is a damaged PNG file: {}", file.name, state.message.data()));
  };
  if (!read_header(state)) return damaged();
  HEIRLOOM_TRY(check_picture_size(file, state.width, state.height, shape));
  HEIRLOOM_TRY(check_kind(file, state));
  if (!prepare_rows(state)) return damaged();
  Picture picture;
  picture.channels = state.channels;
  if (state.row_bytes != static_cast<std::size_t>(state.width) * (state.channels == 3 ? 3 : 1)) {
    return base::fail(ErrorKind::internal, "a PNG file of an unexpected layout");
  }
  picture.samples.resize(state.row_bytes * state.height);
  if (!read_rows(state, picture.samples.data())) return damaged();
  return picture;
}

}  // namespace heirloom::data
