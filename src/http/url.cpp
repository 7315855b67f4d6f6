#include "http/url.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "qbatch/error.hpp"

namespace qbatch::http {
namespace {

constexpr std::string_view example = "a good URL looks like http://localhost:6333 or https://example.com:6333/path";

// The URL itself is never quoted as a whole: it may hold what is secret.
[[noreturn]] void refuse(std::string_view problem, std::size_t offset) {
  throw ParseError(fmt::format("the URL {}; {}", problem, example), offset);
}

bool isDigit(char letter) noexcept { return letter >= '0' && letter <= '9'; }
bool isLetter(char letter) noexcept { return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'); }
bool isBeyondAscii(char letter) noexcept { return static_cast<unsigned char>(letter) >= 0x80; }

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& letter : result)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return result;
}

bool isLoopback(const std::string& host) noexcept {
  constexpr std::string_view domain = ".localhost";
  if (host == "localhost" || (host.size() > domain.size() && host.ends_with(domain))) return true;
  std::array<unsigned char, 16> address{};
  if (inet_pton(AF_INET, host.c_str(), address.data()) == 1) return address[0] == 127;
  if (inet_pton(AF_INET6, host.c_str(), address.data()) != 1) return false;
  return address[15] == 1 && std::all_of(address.begin(), address.end() - 1, [](unsigned char byte) { return byte == 0; });
}

/// Walks through a URL from its begin, taking it apart.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text.empty()) refuse("is empty", 0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (static_cast<unsigned char>(text[i]) <= ' ' || text[i] == '\x7f') refuse("holds white space or a control character", i);
  }

  void scheme(Url& url) {
    const auto end = text_.find("://");
    if (end == std::string_view::npos || end > text_.find_first_of("/?#@")) refuse("does not begin with http:// or https://", 0);
    url.scheme = lowered(text_.substr(0, end));
    if (url.scheme != "http" && url.scheme != "https") refuse("has another scheme than http and https", 0);
    at_ = end + 3;
  }

  void server(Url& url, unsigned httpPort) {
    const auto end = std::min(text_.find_first_of("/?#", at_), text_.size());
    const auto authority = text_.substr(at_, end - at_);
    if (const auto sign = authority.find('@'); sign != std::string_view::npos)
      refuse("holds a user name or a password, which does not belong there (give keys by their own options)", at_ + sign);
    const auto hostEnd = authority.starts_with('[') ? bracketed(url, authority) : named(url, authority);
    url.loopback = isLoopback(url.host);
    url.port = url.scheme == "https" ? 443 : httpPort;
    if (hostEnd < authority.size()) url.port = port(authority.substr(hostEnd + 1), at_ + hostEnd + 1);
    at_ = end;
  }

  void path(Url& url) const {
    if (const auto mark = text_.find_first_of("?#", at_); mark != std::string_view::npos)
      refuse(text_[mark] == '?' ? "holds a query (after `?`)" : "holds a fragment (after `#`)", mark);
    url.path = text_.substr(at_);
    url.path.resize(url.path.find_last_not_of('/') + 1);
  }

 private:
  /// Both return where the host ends: at the end or before a colon.
  std::size_t bracketed(Url& url, std::string_view authority) const {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) refuse("has a `[` without its `]`", at_);
    url.host = lowered(authority.substr(1, close - 1));
    std::array<unsigned char, 16> address{};
    if (inet_pton(AF_INET6, url.host.c_str(), address.data()) != 1)
      refuse("has something in its brackets that is no IPv6 address", at_ + 1);
    if (close + 1 < authority.size() && authority[close + 1] != ':')
      refuse("has something other than a port behind its `]`", at_ + close + 1);
    return close + 1;
  }

  std::size_t named(Url& url, std::string_view authority) const {
    const auto end = std::min(authority.find(':'), authority.size());
    if (authority.find(':', end + 1) != std::string_view::npos)
      refuse("has more than one colon in its host and port (an IPv6 address stands in brackets)", at_ + end);
    if (end == 0) refuse("names no host", at_);
    const auto good = [](char letter) {
      return isLetter(letter) || isDigit(letter) || isBeyondAscii(letter) || letter == '.' || letter == '-' || letter == '_';
    };
    const auto bad = std::find_if_not(authority.begin(), authority.begin() + static_cast<std::ptrdiff_t>(end), good);
    if (const auto offset = static_cast<std::size_t>(bad - authority.begin()); offset != end)
      refuse("has a host with a character that no host has", at_ + offset);
    url.host = lowered(authority.substr(0, end));
    return end;
  }

  static unsigned port(std::string_view digits, std::size_t offset) {
    unsigned value = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (problem != std::errc() || end != digits.data() + digits.size() || value == 0 || value > 65535)
      refuse("has a port that is no number from 1 to 65535", offset);
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string Url::text() const {
  const bool brackets = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}{}", scheme, brackets ? "[" : "", host, brackets ? "]" : "", port, path);
}

Url parseUrl(std::string_view text) {
  Url url;
  Reader reader(text);
  reader.scheme(url);
  reader.server(url, 6333);
  reader.path(url);
  return url;
}

Url serverOf(std::string_view requestUrl) {
  Url url;
  Reader reader(requestUrl);
  reader.scheme(url);
  reader.server(url, 80);
  return url;
}

std::string pathSegment(std::string_view text) {
  // Segments of dots alone would be taken for steps up the path.
  const bool dots = text == "." || text == "..";
  std::string result;
  result.reserve(text.size());
  for (const char letter : text) {
    const bool plain = isLetter(letter) || isDigit(letter) || letter == '-' || letter == '_' || letter == '~' || (letter == '.' && !dots);
    if (plain) {
      result += letter;
    } else {
      fmt::format_to(std::back_inserter(result), "%{:02X}", static_cast<unsigned char>(letter));
    }
  }
  return result;
}

}  // namespace qbatch::http
