#pragma once
#include <string>
#include <string_view>

namespace qbatch::http {

/// The base of a server's addresses, taken apart.
struct Url {
  std::string scheme{};   ///< "http" or "https"
  std::string host{};     ///< in lower case; an IPv6 address without its brackets
  unsigned port = 0;      ///< 6333 where an http URL names none, 443 where an https URL names none
  std::string path{};     ///< "" or "/…" without a slash at its end
  bool loopback = false;  ///< localhost, *.localhost, 127.0.0.0/8, ::1
  /// "scheme://host:port/path", to which a request's path is appended.
  [[nodiscard]] std::string text() const;
};

/// Throws ParseError that says what is wrong and what a good URL looks like: another scheme, no host, a bad port, user or password in it, a
/// query or fragment, white space or control characters.
[[nodiscard]] Url parseUrl(std::string_view text);

/// The server that a request's whole URL goes to. As parseUrl, but an http URL without a port means 80, and what follows the server's
/// address (path and query) is not looked at, but for white space and control characters.
[[nodiscard]] Url serverOf(std::string_view requestUrl);

/// Percent-encodes what may not stand in one segment of a path.
[[nodiscard]] std::string pathSegment(std::string_view text);

}  // namespace qbatch::http
