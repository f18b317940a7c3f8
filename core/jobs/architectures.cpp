#include "core/jobs/architectures.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

#include "core/base/names.h"

namespace heirloom::jobs {
namespace {

using base::ErrorKind;
using base::Result;

// "a, b or c".
template <typename Words>
std::string list_words(const Words& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::vector<Architecture> make_architectures() {
  const ArchParameter depth_6n_2{"depth", "layers with weights, 6n + 2", 20, 8, 1202, 6};
  return {
      {"densenet",
       "DenseNet-BC in three dense blocks (Huang et al. 2017)",
       {{"depth", "layers with weights, 6n + 4", 40, 10, 250, 6},
        {"growth", "channels that each layer adds", 12, 1, 128}}},
      {"dla",
       "Deep layer aggregation, trees of basic blocks as in DLA-34 (Yu et al. 2018)",
       {{"width", "channels of the first layer; the last tree has 32 times as many", 16, 1, 128}}},
      {"lenet", "LeNet for small grey images: two convolutions, two fully connected layers", {}},
      {"linear", "One fully connected layer on the pixels, a baseline", {}},
      {"mlp",
       "Fully connected layers with ReLU",
       {{"depth", "hidden layers", 2, 1, 64}, {"width", "units of each", 512, 1, 16384}}},
      {"preresnet",
       "Pre-activation ResNet in three stages (He et al. 2016b)",
       {{"block",
         "two 3x3 convolutions, or 1x1, 3x3 and 1x1 with four times the outputs",
         0,
         0,
         0,
         1,
         {"basic", "bottleneck"}},
        {"depth", "layers with weights: 6n + 2 for basic, 9n + 2 for bottleneck", 20, 8, 1202},
        {"width", "channels of the first stage; the next have 2 and 4 times as many", 16, 1,
         1024}}},
      {"regnet",
       "RegNetX in four stages, for small images (Radosavovic et al. 2020)",
       {{"size",
         "the published network of that many operations",
         0,
         0,
         0,
         1,
         {"200mf", "400mf", "600mf", "800mf"}}}},
      {"resnet",
       "CIFAR-style ResNet in three stages (He et al. 2016a)",
       {depth_6n_2,
        {"width", "channels of the first stage; the next have 2 and 4 times as many", 16, 1,
         1024}}},
      {"resnext",
       "ResNeXt in three stages (Xie et al. 2017)",
       {{"cardinality", "groups of each 3x3 convolution", 8, 1, 128},
        {"depth", "layers with weights, 9n + 2", 29, 11, 272, 9},
        {"width", "channels of a group in the first stage", 8, 1, 256}}},
      {"vgg",
       "VGG with batch normalisation, for small images (Simonyan and Zisserman 2015)",
       {{"depth",
         "layers with weights in the published network",
         2,
         0,
         0,
         1,
         {"11", "13", "16", "19"}},
        {"width", "channels of the first stage; the last has 8 times as many", 64, 1, 512}}},
      {"vit",
       "Small vision transformer (Dosovitskiy et al. 2021)",
       {{"depth", "transformer blocks", 6, 1, 48},
        {"heads", "attention heads; divides width", 4, 1, 64},
        {"patch", "side of a patch in pixels; divides the image's sides", 4, 1, 256},
        {"width", "numbers of a token", 128, 1, 4096}}},
      {"wideresnet",
       "Wide residual network WRN-depth-widen (Zagoruyko and Komodakis 2016)",
       {{"depth", "layers with weights, 6n + 4", 16, 10, 1000, 6},
        {"widen", "channels of the stages, in units of 16, 32 and 64", 4, 1, 32}}},
  };
}

// What stands in `words` nearest to `word`, for a hint; or all of them.
std::string suggestion(std::string_view word, const std::vector<std::string>& words,
                       std::string_view all) {
  const auto nearest = base::nearest_word(word, words);
  return nearest ? fmt::format("did you mean {}? {}", *nearest, all) : std::string(all);
}

Result<const Architecture*> find(const std::string& name) {
  std::vector<std::string> names;
  for (const Architecture& architecture : architectures()) {
    if (architecture.name == name) return &architecture;
    names.emplace_back(architecture.name);
  }
  return base::fail(ErrorKind::usage, fmt::format("unknown architecture \"{}\"", name),
                    suggestion(name, names, "There are " + list_words(names)));
}

Result<const ArchParameter*> find(const Architecture& architecture, const std::string& name) {
  std::vector<std::string> names;
  for (const ArchParameter& parameter : architecture.parameters) {
    if (parameter.name == name) return &parameter;
    names.emplace_back(parameter.name);
  }
  return base::fail(ErrorKind::usage,
                    fmt::format("{} has no parameter \"{}\"", architecture.name, name),
                    names.empty() ? fmt::format("{} takes no parameters", architecture.name)
                                  : suggestion(name, names, "It has " + list_words(names)));
}

std::optional<std::int64_t> value_of(const ArchParameter& parameter, const std::string& text) {
  if (parameter.is_word()) {
    const auto found = std::find(parameter.words.begin(), parameter.words.end(), text);
    if (found == parameter.words.end()) return std::nullopt;
    return found - parameter.words.begin();
  }
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value < parameter.minimum ||
      value > parameter.maximum || (value - parameter.minimum) % parameter.step != 0) {
    return std::nullopt;
  }
  return value;
}

std::string allowed_values(const ArchParameter& parameter) {
  const bool any_integer = !parameter.is_word() && parameter.step == 1;
  return (any_integer ? "an integer from " : "") + parameter.range_text();
}

}  // namespace

std::string ArchParameter::default_text() const {
  if (!is_word()) return std::to_string(default_value);
  return std::string(words.at(static_cast<std::size_t>(default_value)));
}

std::string ArchParameter::range_text() const {
  if (is_word()) return list_words(words);
  if (step == 1) return fmt::format("{} to {}", minimum, maximum);
  return fmt::format("{}, {}, {}, ..., {}", minimum, minimum + step, minimum + 2 * step, maximum);
}

const std::vector<Architecture>& architectures() {
  static const std::vector<Architecture> all = make_architectures();
  return all;
}

ArchValues::ArchValues(const Architecture& architecture) : architecture_(&architecture) {
  for (const ArchParameter& parameter : architecture.parameters) {
    values_.push_back(parameter.default_value);
  }
}

std::size_t ArchValues::position(std::string_view parameter) const {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (architecture_->parameters[i].name == parameter) return i;
  }
  throw std::logic_error(
      fmt::format("{} was asked for its \"{}\"", architecture_->name, parameter));
}

Result<ArchValues> arch_values(const ArchSpec& spec) {
  HEIRLOOM_ASSIGN(const Architecture* architecture, find(spec.name));
  ArchValues values(*architecture);
  for (const auto& [name, text] : spec.parameters) {
    HEIRLOOM_ASSIGN(const ArchParameter* parameter, find(*architecture, name));
    const auto value = value_of(*parameter, text);
    if (!value) {
      return base::fail(ErrorKind::usage,
                        fmt::format("{} of {} is \"{}\", not {}", name, spec.name, text,
                                    allowed_values(*parameter)),
                        std::string(parameter->meaning));
    }
    values.set(name, *value);
  }
  return values;
}

}  // namespace heirloom::jobs
