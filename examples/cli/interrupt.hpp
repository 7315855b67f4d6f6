#pragma once
#include <stop_token>
#include <thread>

namespace cli {

/// Turns the first Ctrl-C (SIGINT), SIGTERM or SIGHUP into a request to stop in good order; a second Ctrl-C kills as usual.
/// One object a process, made before any other thread.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }

 private:
  void watch() noexcept;

  std::stop_source source_;
  std::thread watcher_;
};

/// Returns when a stop is requested.
void waitFor(const std::stop_token& stop);

}  // namespace cli
