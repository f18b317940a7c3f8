#include "daemon/views/views.h"

namespace heirloom::daemon {

Json sandbox_view(const sandbox::Confinement& confinement, const sandbox::Layers& available) {
  const bool off = confinement.mode == sandbox::Mode::off;
  const sandbox::Layers layers = off ? sandbox::Layers{} : available;
  const std::string missing = layers.missing();
  return Json{{"mode", sandbox::to_string(confinement.mode)},
              {"no_new_privs", layers.no_new_privs},
              {"landlock", layers.landlock},
              {"seccomp", layers.seccomp},
              {"missing", missing.empty() ? Json(nullptr) : Json(missing)}};
}

}  // namespace heirloom::daemon
