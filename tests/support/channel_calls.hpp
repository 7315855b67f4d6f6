#pragma once
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/rest_rig.hpp"

// Calls of a channel, and what it logs.
namespace qbatch::test {

inline rest::Answered send(RestRig& rig, rest::Call call, const CallLimits& limits = {}) {
  const auto promise = std::make_shared<std::promise<rest::Answered>>();
  auto future = promise->get_future();
  rig.stage->channel->send(std::move(call), limits, [promise](rest::Answered answered) { promise->set_value(std::move(answered)); });
  if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) throw std::runtime_error("a call was never answered");
  return future.get();
}

inline rest::Call get(std::string path = "/x") {
  rest::Call call;
  call.path = std::move(path);
  return call;
}
inline rest::Call put(std::size_t bytes = 2, std::size_t items = 5) {
  rest::Call call;
  call.method = "PUT";
  call.path = "/x";
  call.body = std::make_shared<std::string>(bytes, ' ');
  call.writes = true;
  call.items = items;
  return call;
}

/// What was logged, from any thread.
struct Log {
  std::mutex mutex;
  std::vector<std::pair<LogLevel, std::string>> lines;
  auto writer() {
    return [this](LogLevel level, std::string_view line) {
      const std::lock_guard lock(mutex);
      lines.emplace_back(level, line);
    };
  }
};

}  // namespace qbatch::test
