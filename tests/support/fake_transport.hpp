#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/transport.hpp"

namespace qbatch::test {

/// A transport without a wire: answers by function, on a thread of its own, one exchange after the other. Thread-safe.
class FakeTransport : public http::Transport {
 public:
  /// Where it gives no response the exchange hangs, what was sent having arrived, until it is stopped or its deadline has come.
  using Handler = std::function<std::optional<http::Response>(const http::Request&)>;
  struct Seen {
    std::string method, url, body;
    std::vector<http::Header> headers;
  };
  /// What was sent, which outlives the transport.
  struct Record {
    [[nodiscard]] std::vector<Seen> all() const {
      const std::lock_guard lock(mutex);
      return seen;
    }
    [[nodiscard]] std::size_t size() const { return all().size(); }
    /// "PUT /collections/c/points" and the like: method and URL behind the server's address, without parameters.
    [[nodiscard]] std::vector<std::string> lines() const {
      std::vector<std::string> lines;
      for (const auto& one : all()) {
        const auto path = one.url.find('/', one.url.find("://") + 3);
        lines.push_back(one.method + " " + one.url.substr(path, one.url.find('?') - path));
      }
      return lines;
    }
    mutable std::mutex mutex;
    std::vector<Seen> seen;
  };

  explicit FakeTransport(Handler handler) : handler_(std::move(handler)), thread_([this] { loop(); }) {}
  FakeTransport(const FakeTransport&) = delete;
  FakeTransport& operator=(const FakeTransport&) = delete;
  ~FakeTransport() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  [[nodiscard]] std::shared_ptr<Record> record() const { return record_; }

  void start(http::Request request, http::Done done) override {
    const auto shared = std::make_shared<http::Request>(std::move(request));
    add(http::TimePoint::min(), {}, [this, shared, done = std::move(done)]() mutable {
      {
        const std::lock_guard lock(record_->mutex);
        record_->seen.push_back({shared->method, shared->url, shared->body ? *shared->body : "", shared->headers});
      }
      auto response = shared->stop.stop_requested() ? cancelled() : handler_(*shared);
      if (!response) return hang(shared, std::move(done));
      response->body.reserve(response->body.size() + 64);
      if (response->bytesSent == 0) response->bytesSent = 100 + (shared->body ? shared->body->size() : 0);
      if (response->bytesReceived == 0) response->bytesReceived = 100 + response->body.size();
      std::exchange(done, nullptr)(std::move(*response));
    });
  }

  void wakeAt(http::TimePoint time, std::stop_token stop, std::function<void()> done) override {
    add(time, std::move(stop), [done = std::move(done)]() mutable { std::exchange(done, nullptr)(); });
  }

  static http::Response cancelled(bool mayHaveArrived = false) {
    http::Response response;
    response.fault.kind = http::Fault::Kind::cancelled;
    response.fault.message = "cancelled";
    response.fault.connected = response.fault.mayHaveArrived = mayHaveArrived;
    return response;
  }

 private:
  struct Task {
    std::function<void()> what;
    std::stop_token stop;
    std::unique_ptr<std::stop_callback<std::function<void()>>> onStop;
  };

  void hang(const std::shared_ptr<http::Request>& request, http::Done done) {
    add(request->deadline, request->stop, [request, done = std::move(done)]() mutable {
      auto response = cancelled(true);
      if (!request->stop.stop_requested()) {
        response.fault.kind = http::Fault::Kind::deadline;
        response.fault.message = "took too long";
      }
      std::exchange(done, nullptr)(std::move(response));
    });
  }

  void add(http::TimePoint time, std::stop_token stop, std::function<void()> what) {
    Task task{std::move(what), stop, nullptr};
    if (stop.stop_possible())
      task.onStop = std::make_unique<std::stop_callback<std::function<void()>>>(stop, [this] { changed_.notify_all(); });
    {
      const std::lock_guard lock(mutex_);
      tasks_.emplace(time, std::move(task));
    }
    changed_.notify_all();
  }

  void loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
      const auto now = std::chrono::steady_clock::now();
      auto due = tasks_.begin();
      while (due != tasks_.end() && due->first > now && !due->second.stop.stop_requested() && !ending_) ++due;
      if (due != tasks_.end()) {
        auto node = tasks_.extract(due);
        lock.unlock();
        node.mapped().onStop.reset();
        node.mapped().what();
        node = {};
        lock.lock();
      } else if (ending_) {
        return;
      } else {
        // A stop's notice may come between looking and waiting; so never wait for long.
        changed_.wait_for(lock, std::chrono::milliseconds(2));
      }
    }
  }

  Handler handler_;
  std::shared_ptr<Record> record_ = std::make_shared<Record>();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<http::TimePoint, Task> tasks_;
  bool ending_ = false;
  std::thread thread_;
};

/// An answer as a server gives it.
inline http::Response answer(int status, std::string body, std::vector<http::Header> headers = {{"content-type", "application/json"}}) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  response.body.reserve(response.body.size() + 64);
  response.headers = std::move(headers);
  return response;
}

inline http::Response fault(http::Fault::Kind kind, std::string message = "it went wrong", bool mayHaveArrived = false) {
  http::Response response;
  response.fault.kind = kind;
  response.fault.message = std::move(message);
  response.fault.mayHaveArrived = response.fault.connected = mayHaveArrived;
  return response;
}

}  // namespace qbatch::test
