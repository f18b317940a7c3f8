#include "core/arch/preflight.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/networks.h"

namespace heirloom::arch {
namespace {

using testing::HasSubstr;

std::string scripted(const std::string& body) {
  torch::jit::Module module("Scripted");
  module.define("def forward(self, x):\n  " + body + "\n");
  std::ostringstream bytes;
  module.save(bytes);
  return std::move(bytes).str();
}

std::string refusal(const std::string& bytes) {
  const auto checked = preflight(bytes, "model.pt");
  if (checked) return "accepted";
  EXPECT_EQ(checked.error().kind, base::ErrorKind::bad_data);
  EXPECT_THAT(checked.error().message, HasSubstr("model.pt"));
  return checked.error().message;
}

const std::string& model() {
  static const std::string kBytes = exported({"linear", {}}, {1, 8, 8}, 1);
  return kBytes;
}

TEST(Preflight, PassesWhatWeAndLibTorchWrite) {
  EXPECT_EQ(refusal(model()), "accepted");
  EXPECT_EQ(refusal(exported({"lenet", {}}, {1, 28, 28}, 1)), "accepted");
  EXPECT_EQ(refusal(scripted("return torch.relu(x)")), "accepted");
}

TEST(Preflight, RefusesAnyOtherLengthOrBeginning) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{21}, model().size() / 2, model().size() - 1}) {
    EXPECT_NE(refusal(model().substr(0, size)), "accepted") << size;
  }
  EXPECT_NE(refusal(model() + "x"), "accepted");
  EXPECT_NE(refusal("x" + model()), "accepted");
}

// LibTorch itself loads most of these, some to other logits.
TEST(Preflight, FindsEveryBitFlipInWeightsAndCode) {
  for (const std::string name : {"/data/0", "/data.pkl", "/constants.pkl"}) {
    const std::size_t header = model().find(name);  // in its local header; padding follows
    ASSERT_NE(header, std::string::npos);
    const std::size_t local = model().rfind("PK\3\4", header);
    const auto byte = [&](std::size_t at) {
      return std::size_t{static_cast<unsigned char>(model()[at])};
    };
    const std::size_t begin = header + name.size() + byte(local + 28) + 256 * byte(local + 29);
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = model();
      damaged[begin] = static_cast<char>(damaged[begin] ^ (1 << bit));
      EXPECT_NE(refusal(damaged), "accepted") << name << bit;
    }
  }
  int passed = 0;
  int flips = 0;
  for (std::size_t at = 0; at < model().size(); at += 7) {
    std::string damaged = model();
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    passed += preflight(damaged, "m").has_value() ? 1 : 0;
    ++flips;
  }
  EXPECT_LT(passed, flips / 3) << "padding and times alone may change";
}

TEST(Preflight, RefusesOperatorsThatTouchFilesOrPrint) {
  EXPECT_THAT(refusal(scripted("return torch.from_file(\"/etc/passwd\", False, 3)")),
              HasSubstr("torch.from_file"));
  EXPECT_THAT(refusal(scripted("print(x)\n  return x")), HasSubstr("print"));
}

TEST(Preflight, WordsInTextAreNoOperators) {
  EXPECT_EQ(refusal(scripted("assert x.dim() > 0, \"torch.save ^print\"\n  return x")), "accepted");
}

// A ZIP file as other tools write it, entry by entry.
class Zip {
 public:
  void add(const std::string& name, const std::string& bytes, std::uint32_t crc,
           std::uint32_t attributes = 0) {
    const auto offset = static_cast<std::uint32_t>(file_.size());
    const std::string common = u16(0) + u16(0) + u32(0) + u32(crc) + size(bytes) + size(bytes) +
                               u16(static_cast<std::uint16_t>(name.size())) + u16(0);
    file_ += "PK\3\4" + u16(20) + common + name + bytes;
    directory_ += "PK\1\2" + u16(20) + u16(20) + common + u16(0) + u16(0) + u16(0) +
                  u32(attributes) + u32(offset) + name;
    ++entries_;
  }
  std::string bytes() const {
    const auto begin = static_cast<std::uint32_t>(file_.size());
    return file_ + directory_ + "PK\5\6" + u16(0) + u16(0) + u16(entries_) + u16(entries_) +
           u32(static_cast<std::uint32_t>(directory_.size())) + u32(begin) + u16(0);
  }

  static std::string u16(std::uint16_t value) {
    return {static_cast<char>(value & 0xff), static_cast<char>(value >> 8)};
  }
  static std::string u32(std::uint32_t value) {
    return u16(static_cast<std::uint16_t>(value & 0xffff)) +
           u16(static_cast<std::uint16_t>(value >> 16));
  }

 private:
  static std::string size(const std::string& bytes) {
    return u32(static_cast<std::uint32_t>(bytes.size()));
  }
  std::string file_;
  std::string directory_;
  std::uint16_t entries_ = 0;
};

// The entries that every module has, all empty: the CRC-32 of nothing is 0.
Zip module_of_nothing() {
  Zip zip;
  for (const char* name : {"m/data.pkl", "m/constants.pkl", "m/version"}) zip.add(name, "", 0);
  return zip;
}

TEST(Preflight, RefusesNamesThatLibTorchNeverWrites) {
  EXPECT_EQ(refusal(module_of_nothing().bytes()), "accepted");
  for (const std::string name : {"m/../escape", "/etc/passwd", "other/data/0", "m/data/x",
                                 "m/evil.so", "m/code/../../x.py", "m/data/", "m"}) {
    Zip zip = module_of_nothing();
    zip.add(name, "", 0);
    EXPECT_NE(refusal(zip.bytes()), "accepted") << name;
  }
  Zip twice = module_of_nothing();
  twice.add("m/version", "", 0);
  EXPECT_THAT(refusal(twice.bytes()), HasSubstr("twice"));
  Zip link = module_of_nothing();
  link.add("m/data/0", "", 0, 0120777U << 16);
  EXPECT_THAT(refusal(link.bytes()), HasSubstr("link"));
  Zip incomplete;
  incomplete.add("m/version", "", 0);
  EXPECT_THAT(refusal(incomplete.bytes()), HasSubstr("data.pkl"));
}

TEST(Preflight, RefusesAnEntryWhoseCrcIsNotItsBytes) {
  Zip zip = module_of_nothing();
  zip.add("m/data/0", "weights", 7);
  EXPECT_THAT(refusal(zip.bytes()), HasSubstr("CRC-32"));
}

TEST(Preflight, RefusesOperatorsOfOtherLibraries) {
  Zip zip = module_of_nothing();
  zip.add("m/code/__torch__.py", "ops.evil.run(x)", 0xd0cd1e90);
  EXPECT_THAT(refusal(zip.bytes()), HasSubstr("ops.evil.run"));
}

}  // namespace
}  // namespace heirloom::arch
