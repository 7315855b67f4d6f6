#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http_message.hpp"
#include "serve/http_options.hpp"
#include "serve/request_head.hpp"

namespace qbatch::serve {

/// What is refused by a request's head alone, before its body is read: misshapen requests, foreign hosts (DNS rebinding), missing and wrong
/// keys, cross-site requests (CSRF), bodies that are too large or packed in a way that is not known. Safe to use from any thread.
class HttpChecks {
 public:
  /// `loopback`: the server can be reached from this machine alone.
  HttpChecks(const HttpOptions& options, bool loopback);

  /// The answer that refuses the request; nullopt where it may go on.
  [[nodiscard]] std::optional<HttpResponse> refusalOf(const RequestHead& head) const;

 private:
  [[nodiscard]] std::optional<HttpResponse> shape(const RequestHead& head) const;
  [[nodiscard]] std::optional<HttpResponse> length(const RequestHead& head) const;
  [[nodiscard]] std::optional<HttpResponse> host(const RequestHead& head) const;
  [[nodiscard]] std::optional<HttpResponse> key(const RequestHead& head) const;
  [[nodiscard]] std::optional<HttpResponse> coding(const RequestHead& head) const;
  [[nodiscard]] std::optional<HttpResponse> origin(const RequestHead& head) const;
  [[nodiscard]] std::optional<HttpResponse> size(const RequestHead& head) const;

  bool checkHosts_;
  std::vector<std::string> hosts_;
  std::string apiKey_;
  std::size_t maxBodyBytes_;
};

/// The name in a Host header, in lower case, without port and closing dot.
[[nodiscard]] std::string hostName(std::string_view host);
/// localhost, *.localhost, 127.x.x.x or [::1].
[[nodiscard]] bool isLoopbackName(std::string_view name) noexcept;
/// Compares in a time that depends on the length of `given` alone.
[[nodiscard]] bool sameSecret(std::string_view given, std::string_view secret) noexcept;

}  // namespace qbatch::serve
