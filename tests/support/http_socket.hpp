#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/http_exchange.hpp"

namespace qbatch::test {

/// Ends every wait of the sockets that watch it, from any thread.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void raise() noexcept;
  /// Becomes readable when the signal was raised, and stays so.
  [[nodiscard]] int descriptor() const noexcept { return read_; }
  /// Waits; false as soon as the signal was raised.
  [[nodiscard]] bool sleep(std::chrono::milliseconds time) const;

 private:
  int read_ = -1, write_ = -1;
};

/// One accepted connection with blocking reads and writes that a StopSignal ends. Used by one thread; the signal must outlive it.
class HttpSocket {
 public:
  HttpSocket(int descriptor, const StopSignal& stop) : descriptor_(descriptor), stop_(stop) {}
  ~HttpSocket() { end(Cut::close); }
  HttpSocket(const HttpSocket&) = delete;
  HttpSocket& operator=(const HttpSocket&) = delete;

  /// Appends what has come, at most `most` bytes; false at the end, on errors and when stopped.
  [[nodiscard]] bool read(std::string& into, std::size_t most);
  /// False where not all could be sent.
  [[nodiscard]] bool write(std::string_view bytes);
  /// Says that no more will be sent, and reads and throws away whatever still comes, until the client closes.
  void drain();
  /// Closes; `none` counts as `close`. Does nothing the second time.
  void end(Cut cut) noexcept;

 private:
  [[nodiscard]] bool ready(short events) const;

  int descriptor_;
  const StopSignal& stop_;
};

/// A TCP socket bound to 127.0.0.1; `port` 0 is a free one. Throws std::runtime_error.
[[nodiscard]] int boundSocket(std::uint16_t port);
[[nodiscard]] std::uint16_t portOf(int descriptor);

}  // namespace qbatch::test
