#pragma once
#include <sys/types.h>

#include <memory>
#include <string>

#include "qbatch/backend.hpp"

namespace qbatch::local {

/// The embedded engine behind the seam. Reads are carried out on the calling thread, writes one after the other on a thread of its own.
class LocalBackend final : public Backend {
 public:
  /// ":memory:" keeps everything in memory alone. Throws RequestError.
  explicit LocalBackend(const std::string& file);
  LocalBackend(const LocalBackend&) = delete;
  LocalBackend& operator=(const LocalBackend&) = delete;
  /// Waits until every write was answered. May run inside a completion; the rest of the writes is then carried out afterwards.
  ~LocalBackend() override;

  void run(const Request& request, CallLimits limits, Completion completion) override;

 private:
  struct Engine;
  struct Running;

  pid_t process_;  // a forked child has the memory but neither the thread nor the file
  std::unique_ptr<Running> running_;
};

}  // namespace qbatch::local
