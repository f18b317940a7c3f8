#include "worker/event_log.h"

#include <cerrno>

#include <fcntl.h>

#include "core/base/clock.h"
#include "core/base/files.h"

namespace heirloom::worker {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{500};

// Whether the file has bytes and the last of them is no newline.
bool ends_in_torn_line(const base::UniqueFd& fd) {
  const off_t size = ::lseek(fd.get(), 0, SEEK_END);
  char last = '\n';
  return size > 0 && ::pread(fd.get(), &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

base::Result<EventLog> EventLog::open(const std::filesystem::path& path, std::int64_t attempt,
                                      jobs::Stage stage) {
  base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd.valid()) return base::fail_errno("open", path.native(), errno);
  if (ends_in_torn_line(fd)) HEIRLOOM_TRY(base::write_all(fd, "\n", path.native()));
  return EventLog(std::move(fd), attempt, stage);
}

void EventLog::write(jobs::Event event) {
  event.attempt = attempt_;
  event.stage = stage_;
  event.at = base::to_iso8601(base::SystemClock().wall());
  // Dropped on failure, by the class comment.
  static_cast<void>(base::write_all(fd_, jobs::to_json_line(event) + "\n", "events"));
}

void EventLog::started(std::int64_t position, std::int64_t total) {
  jobs::Event event;
  event.kind = jobs::Event::Kind::started;
  event.position = position;
  event.total = total;
  write(std::move(event));
}

void EventLog::progress(std::int64_t position, std::int64_t total, double rate, double loss,
                        std::optional<double> distance) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_progress_ < kProgressInterval) return;
  last_progress_ = now;
  jobs::Event event;
  event.kind = jobs::Event::Kind::progress;
  event.position = position;
  event.total = total;
  event.rate = rate;
  event.loss = loss;
  event.distance = distance;
  write(std::move(event));
}

void EventLog::finished(std::int64_t position, std::int64_t total) {
  jobs::Event event;
  event.kind = jobs::Event::Kind::finished;
  event.position = position;
  event.total = total;
  write(std::move(event));
}

}  // namespace heirloom::worker
