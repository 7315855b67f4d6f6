#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>

#include "serve/http_options.hpp"

namespace qbatch::serve {

/// Listens where the options say. Throws ConfigError where others could reach it without a key, and RequestError where the address cannot
/// be had.
boost::asio::ip::tcp::acceptor listenAt(boost::asio::io_context& io, const HttpOptions& options);

/// The host without the brackets of an IPv6 address.
[[nodiscard]] std::string plainHost(const std::string& host);
/// "http://HOST:PORT" for programs on this machine: an address that stands for all of them becomes a loopback one.
[[nodiscard]] std::string urlOf(const std::string& host, std::uint16_t port);

}  // namespace qbatch::serve
