#pragma once
#include <chrono>
#include <memory>
#include <utility>

#include "support/fake_transport.hpp"
#include "support/faulty_server.hpp"

namespace qbatch::test {

/// The way to a FaultyServer, without sockets. Its clock runs fast: what waits for a second waits for a twentieth of it.
class FaultyWire : public http::Transport {
 public:
  explicit FaultyWire(FaultyServer& server) : server_(server) {}

  void start(http::Request request, http::Done done) override {
    const auto shared = std::make_shared<http::Request>(std::move(request));
    line_.wakeAt(http::TimePoint::min(), {}, [this, shared, done = std::move(done)]() mutable {
      auto reply = server_.handle(*shared);
      if (!reply.answer) return hang(shared, std::move(done));
      auto& response = *reply.answer;
      response.bytesSent = 100 + (shared->body ? shared->body->size() : 0);
      response.bytesReceived = 100 + response.body.size();
      if (!reply.slowly) return std::exchange(done, nullptr)(std::move(response));
      const auto late = std::make_shared<http::Response>(std::move(response));
      line_.wakeAt(std::chrono::steady_clock::now() + std::chrono::milliseconds(1), shared->stop,
                   [late, done = std::move(done)]() mutable { std::exchange(done, nullptr)(std::move(*late)); });
    });
  }

  void wakeAt(http::TimePoint time, std::stop_token stop, std::function<void()> done) override {
    const auto now = std::chrono::steady_clock::now();
    line_.wakeAt(time > now ? now + (time - now) / 20 : time, std::move(stop), std::move(done));
  }

 private:
  void hang(const std::shared_ptr<http::Request>& request, http::Done done) {
    line_.wakeAt(request->deadline, request->stop, [request, done = std::move(done)]() mutable {
      auto response = FakeTransport::cancelled(true);
      if (!request->stop.stop_requested()) response.fault.kind = http::Fault::Kind::deadline;
      std::exchange(done, nullptr)(std::move(response));
    });
  }

  FaultyServer& server_;
  FakeTransport line_{[](const http::Request&) { return std::optional<http::Response>(); }};
};

}  // namespace qbatch::test
