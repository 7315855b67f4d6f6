#pragma once
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/http_server.hpp"

namespace service {

/// Writes a line of JSON a request: time, id, client, method, path, status, bytes, milliseconds. No header, no parameter of the address and
/// no body is in it. Written by a thread of its own, as who reads the log may be slow: what does not fit in the queue is counted and left
/// out. Thread-safe.
class AccessLog {
 public:
  /// `file` stays open and is not closed.
  explicit AccessLog(std::FILE* file);
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  /// Writes what is waiting.
  ~AccessLog();

  void add(const qbatch::HttpExchange& exchange);

 private:
  void write();

  static constexpr std::size_t mostWaiting = 10000;
  std::FILE* const file_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_;
  std::size_t lost_ = 0;
  bool ending_ = false;
  std::thread writer_;
};

}  // namespace service
