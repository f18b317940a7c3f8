#include "core/sandbox/confinement.h"

#include <gtest/gtest.h>

namespace heirloom::sandbox {
namespace {

TEST(SandboxConfinement, ComesBackFromItsText) {
  const Confinement strict{Mode::required,
                           {.memory_mib = 1, .cpu_seconds = 2, .open_files = 3, .file_mib = 4}};
  EXPECT_EQ(to_text(strict), "mode=required memory_mib=1 cpu_seconds=2 open_files=3 file_mib=4");
  EXPECT_EQ(confinement_from_text(to_text(strict)), strict);
  EXPECT_EQ(confinement_from_text(to_text({})), Confinement{});
}

TEST(SandboxConfinement, IsNotHalfUnderstood) {
  for (const char* text :
       {"", "mode=required", "mode=strict memory_mib=1 cpu_seconds=2 open_files=3 file_mib=4",
        "mode=off memory_mib=1 cpu_seconds=2 open_files=3 file_mib=4 more=5",
        "mode=off memory_mib=-1 cpu_seconds=2 open_files=3 file_mib=4",
        "mode=off memory_mib= cpu_seconds=2 open_files=3 file_mib=4",
        "mode=off cpu_seconds=2 memory_mib=1 open_files=3 file_mib=4"}) {
    EXPECT_FALSE(confinement_from_text(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace heirloom::sandbox
