// Pictures: PNG and JPEG files as pixels of a model's input shape. Nothing is scaled, cropped,
// rotated (EXIF is not read) or colour-managed: a pixel is the sample that the file holds.
//
//   PNG    8-bit grey or RGB, palettes of opaque colours, and grey of 1, 2 or 4 bits (times 255, 85
//          or 17). Refused: alpha or a transparent colour, 16 bits.
//   JPEG   grey or colour of 8 bits, as libjpeg-turbo's accurate integer transform decodes it.
//          Refused: CMYK, and every file that the library warns about.
//
// With ChannelRule::fitting, a grey file for a model of three channels gives three equal ones, and
// a colour file for a model of one channel is read if red, green and blue are equal in every pixel:
// there is more than one way to make colours grey, and the model has seen one of them. With
// ChannelRule::exact both are refused.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/data/idx.h"
#include "core/jobs/model_spec.h"

namespace heirloom::data {

enum class PictureFormat { png, jpeg };

enum class ChannelRule { fitting, exact };

// By its first bytes. Error (bad_data): neither.
base::Result<PictureFormat> picture_format(const NamedBytes& file);

// Pixels [C, H, W]. Errors name the file: bad_data (damaged, cut short, another size than the
// model's: both are told), unsupported (what the list above refuses), unavailable (no memory). The
// size is known to fit before a pixel is decoded, so that a file cannot ask for memory.
base::Result<std::vector<std::uint8_t>> read_picture(const NamedBytes& file,
                                                     const jobs::InputShape& shape,
                                                     ChannelRule rule = ChannelRule::fitting);

}  // namespace heirloom::data
