#pragma once
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace qbatch::test {

/// One connection as the server sees it. What it does is what the script says, byte by byte.
class RawConnection {
 public:
  struct Request {
    std::string head{}, body{};
    /// The value of a header, "" where there is none; `name` in lower case.
    [[nodiscard]] std::string header(std::string_view name) const {
      std::string lower(head);
      std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      const auto at = lower.find("\r\n" + std::string(name) + ":");
      if (at == std::string::npos) return {};
      const auto begin = head.find_first_not_of(' ', at + name.size() + 3);
      return head.substr(begin, head.find("\r\n", begin) - begin);
    }
    /// The first line without the protocol's version.
    [[nodiscard]] std::string line() const { return head.substr(0, head.find(" HTTP/")); }
  };

  RawConnection(int socket, std::atomic<bool>& stopping) : socket_(socket), stopping_(stopping) {}
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;
  ~RawConnection() { close(); }

  /// Until the empty line; nullopt where the peer closed before.
  std::optional<std::string> readHead() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!receive()) return std::nullopt;
    std::string head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    return head;
  }
  /// Fewer bytes where the peer closed.
  std::string readBytes(std::size_t count) {
    while (buffer_.size() < count && receive()) {
    }
    std::string bytes = buffer_.substr(0, count);
    buffer_.erase(0, bytes.size());
    return bytes;
  }
  std::optional<Request> readRequest() {
    auto head = readHead();
    if (!head) return std::nullopt;
    Request request{std::move(*head), {}};
    if (const auto length = request.header("content-length"); !length.empty()) request.body = readBytes(std::stoull(length));
    return request;
  }
  /// False where the peer has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool answer(std::string_view body, std::string_view status = "200 OK", std::string_view headers = "") {
    return send("HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers) + "Content-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + std::string(body));
  }
  /// Waits until the peer closes or the server stops.
  void waitForEnd() {
    while (receive()) buffer_.clear();
  }
  /// Waits until the server stops or the time is over, reading nothing.
  void idle(std::chrono::milliseconds time = std::chrono::hours(1)) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (!stopping_ && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  /// Closes so that the peer gets a reset.
  void reset() {
    const linger now{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  /// How much this side takes before it reads; to be set before the peer connects to have its full effect.
  void smallBuffer() {
    const int bytes = 16 << 10;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }

 private:
  bool receive() {
    pollfd waiting{socket_, POLLIN, 0};
    while (!stopping_) {
      if (::poll(&waiting, 1, 5) <= 0) continue;
      char bytes[64 << 10];
      const auto length = ::recv(socket_, bytes, sizeof bytes, 0);
      if (length <= 0) return false;
      buffer_.append(bytes, static_cast<std::size_t>(length));
      return true;
    }
    return false;
  }

  int socket_;
  std::atomic<bool>& stopping_;
  std::string buffer_;
};

/// Listens on loopback at a port of its own; every connection is served by the script on a thread of its own.
class RawServer {
 public:
  using Script = std::function<void(RawConnection&)>;

  explicit RawServer(Script script) : script_(std::move(script)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 128) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no socket to listen on");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept(); });
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer() {
    stopping_ = true;
    thread_.join();
    for (auto& thread : connections_) thread.join();
    ::close(listener_);
  }

  [[nodiscard]] unsigned port() const noexcept { return port_; }
  [[nodiscard]] std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const {
    return "http://" + std::string(host) + ':' + std::to_string(port_) + std::string(path);
  }
  /// How many connections came in.
  [[nodiscard]] std::size_t connections() const noexcept { return count_; }
  /// How many are open; once it is 0, their peers know that they are closed.
  [[nodiscard]] std::size_t open() const noexcept { return open_; }
  /// The most that were open at once.
  [[nodiscard]] std::size_t mostOpen() const noexcept { return mostOpen_; }

 private:
  void accept() {
    pollfd waiting{listener_, POLLIN, 0};
    while (!stopping_) {
      if (::poll(&waiting, 1, 5) <= 0) continue;
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      ++count_;
      connections_.emplace_back([this, socket] {
        const auto open = ++open_;
        auto most = mostOpen_.load();
        while (open > most && !mostOpen_.compare_exchange_weak(most, open)) {
        }
        RawConnection connection(socket, stopping_);
        script_(connection);
        connection.close();
        --open_;
      });
    }
  }

  Script script_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> count_{0}, open_{0}, mostOpen_{0};
  std::vector<std::thread> connections_;
  std::thread thread_;
};

/// Answers each request of a connection by what `reply` does with it, until the peer closes.
inline RawServer::Script serveEach(std::function<void(RawConnection&, const RawConnection::Request&)> reply) {
  return [reply = std::move(reply)](RawConnection& connection) {
    while (const auto request = connection.readRequest()) reply(connection, *request);
  };
}

}  // namespace qbatch::test
