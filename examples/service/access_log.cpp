#include "access_log.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <utility>

#include "answers.hpp"
#include "json_values.hpp"

namespace service {
namespace {

std::string now() {
  const auto time = std::chrono::system_clock::now();
  const std::time_t second = std::chrono::system_clock::to_time_t(time);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
  std::tm parts{};
  ::gmtime_r(&second, &parts);
  char text[40];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string fraction = std::to_string(1000 + milliseconds);
  fraction.front() = '.';
  return std::string(text, length) + fraction + "Z";
}

std::string lineOf(const qbatch::HttpExchange& exchange) {
  constexpr std::size_t mostOfPath = 200;
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(exchange.time).count();
  std::string line = "{\"time\":\"" + now() + "\",\"id\":" + cli::jsonString(exchange.id);
  line += ",\"client\":" + cli::jsonString(exchange.client) + ",\"method\":" + cli::jsonString(exchange.method);
  line += ",\"path\":" + cli::jsonString(shortened(exchange.path.substr(0, mostOfPath + 4), mostOfPath)) +
          ",\"status\":" + std::to_string(exchange.status);
  if (exchange.cut) line += ",\"cut\":true";
  line += ",\"received\":" + std::to_string(exchange.bytesReceived) + ",\"sent\":" + std::to_string(exchange.bytesSent);
  return line + ",\"ms\":" + std::to_string(microseconds / 1000) + "." + std::to_string(1000 + microseconds % 1000).substr(1) + "}\n";
}

}  // namespace

AccessLog::AccessLog(int descriptor) : descriptor_(descriptor), writer_([this] { write(); }) {}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  writer_.join();
}

void AccessLog::add(const qbatch::HttpExchange& exchange) {
  auto line = lineOf(exchange);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() == mostWaiting) {
      ++lost_;
      return;
    }
    waiting_.push_back(std::move(line));
  }
  changed_.notify_one();
}

void AccessLog::write() {
  std::unique_lock lock(mutex_);
  while (!ending_ || !waiting_.empty()) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    auto lines = std::exchange(waiting_, {});
    if (const auto lost = std::exchange(lost_, 0); lost > 0)
      lines.push_back("{\"time\":\"" + now() + "\",\"lines_left_out\":" + std::to_string(lost) + "}\n");
    lock.unlock();
    for (const auto& line : lines)
      if (!put(line)) return;
    lock.lock();
  }
}

// A pipe that takes something takes a line, which is below PIPE_BUF: so nothing blocks that could not be ended.
bool AccessLog::put(std::string_view line) {
  constexpr int aWhile = 100, atMost = 10;  // milliseconds, and how often at the end
  int waited = 0;
  pollfd entry{descriptor_, POLLOUT, 0};
  while (!line.empty()) {
    if (::poll(&entry, 1, aWhile) <= 0) {
      if (ending_ && ++waited == atMost) return false;
      continue;
    }
    const auto written = ::write(descriptor_, line.data(), line.size());
    if (written < 0 && errno != EINTR && errno != EAGAIN) return true;  // nobody reads it any more
    if (written > 0) line.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace service
