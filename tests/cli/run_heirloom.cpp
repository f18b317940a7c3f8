#include "tests/cli/run_heirloom.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <pty.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cli/temporary_folder.h"

namespace heirloom::cli::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> command_line(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {HEIRLOOM_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int exit_code_of(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int spawn_and_wait(const std::vector<std::string>& arguments, const Surroundings& where,
                   const std::string& out, const std::string& err) {
  std::vector<std::string> words = command_line(arguments);
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"};
  for (const auto& [name, value] : where.environment) environment.push_back(name + "=" + value);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!where.folder.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, where.folder.c_str());
  }
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), flags, 0600);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, HEIRLOOM_BINARY, &actions, nullptr,
                                   pointers(words).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("posix_spawn failed");
  return exit_code_of(child);
}

}  // namespace

Outcome run_heirloom(const std::vector<std::string>& arguments, const Surroundings& where) {
  const TemporaryFolder folder;
  const std::string out = folder.path() / "out";
  const std::string err = folder.path() / "err";
  const int code = spawn_and_wait(arguments, where, out, err);
  return {code, contents(out), contents(err)};
}

Outcome run_heirloom_into(const std::string& file, const std::vector<std::string>& arguments,
                          const Surroundings& where) {
  const TemporaryFolder folder;
  const std::string err = folder.path() / "err";
  const int code = spawn_and_wait(arguments, where, file, err);
  return {code, "", contents(err)};
}

Outcome run_heirloom_on_terminal(const std::vector<std::string>& arguments, unsigned short columns,
                                 unsigned short rows) {
  winsize size{};
  size.ws_col = columns;
  size.ws_row = rows;
  std::vector<std::string> words = command_line(arguments);
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TERM=xterm"};
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(environment);
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child < 0) throw std::runtime_error("forkpty failed");
  if (child == 0) {
    ::execve(HEIRLOOM_BINARY, argv.data(), envp.data());
    ::_exit(127);
  }
  Outcome outcome;
  char buffer[4096];
  // Ends with EIO when the child has closed its side.
  for (ssize_t got = 0; (got = ::read(terminal, buffer, sizeof buffer)) > 0;) {
    outcome.out.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(terminal);
  outcome.code = exit_code_of(child);
  return outcome;
}

}  // namespace heirloom::cli::test
