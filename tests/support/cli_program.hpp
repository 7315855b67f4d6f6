#pragma once
#include <fcntl.h>
#include <signal.h>
#include <simdjson.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/scratch_folder.hpp"

namespace qbatch::test {

/// What a run of the command line left: exit code (128 and more for a signal) and what it wrote.
struct CliResult {
  int exit = -1;
  std::string out{}, err{};
};

/// A JSON document and what keeps it alive.
struct CliJson {
  explicit CliJson(const std::string& text) : root(parser.parse(text)) {}
  simdjson::dom::parser parser{};
  simdjson::dom::element root{};
  /// By JSON pointer, for example "/summary/total". Throws where there is no such member.
  [[nodiscard]] simdjson::dom::element at(std::string_view pointer) const { return root.at_pointer(pointer); }
  [[nodiscard]] std::int64_t number(std::string_view pointer) const { return at(pointer); }
  [[nodiscard]] std::string text(std::string_view pointer) const { return std::string(std::string_view(at(pointer))); }
  [[nodiscard]] std::size_t size(std::string_view pointer) const { return simdjson::dom::array(at(pointer)).size(); }
  [[nodiscard]] bool has(std::string_view pointer) const { return root.at_pointer(pointer).error() == simdjson::SUCCESS; }
};

/// The command line `qbatch`, run in a folder of its own with an environment of its own.
class CliProgram {
 public:
  explicit CliProgram(std::string program) : program_(std::move(program)) {}

  /// NAME=value texts for the runs that follow.
  std::vector<std::string> environment{};
  /// Standard input of the runs that follow.
  std::string input{};

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream file(path(name), std::ios::binary);
    file << text;
    if (!file.flush()) throw std::runtime_error("cannot write " + path(name));
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// stdout goes to the file `out`; empty: to where CliResult::out is read from. `started` gets the program's process at once.
  [[nodiscard]] CliResult run(const std::vector<std::string>& arguments, const std::string& out = {},
                              const std::function<void(pid_t pid)>& started = {}) const {
    const int err = ::open(path(".err").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const pid_t pid = start(arguments, err, out);
    ::close(err);
    if (started) started(pid);
    CliResult result = finish(pid);
    result.err = read(".err");
    return result;
  }
  /// False where the machine has no pseudo-terminals to give (a bare root without /dev/pts).
  [[nodiscard]] static bool terminalToBeHad() {
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) return false;
    const char* name = ::grantpt(terminal) == 0 && ::unlockpt(terminal) == 0 ? ::ptsname(terminal) : nullptr;
    const bool there = name && ::access(name, R_OK | W_OK) == 0;
    ::close(terminal);
    return there;
  }
  /// `seen` gets all that was written to stderr, again and again as it grows, and the program's process.
  [[nodiscard]] CliResult runWatched(const std::vector<std::string>& arguments,
                                     const std::function<void(const std::string& text, pid_t pid)>& seen) const {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be had");
    const pid_t pid = start(arguments, ends[1]);
    ::close(ends[1]);
    const auto text = readAll(ends[0], pid, seen);
    CliResult result = finish(pid);
    result.err = text;
    return result;
  }
  /// The same with stderr on a terminal. `seen` gets all that was written there, again and again as it grows.
  [[nodiscard]] CliResult runOnTerminal(const std::vector<std::string>& arguments,
                                        const std::function<void(const std::string& text, pid_t pid)>& seen = {}) const {
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) throw std::runtime_error("no terminal can be had");
    const int end = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    const pid_t pid = start(arguments, end);
    ::close(end);
    const auto text = readAll(terminal, pid, seen);
    CliResult result = finish(pid);
    result.err = text;
    return result;
  }

 private:
  /// All up to the end; closes the descriptor.
  static std::string readAll(int descriptor, pid_t pid, const std::function<void(const std::string& text, pid_t pid)>& seen) {
    std::string text;
    char bytes[4096];
    for (;;) {
      const auto got = ::read(descriptor, bytes, sizeof bytes);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      text.append(bytes, static_cast<std::size_t>(got));
      if (seen) seen(text, pid);
    }
    ::close(descriptor);
    return text;
  }

  [[nodiscard]] pid_t start(const std::vector<std::string>& arguments, int err, const std::string& outFile = {}) const {
    write(".in", input);
    const int in = ::open(path(".in").c_str(), O_RDONLY | O_CLOEXEC);
    const int out = ::open(outFile.empty() ? path(".out").c_str() : outFile.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    auto words = arguments;
    words.insert(words.begin(), program_);
    auto values = environment;
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
      if (const char* value = std::getenv(name)) values.push_back(std::string(name) + "=" + value);
    const auto words0 = pointers(words), values0 = pointers(values);
    const std::string folder = folder_.path().string();
    const pid_t pid = ::fork();
    if (pid == 0) {
      // Only what is safe after a fork with threads about, until the new program begins.
      ::dup2(in, STDIN_FILENO);
      ::dup2(out, STDOUT_FILENO);
      ::dup2(err, STDERR_FILENO);
      ::signal(SIGINT, SIG_DFL);
      if (::chdir(folder.c_str()) == 0) ::execve(program_.c_str(), words0.data(), values0.data());
      ::_exit(127);
    }
    ::close(in);
    ::close(out);
    if (pid < 0) throw std::runtime_error("no child process can be had");
    return pid;
  }

  [[nodiscard]] CliResult finish(pid_t pid) const {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    CliResult result;
    result.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = read(".out");
    return result;
  }

  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

  std::string program_;
  ScratchFolder folder_;
};

}  // namespace qbatch::test
