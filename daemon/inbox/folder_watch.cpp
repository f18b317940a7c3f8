#include "daemon/inbox/folder_watch.h"

#include <array>
#include <cerrno>

#include <sys/inotify.h>

#include "core/base/unique_fd.h"

namespace heirloom::daemon {

struct FolderWatch::State : std::enable_shared_from_this<State> {
  State(net::io_context& loop, int fd, std::function<void()> callback)
      : inotify(loop, fd), on_change(std::move(callback)) {}

  net::posix::stream_descriptor inotify;
  std::function<void()> on_change;
  // The events' contents are not looked at: any of them, an overflow too, means "scan".
  std::array<char, 4096> buffer{};

  void read() {
    inotify.async_read_some(
        net::buffer(buffer),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
          if (error) return;  // closed
          self->on_change();
          self->read();
        });
  }
};

base::Result<std::unique_ptr<FolderWatch>> FolderWatch::start(net::io_context& loop,
                                                              const std::filesystem::path& folder,
                                                              std::function<void()> on_change) {
  base::UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd.valid()) return base::fail_errno("watch", folder.native(), errno);
  if (::inotify_add_watch(fd.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) <
      0) {
    return base::fail_errno("watch", folder.native(), errno);
  }
  auto state = std::make_shared<State>(loop, fd.release(), std::move(on_change));
  state->read();
  return std::unique_ptr<FolderWatch>(new FolderWatch(std::move(state)));
}

FolderWatch::~FolderWatch() {
  boost::system::error_code ignored;
  state_->inotify.close(ignored);
}

}  // namespace heirloom::daemon
