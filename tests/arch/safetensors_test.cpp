#include "core/arch/safetensors.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heirloom::arch {
namespace {

using testing::HasSubstr;

// A file with this header, and `size` bytes behind it.
std::string file_with(const std::string& header, std::size_t size) {
  const std::uint64_t length = header.size();
  std::string file(sizeof(length), '\0');
  std::memcpy(file.data(), &length, sizeof(length));
  return file + header + std::string(size, '\x01');
}

std::string with_length(std::string file, std::uint64_t length) {
  std::memcpy(file.data(), &length, sizeof(length));
  return file;
}

// A tensor's entry in a header.
std::string entry(const std::string& dtype, const std::string& shape, const std::string& range) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + range + "}";
}

std::string refusal(const std::string& file) {
  const auto parsed = parse_safetensors(file, "w.safetensors");
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().kind, base::ErrorKind::bad_data);
  EXPECT_THAT(parsed.error().message, HasSubstr("w.safetensors: "));
  return parsed.error().message;
}

TEST(Safetensors, ReadWhatTheWriterWrites) {
  const std::vector<TensorToStore> tensors{
      {"fc.weight", {2, 3}, std::string(24, 'a')}, {"b", {1}, "bbbb"}, {"scalar", {}, "cccc"}};
  const std::string file = make_safetensors(tensors);
  EXPECT_EQ((file.size() - 32) % 8, 0U) << "the bytes are not aligned";
  const auto parsed = parse_safetensors(file, "f").value();
  ASSERT_EQ(parsed.size(), 3U);
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    EXPECT_EQ(parsed[i].name, tensors[i].name);
    EXPECT_EQ(parsed[i].type, WeightType::f32);
    EXPECT_EQ(parsed[i].shape, tensors[i].shape);
    EXPECT_EQ(parsed[i].bytes, tensors[i].bytes);
  }
}

TEST(Safetensors, TakeHalfTypesMetadataAndEmptyTensors) {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"h":)" + entry("F16", "[3]", "[0,6]") + R"(,"e":)" +
      entry("F32", "[0,7]", "[6,6]") + R"(,"b":)" + entry("BF16", "[]", "[6,8]") + "}   ";
  const auto parsed = parse_safetensors(file_with(header, 8), "f");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text();
  ASSERT_EQ(parsed->size(), 3U);
  EXPECT_EQ((*parsed)[0].type, WeightType::f16);
  EXPECT_EQ((*parsed)[2].type, WeightType::bf16);
}

TEST(Safetensors, RefuseEachMistakeInWords) {
  const std::string good = R"({"a":)" + entry("F32", "[2]", "[0,8]") + "}";
  ASSERT_EQ(refusal(file_with(good, 8)), "accepted");
  const auto one = [](const std::string& body) { return R"({"a":)" + body + "}"; };
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":)" + entry("F32", "[2]", a) + R"(,"b":)" + entry("F32", "[2]", b) + "}";
  };
  const struct {
    std::string file;
    const char* message;
  } mistakes[] = {
      {"", "too short for a header"},
      {std::string(7, '\0'), "too short for a header"},
      {with_length(file_with(good, 8), 1000), "the header has 1000 bytes, but only"},
      {with_length(file_with(good, 8), 100'000'001), "more than the 100000000"},
      {with_length(file_with(good, 8), ~std::uint64_t{0}), "more than the 100000000"},
      {file_with("", 0), "does not begin with {"},
      {file_with(" " + good, 8), "does not begin with {"},
      {file_with("\xEF\xBB\xBF" + good, 8), "does not begin with {"},
      {file_with("[]", 0), "does not begin with {"},
      {file_with(good.substr(0, good.size() - 1), 8), "not JSON"},
      {file_with(good + "{}", 8), "not JSON"},
      {file_with("{\"a\xFF\":1}", 0), "not JSON"},
      {file_with(R"({"a":)" + entry("F32", "[2]", "[0,8]") + R"(,"a":)" +
                     entry("F32", "[2]", "[0,8]") + "}",
                 8),
       "has the key \"a\" twice"},
      {file_with(one(R"({"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]})"), 8),
       "has the key \"dtype\" twice"},
      {file_with(one("3"), 8), "must have dtype, shape and data_offsets alone"},
      {file_with(one(R"({"dtype":"F32","shape":[2]})"), 8), "must have dtype, shape"},
      {file_with(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"strides":[1]})"), 8),
       "must have dtype, shape"},
      {file_with(one(entry("F64", "[1]", "[0,8]")), 8), "type \"F64\", not F32, F16 or BF16"},
      {file_with(one(R"({"dtype":4,"shape":[2],"data_offsets":[0,8]})"), 8), "type 4, not F32"},
      {file_with(one(entry("F32", "2", "[0,8]")), 8), "a shape that is no list of naturals"},
      {file_with(one(entry("F32", "[2.0]", "[0,8]")), 8), "a shape that is no list of naturals"},
      {file_with(one(entry("F32", "[-2]", "[0,8]")), 8), "a shape that is no list of naturals"},
      {file_with(one(entry("F32", "[\"2\"]", "[0,8]")), 8), "a shape that is no list of naturals"},
      {file_with(one(entry("F32", "[2]", "[0,8,8]")), 8), "data_offsets that are not two naturals"},
      {file_with(one(entry("F32", "[2]", "[-8,0]")), 8), "data_offsets that are not two naturals"},
      {file_with(one(entry("F32", "[2]", "[8,0]")), 8), "bytes 8 to 0 of 8"},
      {file_with(one(entry("F32", "[2]", "[0,8]")), 7), "bytes 0 to 8 of 7"},
      {file_with(one(entry("F32", "[3]", "[0,8]")), 8), "which is not what its shape [3] takes"},
      {file_with(one(entry("F16", "[2]", "[0,8]")), 8), "which is not what its shape [2] takes"},
      // 2^62 * 4 bytes is 0 in 64 bits, and so is 2^32 * 2^32.
      {file_with(one(entry("F32", "[4611686018427387904]", "[0,0]")), 0), "not what its shape"},
      {file_with(one(entry("F32", "[4294967296,4294967296]", "[0,0]")), 0), "not what its shape"},
      {file_with(one(entry("F32", "[0,18446744073709551615]", "[0,0]")), 0), "not what its shape"},
      {file_with(two("[0,8]", "[4,12]"), 12), "tensor \"b\" shares bytes with another"},
      {file_with(two("[0,8]", "[0,8]"), 8), "tensor \"b\" shares bytes with another"},
      {file_with(two("[0,8]", "[12,20]"), 20), "bytes 8 to 12 belong to no tensor"},
      {file_with(two("[4,12]", "[12,20]"), 20), "bytes 0 to 4 belong to no tensor"},
      {file_with(good, 9), "bytes 8 to 9 belong to no tensor"},
      {file_with("{}", 1), "bytes 0 to 1 belong to no tensor"},
      {file_with(R"({"__metadata__":{"format":1}})", 0),
       "__metadata__ is not an object of strings"},
      {file_with(R"({"__metadata__":["pt"]})", 0), "__metadata__ is not an object of strings"},
  };
  for (const auto& [file, message] : mistakes) EXPECT_THAT(refusal(file), HasSubstr(message));
}

}  // namespace
}  // namespace heirloom::arch
