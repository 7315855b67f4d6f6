#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "rest/sequence.hpp"

namespace qbatch::rest {

/// Who writes, and under which number: names every flush of a backend. A process that was forked gets a name of its own, since two writers
/// of one name would take each other's marks for their own. Thread-safe.
class Writer {
 public:
  struct Flush {
    std::string writer{};
    std::uint64_t sequence{};
  };

  /// Above every number that this writer had before.
  [[nodiscard]] Flush next(std::chrono::system_clock::time_point now);
  [[nodiscard]] std::string name();
  /// True in a process that was forked from the one in which this object was made.
  [[nodiscard]] bool forked() const noexcept;

 private:
  Sequence sequence_;
  std::mutex mutex_;
  const pid_t maker_ = ownProcess();
  pid_t process_ = maker_;
  std::string name_ = randomWriter();

  [[nodiscard]] static pid_t ownProcess() noexcept;
};

}  // namespace qbatch::rest
