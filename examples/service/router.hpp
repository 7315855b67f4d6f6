#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "handlers.hpp"

namespace service {

/// One endpoint.
struct Route {
  std::string_view method{}, pattern{};  ///< a segment in braces stands for any text
  void (*handler)(Tools&, Call) = nullptr;
  bool repeatable = true;  ///< carrying it out twice does no harm: nothing is counted, and nothing dropped that came meanwhile
};

/// The service's endpoints.
[[nodiscard]] std::span<const Route> routes() noexcept;

/// Where a request goes to.
struct Destination {
  const Route* route = nullptr;  ///< none: `refusal` says why
  std::vector<std::string> parameters{};
  qbatch::HttpResponse refusal{};
};

/// 404 for an address that is not there, 405 (with Allow) for one that has no such method, 415 for a POST that is no JSON.
[[nodiscard]] Destination find(const qbatch::HttpRequest& request);
/// The pattern of the route that serves this address, for figures; "other" where there is none.
[[nodiscard]] std::string_view patternOf(std::string_view path) noexcept;

}  // namespace service
