#pragma once
#include <cstddef>
#include <span>
#include <string>

namespace qbatch::serve {

/// Receives a body of known length where it is to stand, so that it is copied no more. Its room grows with what has come, as anybody can
/// announce much.
class PlainBody {
 public:
  /// `length` is announced and not above the server's limit; `text` outlives this and is empty.
  void begin(std::string& text, std::size_t length);
  /// Where the next bytes go; empty where the body is whole. Valid until the next call.
  [[nodiscard]] std::span<char> room();
  /// So many bytes have come into the room.
  void add(std::size_t bytes) noexcept { received_ += bytes; }
  [[nodiscard]] bool whole() const noexcept { return received_ == length_; }
  [[nodiscard]] std::size_t received() const noexcept { return received_; }

 private:
  std::string* text_ = nullptr;
  std::size_t length_ = 0, received_ = 0;
};

}  // namespace qbatch::serve
