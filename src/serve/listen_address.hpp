#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>

#include "qbatch/http_server.hpp"

namespace qbatch::serve {

/// Listens where the options say. Throws ConfigError where others could reach it without a key, and RequestError where the address cannot
/// be had.
boost::asio::ip::tcp::acceptor listenAt(boost::asio::io_context& io, const HttpServerOptions& options);

/// The address and port that a connection comes from, as 127.0.0.1:50000 or [::1]:50000; "" where it has ended already.
[[nodiscard]] std::string otherEndOf(const boost::asio::ip::tcp::socket& socket);
/// The host without the brackets of an IPv6 address.
[[nodiscard]] std::string plainHost(const std::string& host);
/// "http://HOST:PORT" for programs on this machine: an address that stands for all of them becomes a loopback one.
[[nodiscard]] std::string urlOf(const std::string& host, std::uint16_t port);

}  // namespace qbatch::serve
