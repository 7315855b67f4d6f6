#pragma once
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace qbatch::test {

/// One connection to a server on this machine, byte by byte. Every wait is bounded; one that is not answered in that time counts as failed.
class RawClient {
 public:
  static constexpr std::chrono::seconds bound{20};

  struct Answer {
    int status{};
    std::string head{}, body{};
    /// The value of a header, "" where there is none; `name` in lower case.
    [[nodiscard]] std::string header(std::string_view name) const {
      std::string lower(head);
      std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      const auto at = lower.find("\r\n" + std::string(name) + ": ");
      if (at == std::string::npos) return {};
      const auto begin = at + name.size() + 4;
      return head.substr(begin, head.find("\r\n", begin) - begin);
    }
  };

  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      close();
      throw std::runtime_error("no connection");
    }
  }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  /// False where the server has gone, or takes nothing for too long.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!ready(POLLOUT)) return false;
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// The next answer; nullopt where the connection ends before it is whole. `toHead`: the request was HEAD.
  std::optional<Answer> answer(bool toHead = false) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!receive()) return std::nullopt;
    Answer result;
    result.head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    if (!result.head.starts_with("HTTP/1.1 ")) return std::nullopt;
    result.status = std::stoi(result.head.substr(9, 3));
    const auto length = result.header("content-length");
    const std::size_t bytes = toHead || length.empty() ? 0 : std::stoull(length);
    while (buffer_.size() < bytes)
      if (!receive()) return std::nullopt;
    result.body = buffer_.substr(0, bytes);
    buffer_.erase(0, bytes);
    return result;
  }
  std::optional<Answer> ask(std::string_view request) {
    send(request);
    return answer(request.starts_with("HEAD "));
  }
  /// True where the server ends the connection in time and sends nothing more before.
  bool closedByServer() {
    if (!buffer_.empty()) return false;
    while (ready(POLLIN)) {
      char byte = 0;
      const auto got = ::recv(socket_, &byte, 1, 0);
      if (got > 0) return false;
      return true;
    }
    return false;
  }
  /// All that comes until the server ends the connection; nullopt where it does not.
  std::optional<std::string> rest() {
    while (receive()) continue;
    return over_ ? std::optional(buffer_) : std::nullopt;
  }
  /// True where the server was seen to end the connection.
  [[nodiscard]] bool ended() const noexcept { return over_; }
  /// Ends the connection with a TCP reset.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void finishSending() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  [[nodiscard]] bool ready(short events) const {
    pollfd entry{socket_, events, 0};
    return ::poll(&entry, 1, static_cast<int>(std::chrono::milliseconds(bound).count())) > 0;
  }
  bool receive() {
    if (!ready(POLLIN)) return false;
    char bytes[16 << 10];
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    over_ = got <= 0;
    if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }

  int socket_;
  std::string buffer_{};
  bool over_ = false;
};

/// A request's bytes with Host, Content-Length where there is a body, and further header lines (each with its line end).
inline std::string rawRequest(std::string_view method, std::string_view target, std::string_view body = "", std::string_view headers = "") {
  std::string bytes = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers);
  if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return bytes + "\r\n" + std::string(body);
}

}  // namespace qbatch::test
