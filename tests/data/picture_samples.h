// Picture files in memory, written by the libraries that will read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <png.h>
// Needs <cstddef> and <cstdio> before it.
#include <jpeglib.h>

namespace heirloom::data {

struct PngSpec {
  std::uint32_t width = 3;
  std::uint32_t height = 2;
  int depth = 8;
  int color = PNG_COLOR_TYPE_GRAY;
  int interlace = PNG_INTERLACE_NONE;
  // Called before the header is written: palettes, transparency, gamma.
  std::function<void(png_structp, png_infop)> extras = {};
};

// `rows` is packed as PNG packs it: every row begins at a byte.
inline std::string png_file(const PngSpec& spec, const std::vector<std::uint8_t>& rows) {
  std::string out;
  png_structp png = png_create_write_struct(
      PNG_LIBPNG_VER_STRING, nullptr,
      [](png_structp, png_const_charp words) { throw std::runtime_error(words); }, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp writer, png_bytep bytes, std::size_t count) {
        static_cast<std::string*>(png_get_io_ptr(writer))
            ->append(reinterpret_cast<const char*>(bytes), count);
      },
      nullptr);
  png_set_IHDR(png, info, spec.width, spec.height, spec.depth, spec.color, spec.interlace,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (spec.extras) spec.extras(png, info);
  png_write_info(png, info);
  std::vector<std::uint8_t> copy = rows;
  const std::size_t stride = png_get_rowbytes(png, info);
  std::vector<png_bytep> pointers;
  for (std::uint32_t y = 0; y < spec.height; ++y) pointers.push_back(copy.data() + y * stride);
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

// `rows` is [height, width, components]. Quality 100.
inline std::string jpeg_file(unsigned width, unsigned height, J_COLOR_SPACE space, int components,
                             std::vector<std::uint8_t> rows, bool progressive = false) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = components;
  jpeg.in_color_space = space;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < height) {
    unsigned char* row = rows.data() + static_cast<std::size_t>(jpeg.next_scanline) * width *
                                           static_cast<std::size_t>(components);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string out(reinterpret_cast<const char*>(memory), size);
  std::free(memory);
  return out;
}

}  // namespace heirloom::data
