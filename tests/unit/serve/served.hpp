#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "qbatch/http_server.hpp"
#include "support/raw_client.hpp"

namespace qbatch::test {

/// Says what it was asked.
inline void echo(qbatch::HttpRequest request, const qbatch::Respond& respond) {
  respond(
      {.contentType = "text/plain",
       .body = request.method + " " + request.path + "?" + request.query + " " + std::to_string(request.body.size()) + " " + request.body});
}

/// A running server with its clients.
struct Served {
  explicit Served(qbatch::HttpServerOptions options = {}, qbatch::HttpHandler handler = echo) : server(std::move(options)) {
    server.start(std::move(handler));
  }
  [[nodiscard]] RawClient client() const { return RawClient(server.port()); }

  qbatch::HttpServer server;
};

/// A handler that keeps its requests until they are released.
class HeldRequests {
 public:
  ~HeldRequests() { release(); }
  /// Blocks the server's thread.
  qbatch::HttpHandler blocking() {
    return [this](const qbatch::HttpRequest& request, const qbatch::Respond& respond) {
      std::unique_lock lock(mutex_);
      ++arrived_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return released_ || request.path == "/free"; });
      lock.unlock();
      respond({.body = "released"});
    };
  }
  /// Keeps only the Respond.
  qbatch::HttpHandler keeping() {
    return [this](const qbatch::HttpRequest&, qbatch::Respond respond) {
      const std::lock_guard lock(mutex_);
      ++arrived_;
      kept_.push_back(std::move(respond));
      changed_.notify_all();
    };
  }
  void waitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, RawClient::bound, [&] { return arrived_ >= count; })) throw std::runtime_error("requests did not arrive");
  }
  void release() {
    std::vector<qbatch::Respond> kept;
    {
      const std::lock_guard lock(mutex_);
      released_ = true;
      kept.swap(kept_);
      changed_.notify_all();
    }
    for (const auto& respond : kept) respond({.body = "released"});
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    kept_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrived_ = 0;
  bool released_ = false;
  std::vector<qbatch::Respond> kept_;
};

}  // namespace qbatch::test
