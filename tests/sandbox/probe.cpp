// probe ACTION ARGUMENT: tries one thing and exits with the errno that it got, 0 where it was let.
// The tests start it confined, and free to see that the refusal is the sandbox's.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace {

constexpr const char* kNewName = "/new";

int outcome(long returned) {
  return returned < 0 ? errno : 0;
}

int open_as(const std::string& path, int flags) {
  return outcome(::open(path.c_str(), flags | O_CLOEXEC, 0644));
}

int list(const std::string& path) {
  return ::opendir(path.c_str()) == nullptr ? errno : 0;
}

int in_child(pid_t child) {
  if (child < 0) return errno;
  if (child == 0) ::_exit(0);
  return outcome(::waitpid(child, nullptr, 0));
}

int start_thread() {
  try {
    std::thread([] {}).join();
    return 0;
  } catch (const std::system_error& error) {
    return error.code().value();
  }
}

int read_other(pid_t other) {
  char byte = 0;
  iovec here{&byte, 1};
  iovec there{&byte, 1};
  return outcome(::process_vm_readv(other, &here, 1, &there, 1, 0));
}

int lower_others_limit(pid_t other) {
  rlimit limit{};
  return outcome(::prlimit(other, RLIMIT_CORE, nullptr, &limit));
}

int allocate(std::size_t mebibytes) {
  void* memory = ::mmap(nullptr, mebibytes << 20, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? errno : 0;
}

int write_mebibytes(const std::string& path, int count) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  const std::string chunk(1 << 20, 'x');
  for (int i = 0; i < count; ++i) {
    if (::write(fd, chunk.data(), chunk.size()) < 0) return errno;
  }
  return fd < 0 ? errno : 0;
}

using Action = int (*)(const std::string&);
const std::map<std::string, Action> kActions = {
    {"read", [](const std::string& path) { return open_as(path, O_RDONLY); }},
    {"write", [](const std::string& path) { return open_as(path, O_WRONLY); }},
    {"list", list},
    {"create",
     [](const std::string& folder) {
       return open_as(folder + kNewName, O_WRONLY | O_CREAT | O_EXCL);
     }},
    {"mkdir",
     [](const std::string& folder) { return outcome(::mkdir((folder + kNewName).c_str(), 0755)); }},
    {"symlink",
     [](const std::string& folder) {
       return outcome(::symlink("/etc/passwd", (folder + kNewName).c_str()));
     }},
    {"fifo",
     [](const std::string& folder) {
       return outcome(::mkfifo((folder + kNewName).c_str(), 0644));
     }},
    {"remove", [](const std::string& path) { return outcome(::unlink(path.c_str())); }},
    {"truncate", [](const std::string& path) { return outcome(::truncate(path.c_str(), 0)); }},
    {"chmod", [](const std::string& path) { return outcome(::chmod(path.c_str(), 0777)); }},
    {"chown",
     [](const std::string& path) {
       return outcome(::chown(path.c_str(), ::geteuid(), ::getegid()));
     }},
    {"setxattr",
     [](const std::string& path) {
       return outcome(::setxattr(path.c_str(), "user.x", "y", 1, 0));
     }},
    {"utime",
     [](const std::string& path) {
       return outcome(::utimensat(AT_FDCWD, path.c_str(), nullptr, 0));
     }},
    {"exec",
     [](const std::string& path) { return outcome(::execl(path.c_str(), path.c_str(), nullptr)); }},
    {"socket",
     [](const std::string& domain) {
       return outcome(::socket(std::stoi(domain), SOCK_STREAM, 0));
     }},
    {"socketpair",
     [](const std::string&) {
       int pair[2];
       return outcome(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
     }},
    {"fork", [](const std::string&) { return in_child(::fork()); }},
    {"clone",
     [](const std::string&) {
       return in_child(static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)));
     }},
    {"thread", [](const std::string&) { return start_thread(); }},
    {"kill", [](const std::string& pid) { return outcome(::kill(std::stoi(pid), 0)); }},
    {"ptrace",
     [](const std::string& pid) {
       return outcome(::ptrace(PTRACE_SEIZE, std::stoi(pid), nullptr, nullptr));
     }},
    {"read_memory", [](const std::string& pid) { return read_other(std::stoi(pid)); }},
    {"prlimit", [](const std::string& pid) { return lower_others_limit(std::stoi(pid)); }},
    {"setsid", [](const std::string&) { return outcome(::setsid()); }},
    {"mount",
     [](const std::string& folder) {
       return outcome(::mount("none", folder.c_str(), "tmpfs", 0, nullptr));
     }},
    {"unshare", [](const std::string&) { return outcome(::unshare(CLONE_NEWUSER)); }},
    {"bpf", [](const std::string&) { return outcome(::syscall(SYS_bpf, 0, nullptr, 0)); }},
    {"io_uring",
     [](const std::string&) { return outcome(::syscall(SYS_io_uring_setup, 0, nullptr)); }},
    {"keyctl", [](const std::string&) { return outcome(::syscall(SYS_keyctl, 0, -3, 1)); }},
    {"userfaultfd", [](const std::string&) { return outcome(::syscall(SYS_userfaultfd, 0)); }},
    {"allocate", [](const std::string& mebibytes) { return allocate(std::stoul(mebibytes)); }},
    {"write_4_mib", [](const std::string& path) { return write_mebibytes(path, 4); }},
    {"abort", [](const std::string&) -> int { std::abort(); }},
};

}  // namespace

int main(int argc, char** argv) {
  const auto action = kActions.find(argc == 3 ? argv[1] : "");
  if (action == kActions.end()) {
    std::fputs("usage: probe ACTION ARGUMENT\n", stderr);
    return 255;
  }
  return action->second(argv[2]);
}
