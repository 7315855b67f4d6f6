#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/http_server.hpp"
#include "serve/refusal.hpp"
#include "serve/request_head.hpp"

namespace qbatch::serve {

/// What is refused by a request's head alone, before its body is read: misshapen requests, foreign hosts (DNS rebinding), missing and wrong
/// keys, cross-site requests (CSRF), bodies that are too large or packed in a way that is not known. Safe to use from any thread.
class HttpChecks {
 public:
  /// `loopback`: the server can be reached from this machine alone.
  HttpChecks(const HttpServerOptions& options, bool loopback);

  /// Why the request is refused; nullopt where it may go on.
  [[nodiscard]] std::optional<Refusal> refusalOf(const RequestHead& head) const;

 private:
  [[nodiscard]] std::optional<Refusal> shape(const RequestHead& head) const;
  [[nodiscard]] std::optional<Refusal> length(const RequestHead& head) const;
  [[nodiscard]] std::optional<Refusal> host(const RequestHead& head) const;
  [[nodiscard]] std::optional<Refusal> key(const RequestHead& head) const;
  [[nodiscard]] std::optional<Refusal> coding(const RequestHead& head) const;
  [[nodiscard]] std::optional<Refusal> origin(const RequestHead& head) const;
  [[nodiscard]] std::optional<Refusal> size(const RequestHead& head) const;

  bool checkHosts_;
  std::vector<std::string> hosts_;
  std::string apiKey_;
  std::vector<std::string> openPaths_;
  std::size_t maxBodyBytes_;
};

/// The name in a Host header, in lower case, without port and closing dot; all of it where what follows the name is no port.
[[nodiscard]] std::string hostName(std::string_view host);
/// localhost, *.localhost, 127.x.x.x or [::1].
[[nodiscard]] bool isLoopbackName(std::string_view name) noexcept;
/// Compares in a time that depends on the length of `given` alone.
[[nodiscard]] bool sameSecret(std::string_view given, std::string_view secret) noexcept;

}  // namespace qbatch::serve
