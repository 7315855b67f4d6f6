#include "serve/listen_address.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <boost/asio/error.hpp>
#include <optional>

#include "qbatch/error.hpp"

namespace qbatch::serve {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

std::string addressOf(const std::string& host, std::uint16_t port) {
  const bool needsBrackets = host.find(':') != std::string::npos;
  return needsBrackets ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

[[noreturn]] void failToListen(const HttpServerOptions& options, const error_code& error) {
  std::string advice = "check host and port";
  if (error == asio::error::address_in_use) advice = "another program listens there: stop it, or choose another port (0 is any free one)";
  if (error == asio::error::access_denied) advice = "ports below 1024 take special rights: choose another port";
  const auto code = error == asio::error::address_in_use ? Errc::inUse : Errc::unavailable;
  throw RequestError(
      Error(code, Origin::caller,
            fmt::format("cannot listen on {}: {}; {}", addressOf(plainHost(options.host), options.port), error.message(), advice)));
}

void refuseUnprotected(const HttpServerOptions& options, const asio::ip::address& address) {
  if (address.is_loopback() || !options.apiKey.empty() || options.allowUnprotected) return;
  throw ConfigError(
      {fmt::format("host: other machines can reach {}, and without an apiKey whoever does can read and change everything: set "
                   "an apiKey, listen on 127.0.0.1, or set allowUnprotected",
                   options.host)});
}

std::optional<tcp::acceptor> tryToListen(asio::io_context& io, const tcp::endpoint& endpoint, error_code& error) {
  tcp::acceptor acceptor(io);
  if (acceptor.open(endpoint.protocol(), error)) return std::nullopt;
  // Programs that the process starts must not keep the port.
  ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (acceptor.bind(endpoint, error)) return std::nullopt;
  if (acceptor.listen(asio::socket_base::max_listen_connections, error)) return std::nullopt;
  return acceptor;
}

}  // namespace

std::string plainHost(const std::string& host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']' ? host.substr(1, host.size() - 2) : host;
}

std::string urlOf(const std::string& given, std::uint16_t port) {
  auto host = plainHost(given);
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error && address.is_unspecified()) host = address.is_v6() ? "::1" : "127.0.0.1";
  return "http://" + addressOf(host, port);
}

std::string otherEndOf(const tcp::socket& socket) {
  error_code error;
  const auto end = socket.remote_endpoint(error);
  return error ? std::string() : addressOf(end.address().to_string(), end.port());
}

tcp::acceptor listenAt(asio::io_context& io, const HttpServerOptions& options) {
  error_code error;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(plainHost(options.host), std::to_string(options.port), tcp::resolver::passive, error);
  if (error) failToListen(options, error);
  for (const auto& entry : found) {
    refuseUnprotected(options, entry.endpoint().address());
    if (auto acceptor = tryToListen(io, entry.endpoint(), error)) return std::move(*acceptor);
  }
  failToListen(options, error);
}

}  // namespace qbatch::serve
