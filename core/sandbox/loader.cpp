#include "core/sandbox/loader.h"

#include <link.h>

namespace heirloom::sandbox {

std::string loader_path() {
  std::string path;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          if (info->dlpi_phdr[i].p_type != PT_INTERP) continue;
          const auto at = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
          *static_cast<std::string*>(out) = reinterpret_cast<const char*>(at);
        }
        return 1;  // the program itself comes first, and libraries name none
      },
      &path);
  return path;
}

}  // namespace heirloom::sandbox
