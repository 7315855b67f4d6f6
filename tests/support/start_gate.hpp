#pragma once
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>

namespace qbatch::test {

/// Holds back other processes until all of them are there: a lock on a file, which the parent has first.
class StartGate {
 public:
  explicit StartGate(std::string file) : file_(std::move(file)), descriptor_(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX) != 0) throw std::runtime_error("no gate can be had: " + file_);
  }
  ~StartGate() { ::close(descriptor_); }
  StartGate(const StartGate&) = delete;
  StartGate& operator=(const StartGate&) = delete;

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  void open() const { ::flock(descriptor_, LOCK_UN); }

  /// In another process: returns when the gate is open, or its owner gone.
  static void pass(const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) throw std::runtime_error("there is no gate: " + file);
    while (::flock(descriptor, LOCK_SH) != 0 && errno == EINTR) continue;
    ::close(descriptor);
  }

 private:
  std::string file_;
  int descriptor_;
};

}  // namespace qbatch::test
