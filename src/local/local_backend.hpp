#pragma once
#include <string>

#include "local/engine.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::local {

/// The embedded engine behind the seam. Reads are carried out on the calling thread, writes on the engine's. Destroying it waits until
/// every write was answered; it may be destroyed inside a completion.
class LocalBackend final : public Backend {
 public:
  /// ":memory:" keeps everything in memory alone. Throws RequestError.
  explicit LocalBackend(const std::string& file) : engine_(file) {}

  void run(const Request& request, CallLimits limits, Completion completion) override;

 private:
  Engine engine_;
};

}  // namespace qbatch::local
