// A folder of small grey pictures of three classes, made on disk.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/data/picture_samples.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::data {

inline constexpr std::uint32_t kSide = 4;  // of the pictures

// A picture of one value.
inline std::string plain_png(std::uint8_t value) {
  return png_file({.width = kSide, .height = kSide},
                  std::vector<std::uint8_t>(kSide * kSide, value));
}

inline void write_below(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  fakes::write_file(path, bytes);
}

// Class names chosen so that the order of bytes, of whole paths and of people differ. Pictures are
// of the value `first` and on, in the order of the manifest.
struct PictureTree : fakes::TempFolder {
  explicit PictureTree(std::uint8_t first = 0) {
    const auto value = [&](int i) { return static_cast<std::uint8_t>(first + i); };
    write_below(*this / "cat/b.png", plain_png(value(3)));
    write_below(*this / "cat/a.jpg", jpeg_file(kSide, kSide, JCS_GRAYSCALE, 1,
                                               std::vector<std::uint8_t>(kSide * kSide, value(2))));
    write_below(*this / "Zebra/10.png", plain_png(value(0)));
    write_below(*this / "Zebra/9.PNG", plain_png(value(1)));
    write_below(*this / "cat-big/x.jpeg", plain_png(value(4)));  // a PNG file by its content
  }
};

}  // namespace heirloom::data
