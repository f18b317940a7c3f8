#include "core/base/base64.h"

#include <gtest/gtest.h>

namespace heirloom::base {
namespace {

TEST(Base64, IsThatOfTheStandard) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text).value(), bytes);
  }
}

TEST(Base64, GivesEveryByteBack) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)).value(), bytes);
    bytes.push_back(static_cast<char>(i * 167 + 250));
  }
}

TEST(Base64, IsReadStrictly) {
  for (const char* wrong : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm9v\n", "Zm 9v",
                            "Zg==Zg==", "Z===", "Zh==", "Zm9=", "Zm-v", "Zm9v="}) {
    EXPECT_FALSE(from_base64(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace heirloom::base
