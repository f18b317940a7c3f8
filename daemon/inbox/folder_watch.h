// inotify on one folder: calls back when files were written or moved in, or when events were lost.
// Used on the loop thread only.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "core/base/result.h"
#include "daemon/async/asio.h"

namespace heirloom::daemon {

class FolderWatch {
 public:
  // `on_change` says only that it is time to look: the folder itself is the truth.
  static base::Result<std::unique_ptr<FolderWatch>> start(net::io_context& loop,
                                                          const std::filesystem::path& folder,
                                                          std::function<void()> on_change);
  ~FolderWatch();

 private:
  struct State;
  explicit FolderWatch(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace heirloom::daemon
