#include "access_log.hpp"

#include <chrono>
#include <ctime>
#include <utility>

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
  const auto path = exchange.target.substr(0, exchange.target.find('?'));
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(exchange.time).count();
  std::string line = "{\"time\":\"" + now() + "\",\"id\":" + cli::jsonString(exchange.id);
  line += ",\"client\":" + cli::jsonString(exchange.client) + ",\"method\":" + cli::jsonString(exchange.method);
  line += ",\"path\":" + cli::jsonString(path) + ",\"status\":" + std::to_string(exchange.status);
  if (exchange.cut) line += ",\"cut\":true";
  line += ",\"received\":" + std::to_string(exchange.bytesReceived) + ",\"sent\":" + std::to_string(exchange.bytesSent);
  return line + ",\"ms\":" + std::to_string(microseconds / 1000) + "." + std::to_string(1000 + microseconds % 1000).substr(1) + "}\n";
}

}  // namespace

AccessLog::AccessLog(std::FILE* file) : file_(file), writer_([this] { write(); }) {}

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
    const auto lines = std::exchange(waiting_, {});
    const auto lost = std::exchange(lost_, 0);
    lock.unlock();
    for (const auto& line : lines) std::fwrite(line.data(), 1, line.size(), file_);
    if (lost > 0) std::fprintf(file_, "{\"time\":\"%s\",\"lines_left_out\":%zu}\n", now().c_str(), lost);
    std::fflush(file_);
    lock.lock();
  }
}

}  // namespace service
