#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

extern char** environ;

namespace qbatch::test {

/// This very test program, started once more to run one hidden test case, whose reports to childReport() can be read here.
class ChildProcess {
 public:
  /// `environment` holds NAME=value texts beside those of this process.
  ChildProcess(const std::string& testCase, const std::vector<std::string>& environment) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be had");
    std::vector<std::string> values = environment;
    for (char** entry = environ; *entry != nullptr; ++entry) values.emplace_back(*entry);
    std::vector<char*> pointers;
    for (std::string& value : values) pointers.push_back(value.data());
    pointers.push_back(nullptr);
    std::string program = "/proc/self/exe", name = testCase;
    char* arguments[] = {program.data(), name.data(), nullptr};
    pid_ = fork();
    if (pid_ == 0) {
      // Only what is safe after a fork with threads about, until the new program begins.
      const int silent = open("/dev/null", O_WRONLY);
      dup2(silent, STDOUT_FILENO);
      if (ends[1] == reportDescriptor) {
        fcntl(ends[1], F_SETFD, 0);
      } else {
        dup2(ends[1], reportDescriptor);
      }
      execve(program.c_str(), arguments, pointers.data());
      _exit(127);
    }
    close(ends[1]);
    reports_ = ends[0];
    if (pid_ < 0) throw std::runtime_error("no child process can be had");
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    killHard();
    close(reports_);
  }

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// The next whole line that the child reported; false at the end. A torn last line is dropped.
  bool readLine(std::string& line) {
    for (;;) {
      if (const auto end = buffer_.find('\n'); end != std::string::npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return true;
      }
      char bytes[4096];
      const auto length = read(reports_, bytes, sizeof bytes);
      if (length < 0 && errno == EINTR) continue;
      if (length <= 0) return false;
      buffer_.append(bytes, static_cast<std::size_t>(length));
    }
  }

  /// kill -9, and waits until the process is gone. What it had reported can still be read.
  void killHard() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, -1), nullptr, 0);
  }

  static constexpr int reportDescriptor = 40;

 private:
  pid_t pid_ = -1;
  int reports_ = -1;
  std::string buffer_;
};

/// In the child: one line to the parent. Lines below 4 KiB of several threads do not mix.
inline void childReport(std::string line) {
  line += '\n';
  if (write(ChildProcess::reportDescriptor, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(3);
}

}  // namespace qbatch::test
