#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "qbatch/http_server.hpp"

namespace service {

/// Writes a line of JSON a request: time, id, client, method, path, status, bytes, milliseconds. No header, no parameter of the address and
/// no body is in it. Written by a thread of its own, as who reads the log may be slow: what does not fit in the queue is counted and left
/// out. Thread-safe.
class AccessLog {
 public:
  /// `descriptor` stays open and is not closed.
  explicit AccessLog(int descriptor);
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  /// Writes what is waiting, as far as somebody takes it within a second.
  ~AccessLog();

  /// Of the path the beginning is written.
  void add(const qbatch::HttpExchange& exchange);

 private:
  void write();
  /// False where nobody takes it and the log is to end.
  [[nodiscard]] bool put(std::string_view line);

  static constexpr std::size_t mostWaiting = 10000;
  const int descriptor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_;
  std::size_t lost_ = 0;
  std::atomic<bool> ending_{false};
  std::thread writer_;
};

}  // namespace service
