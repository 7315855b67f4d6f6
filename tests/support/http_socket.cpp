#include "support/http_socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace qbatch::test {
namespace {

[[noreturn]] void fail(const char* what) { throw std::runtime_error(std::string(what) + ": " + std::strerror(errno)); }

}  // namespace

StopSignal::StopSignal() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  read_ = ends[0];
  write_ = ends[1];
}

StopSignal::~StopSignal() {
  ::close(read_);
  ::close(write_);
}

void StopSignal::raise() noexcept {
  const char byte = 0;
  [[maybe_unused]] const auto written = ::write(write_, &byte, 1);
}

bool StopSignal::sleep(std::chrono::milliseconds time) const {
  const auto until = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd entry{read_, POLLIN, 0};
    const int found = ::poll(&entry, 1, static_cast<int>(std::clamp<long long>(left, 0, 60'000)));
    if (found > 0) return false;
    if (found == 0 && left <= 60'000) return true;
  }
}

bool HttpSocket::ready(short events) const {
  for (;;) {
    std::array<pollfd, 2> entries{pollfd{descriptor_, events, 0}, pollfd{stop_.descriptor(), POLLIN, 0}};
    const int found = ::poll(entries.data(), entries.size(), -1);
    if (found < 0 && errno == EINTR) continue;
    return found > 0 && entries[1].revents == 0;
  }
}

bool HttpSocket::read(std::string& into, std::size_t most) {
  std::array<char, 65536> buffer;
  if (descriptor_ < 0 || !ready(POLLIN)) return false;
  const auto got = ::recv(descriptor_, buffer.data(), std::min(most, buffer.size()), 0);
  if (got <= 0) return false;
  into.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

bool HttpSocket::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (descriptor_ < 0 || !ready(POLLOUT)) return false;
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void HttpSocket::drain() {
  if (descriptor_ < 0) return;
  ::shutdown(descriptor_, SHUT_WR);
  std::string rest;
  while (read(rest, 65536)) rest.clear();
}

void HttpSocket::end(Cut cut) noexcept {
  if (descriptor_ < 0) return;
  if (cut == Cut::reset) {
    const linger now{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  ::close(descriptor_);
  descriptor_ = -1;
}

int boundSocket(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  const int yes = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    fail("bind");
  }
  return descriptor;
}

std::uint16_t portOf(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
  return ntohs(address.sin_port);
}

}  // namespace qbatch::test
