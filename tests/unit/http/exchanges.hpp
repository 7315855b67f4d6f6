#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "http/curl_transport.hpp"
#include "http/transport.hpp"

namespace qbatch::test {

/// Waits for one answer, and knows whether a second one came.
class Answer {
 public:
  [[nodiscard]] http::Done done() {
    return [state = state_](http::Response response) {
      const std::lock_guard guard(state->lock);
      ++state->calls;
      state->response = std::move(response);
      state->changed.notify_all();
    };
  }
  /// Throws where nothing comes for a minute, which no test takes.
  http::Response wait() {
    std::unique_lock guard(state_->lock);
    if (!state_->changed.wait_for(guard, std::chrono::seconds(60), [this] { return state_->calls > 0; }))
      throw std::runtime_error("no answer came");
    return std::move(state_->response);
  }
  [[nodiscard]] int calls() const {
    const std::lock_guard guard(state_->lock);
    return state_->calls;
  }

 private:
  struct State {
    std::mutex lock;
    std::condition_variable changed;
    int calls = 0;
    http::Response response;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

inline http::Response exchange(http::Transport& transport, http::Request request) {
  Answer answer;
  transport.start(std::move(request), answer.done());
  return answer.wait();
}

inline http::Response get(http::Transport& transport, const std::string& url) {
  http::Request request;
  request.url = url;
  return exchange(transport, std::move(request));
}

inline http::Request sending(std::string method, std::string url, std::string body) {
  http::Request request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.body = std::make_shared<const std::string>(std::move(body));
  return request;
}

inline http::TimePoint in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

/// True as soon as the condition is; false after a minute.
inline bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 30000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

/// A value that the test sets and a server's thread reads, or the other way round.
template <typename Value>
class Shared {
 public:
  Shared() = default;
  explicit Shared(Value value) : value_(std::move(value)) {}
  void set(Value value) {
    const std::lock_guard guard(lock_);
    value_ = std::move(value);
  }
  [[nodiscard]] Value get() const {
    const std::lock_guard guard(lock_);
    return value_;
  }

 private:
  mutable std::mutex lock_;
  Value value_{};
};

/// A variable of the environment for a scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* former = std::getenv(name)) former_ = former;
    setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (former_) {
      setenv(name_, former_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> former_{};
};

}  // namespace qbatch::test
