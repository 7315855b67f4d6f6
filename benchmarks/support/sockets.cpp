#include "support/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace bench {
namespace {

sockaddr_in addressHere(unsigned port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::size_t lengthIn(const std::string& head) {
  constexpr std::string_view name = "content-length:";
  for (auto at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2))
    if (::strncasecmp(head.c_str() + at + 2, name.data(), name.size()) == 0)
      return std::strtoul(head.c_str() + at + 2 + name.size(), nullptr, 10);
  return 0;
}

}  // namespace

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Socket connectTo(unsigned port) {
  Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
  const auto address = addressHere(port);
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  return socket;
}

Socket listenHere() {
  Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
  const auto address = addressHere(0);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(socket.get(), 64) != 0)
    throw std::runtime_error("cannot listen");
  return socket;
}

unsigned portOf(const Socket& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) throw std::runtime_error("a socket without a port");
  return ntohs(address.sin_port);
}

void sendAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool MessageReader::fill() {
  static thread_local std::array<char, 256u << 10> bytes;
  const auto got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
  if (got > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  return got > 0;
}

bool MessageReader::next() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return false;
  head_ = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  body_.clear();
  for (auto left = lengthIn(head_); left > 0;) {
    if (buffer_.empty() && !fill()) throw std::runtime_error("a message that ends early");
    const auto some = std::min(left, buffer_.size());
    if (keepBodies_) body_.append(buffer_, 0, some);
    buffer_.erase(0, some);
    left -= some;
  }
  return true;
}

}  // namespace bench
