#pragma once
#include <string>

#include "local/engine.hpp"
#include "qbatch/http_server.hpp"

namespace qbatch::serve {

/// Qdrant's REST API over an engine: requests in, answers out. Any thread may hand requests in.
class Api {
 public:
  /// ":memory:" or a file. Throws RequestError.
  explicit Api(const std::string& file) : engine_(file) {}
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  /// Answers once, never throws: a read on this thread, a write when it is on the disk. Destroying the object waits for writes.
  void handle(HttpRequest request, Respond respond);

  [[nodiscard]] local::Engine& engine() noexcept { return engine_; }

 private:
  local::Engine engine_;
};

}  // namespace qbatch::serve
