#include "serve/http_checks.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace qbatch::serve {
namespace {

constexpr std::string_view digits = "0123456789";

bool isNumber(std::string_view text) noexcept { return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos; }

/// 127.0.0.1 and its like; "127.0.0.1.example.com" is not.
bool isLoopbackAddress(std::string_view name) noexcept {
  if (!name.starts_with("127.")) return false;
  int parts = 0;
  while (parts < 4) {
    const auto end = std::min(name.find('.'), name.size());
    if (end > 3 || !isNumber(name.substr(0, end))) return false;
    ++parts;
    if (end == name.size()) return parts == 4;
    name.remove_prefix(end + 1);
  }
  return false;
}

/// A part of what was sent, short enough to be shown.
std::string_view shown(std::string_view text) noexcept { return text.substr(0, 100); }

bool isJson(const std::string* contentType) {
  return contentType != nullptr &&
         lowerCase(trimmed(std::string_view(*contentType).substr(0, contentType->find(';')))) == "application/json";
}

}  // namespace

std::string hostName(std::string_view host) {
  const auto bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  const auto end = bracket != std::string_view::npos ? bracket + 1 : std::min(host.rfind(':'), host.size());
  const auto port = host.substr(end);
  const bool isPort = port.empty() || (port.front() == ':' && port.find_first_not_of(digits, 1) == std::string_view::npos);
  auto name = lowerCase(isPort ? host.substr(0, end) : host);
  if (name.ends_with('.')) name.pop_back();
  return name;
}

bool isLoopbackName(std::string_view name) noexcept {
  return name == "localhost" || name.ends_with(".localhost") || name == "[::1]" || isLoopbackAddress(name);
}

bool sameSecret(std::string_view given, std::string_view secret) noexcept {
  if (secret.empty()) return given.empty();
  unsigned difference = given.size() == secret.size() ? 0 : 1;
  for (std::size_t at = 0; at < given.size(); ++at) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(given[at] ^ secret[at % secret.size()]));
  }
  return difference == 0;
}

HttpChecks::HttpChecks(const HttpServerOptions& options, bool loopback)
    : checkHosts_(loopback || !options.allowedHosts.empty()),
      apiKey_(options.apiKey),
      openPaths_(options.openPaths),
      maxBodyBytes_(options.maxBodyBytes) {
  for (const auto& host : options.allowedHosts) {
    if (host == "*") checkHosts_ = false;
    hosts_.push_back(hostName(host));
  }
}

std::optional<Refusal> HttpChecks::refusalOf(const RequestHead& head) const {
  for (const auto check : {&HttpChecks::shape, &HttpChecks::length, &HttpChecks::host, &HttpChecks::key, &HttpChecks::coding,
                           &HttpChecks::origin, &HttpChecks::size}) {
    if (auto refusal = (this->*check)(head)) return refusal;
  }
  return std::nullopt;
}

std::optional<Refusal> HttpChecks::shape(const RequestHead& head) const {
  const auto path = splitTarget(head.target).path;
  if (!path.starts_with('/') && !(path == "*" && head.method == "OPTIONS")) {
    return Refusal{400, "Malformed request: its target must be a path that begins with /"};
  }
  const auto hosts = head.count("host");
  if (hosts > 1 || (hosts == 0 && !head.oldProtocol)) return Refusal{400, "Malformed request: it must have exactly one Host header"};
  const auto* expect = head.field("expect");
  if (expect != nullptr && lowerCase(*expect) != "100-continue") {
    return Refusal{417, "The only Expect header that is known here is 100-continue"};
  }
  return std::nullopt;
}

std::optional<Refusal> HttpChecks::length(const RequestHead& head) const {
  const auto lengths = head.count("content-length"), codings = head.count("transfer-encoding");
  if (lengths > 0 && codings > 0) return Refusal{400, "Malformed request: it has both Content-Length and Transfer-Encoding"};
  if (lengths > 1 || (lengths == 1 && !isNumber(*head.field("content-length")))) {
    return Refusal{400, "Malformed request: Content-Length must stand once and be a whole number"};
  }
  if (codings == 0) return std::nullopt;
  if (head.oldProtocol) return Refusal{400, "Malformed request: HTTP/1.0 has no Transfer-Encoding"};
  if (codings > 1 || lowerCase(*head.field("transfer-encoding")) != "chunked") {
    return Refusal{501, "The only Transfer-Encoding that is known here is chunked"};
  }
  return std::nullopt;
}

std::optional<Refusal> HttpChecks::host(const RequestHead& head) const {
  if (!checkHosts_) return std::nullopt;
  const auto authority = splitTarget(head.target).authority;
  const auto* field = head.field("host");
  if (authority.empty() && field == nullptr) return std::nullopt;  // HTTP/1.0: no browser
  const std::string given = authority.empty() ? *field : std::string(authority);
  const auto name = hostName(given);
  if (isLoopbackName(name) || std::find(hosts_.begin(), hosts_.end(), name) != hosts_.end()) return std::nullopt;
  return Refusal{403, fmt::format("The host \"{}\" is not served here, as a protection against DNS rebinding: use localhost or 127.0.0.1 "
                                  "in the URL, or start the server with this name among the allowed hosts",
                                  shown(given))};
}

std::optional<Refusal> HttpChecks::key(const RequestHead& head) const {
  if (apiKey_.empty()) return std::nullopt;
  if (std::find(openPaths_.begin(), openPaths_.end(), splitTarget(head.target).path) != openPaths_.end()) return std::nullopt;
  constexpr std::string_view bearer = "bearer ";
  std::optional<std::string_view> given;
  if (const auto* field = head.field("api-key")) {
    given = *field;
  } else if (const auto* authorization = head.field("authorization");
             authorization != nullptr && lowerCase(std::string_view(*authorization).substr(0, bearer.size())) == bearer) {
    given = trimmed(std::string_view(*authorization).substr(bearer.size()));
  }
  if (!given) return Refusal{401, "Must provide an API key or an Authorization bearer token"};
  if (!sameSecret(*given, apiKey_)) return Refusal{401, "Invalid API key or JWT"};
  return std::nullopt;
}

std::optional<Refusal> HttpChecks::coding(const RequestHead& head) const {
  const auto* coding = head.field("content-encoding");
  if (head.count("content-encoding") > 1) return Refusal{415, "More than one Content-Encoding is not known here: send gzip, or none"};
  if (coding == nullptr || isGzipped(head) || coding->empty() || lowerCase(*coding) == "identity") return std::nullopt;
  return Refusal{415, fmt::format("The Content-Encoding \"{}\" is not known here: send the body as it is, or gzip", shown(*coding))};
}

std::optional<Refusal> HttpChecks::origin(const RequestHead& head) const {
  const bool writes = head.method == "POST" || head.method == "PUT" || head.method == "PATCH";
  if (!writes || !head.hasBody() || head.field("origin") == nullptr || isJson(head.field("content-type"))) return std::nullopt;
  return Refusal{415, "A request with a body from a web page (it has an Origin header) needs Content-Type: application/json"};
}

std::optional<Refusal> HttpChecks::size(const RequestHead& head) const {
  const auto length = head.contentLength.value_or(0);
  if (length > maxBodyBytes_) return announcedTooLarge(length, maxBodyBytes_);
  return std::nullopt;
}

}  // namespace qbatch::serve
