#pragma once
#include <signal.h>
#include <sys/resource.h>

#include <cstddef>
#include <stdexcept>

namespace qbatch::test {

/// As long as it lives, no file of this process can grow beyond so many bytes: what goes beyond is written in part, then refused, as on a
/// full disk, but without the right to mount one.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::size_t bytes) : former_(signal(SIGXFSZ, SIG_IGN)) {
    if (getrlimit(RLIMIT_FSIZE, &limits_) != 0) throw std::runtime_error("no limit can be had");
    rlimit limits = limits_;
    limits.rlim_cur = bytes;
    if (setrlimit(RLIMIT_FSIZE, &limits) != 0) throw std::runtime_error("no limit can be set");
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &limits_);
    signal(SIGXFSZ, former_);
  }

 private:
  void (*former_)(int);
  rlimit limits_{};
};

}  // namespace qbatch::test
