#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace bench {

/// Owns a file descriptor.
class Socket {
 public:
  explicit Socket(int descriptor) noexcept : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket();
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

/// To this machine. Throws std::runtime_error.
[[nodiscard]] Socket connectTo(unsigned port);
/// On a free port of this machine.
[[nodiscard]] Socket listenHere();
[[nodiscard]] unsigned portOf(const Socket& socket);

void sendAll(int descriptor, std::string_view bytes);

/// Reads messages of HTTP with a Content-Length, or without a body, one after the other; bodies are not kept where `keepBodies` is false.
class MessageReader {
 public:
  MessageReader(int descriptor, bool keepBodies) : descriptor_(descriptor), keepBodies_(keepBodies) {}
  /// False where the other side has closed the connection between messages.
  bool next();
  [[nodiscard]] const std::string& head() const noexcept { return head_; }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }

 private:
  bool fill();

  int descriptor_;
  bool keepBodies_;
  std::string buffer_{}, head_{}, body_{};
};

}  // namespace bench
