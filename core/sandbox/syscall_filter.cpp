#include "core/sandbox/syscall_filter.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace heirloom::sandbox {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kMachine = 0;  // numbers and order of arguments are not known: no filter
#endif

// Newer than Debian 12's headers; the same on every machine.
constexpr int kFchmodat2 = 452;
constexpr int kSetxattrat = 463;
constexpr int kRemovexattrat = 466;
constexpr int kOpenTreeAttr = 467;
constexpr int kFileSetattr = 469;

constexpr int kRefused[] = {
    // The network, and unix sockets with it: the daemon's is one.
    SYS_socket,
    SYS_socketpair,
    // Other processes of the same user.
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_process_mrelease,
    SYS_kcmp,
    SYS_pidfd_open,
    SYS_pidfd_getfd,
    SYS_pidfd_send_signal,
    SYS_tkill,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_setpriority,
    SYS_sched_setscheduler,
    SYS_sched_setparam,
    SYS_sched_setattr,
    SYS_ioprio_set,
    SYS_migrate_pages,
    SYS_move_pages,
    // The daemon ends a worker by its process group: it stays in there.
    SYS_setpgid,
    SYS_setsid,
    // What Landlock lets a process do to a file that it may not open. fchmod is let be: files are
    // written under a temporary name and given their mode there.
    SYS_truncate,
    SYS_fchmodat,
    kFchmodat2,
    SYS_fchown,
    SYS_fchownat,
    SYS_utimensat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    kSetxattrat,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    kRemovexattrat,
    kFileSetattr,
#ifdef __x86_64__  // older names, which newer machines never had
    SYS_fork,
    SYS_vfork,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_utime,
    SYS_utimes,
    SYS_futimesat,
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
    // Mounts and namespaces.
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_open_tree,
    kOpenTreeAttr,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_unshare,
    SYS_setns,
    SYS_open_by_handle_at,
    SYS_swapon,
    SYS_swapoff,
    SYS_quotactl,
    SYS_quotactl_fd,
    // Large parts of the kernel that no job needs, where its faults have been found.
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_fanotify_init,
    SYS_shmget,
    SYS_msgget,
    SYS_semget,
    SYS_mq_open,
    SYS_personality,
    // The machine.
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
    SYS_reboot,
    SYS_acct,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
};

// The filter is a program of the kernel's packet filter over seccomp_data; it ends at a verdict.
class Program {
 public:
  explicit Program(std::uint32_t own_pid) {
    load(offsetof(seccomp_data, arch));
    unless_equal(kMachine, SECCOMP_RET_ERRNO | EPERM);
    load(offsetof(seccomp_data, nr));
#ifdef __x86_64__
    constexpr std::uint32_t kX32 = 0x40000000;  // a second set of numbers, for a second ABI
    add(BPF_JMP | BPF_JGE | BPF_K, kX32, 0, 1);
    verdict(SECCOMP_RET_ERRNO | EPERM);
#endif
    for (const int number : kRefused) {
      when_equal(number, 1);
      verdict(SECCOMP_RET_ERRNO | EPERM);
    }
    // glibc asks for clone3, whose flags lie in memory that a filter cannot see, and falls back to
    // clone where there is none.
    when_equal(SYS_clone3, 1);
    verdict(SECCOMP_RET_ERRNO | ENOSYS);
    threads_only(SYS_clone);
    // abort() sends itself a signal; nobody else gets one, even where Landlock is too old to know.
    own_only(SYS_kill, own_pid, own_pid);
    own_only(SYS_tgkill, own_pid, own_pid);
    own_only(SYS_prlimit64, own_pid, 0);
    verdict(SECCOMP_RET_ALLOW);
  }

  sock_fprog view() {
    return {static_cast<unsigned short>(code_.size()), code_.data()};
  }

 private:
  void add(int code, std::uint32_t value, int if_true = 0, int if_false = 0) {
    code_.push_back({static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(if_true),
                     static_cast<std::uint8_t>(if_false), value});
  }
  void load(std::size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
  }
  void verdict(std::uint32_t value) {
    add(BPF_RET | BPF_K, value);
  }
  // Passes over the next `count` instructions when another call was made.
  void when_equal(int number, int count) {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, count);
  }
  void unless_equal(std::uint32_t value, std::uint32_t then) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    verdict(then);
  }
  // The low half: the kernel takes these arguments as 32 bits. Little-endian, as both machines are.
  void load_first_argument() {
    load(offsetof(seccomp_data, args));
  }

  void threads_only(int number) {
    when_equal(number, 4);
    load_first_argument();
    add(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
    verdict(SECCOMP_RET_ERRNO | EPERM);
    verdict(SECCOMP_RET_ALLOW);
  }
  void own_only(int number, std::uint32_t pid, std::uint32_t other_name) {
    when_equal(number, 5);
    load_first_argument();
    add(BPF_JMP | BPF_JEQ | BPF_K, pid, 2, 0);
    add(BPF_JMP | BPF_JEQ | BPF_K, other_name, 1, 0);
    verdict(SECCOMP_RET_ERRNO | EPERM);
    verdict(SECCOMP_RET_ALLOW);
  }

  std::vector<sock_filter> code_;
};

}  // namespace

bool can_filter_syscalls() {
  if (kMachine == 0) return false;
  // A kernel that takes filters goes as far as to look for this one, which is nowhere.
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr) != 0 && errno == EFAULT;
}

base::Result<void> filter_syscalls() {
  Program program(static_cast<std::uint32_t>(::getpid()));
  const sock_fprog code = program.view();
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &code) != 0) {
    return base::fail_errno("enter", "seccomp", errno);
  }
  return {};
}

}  // namespace heirloom::sandbox
