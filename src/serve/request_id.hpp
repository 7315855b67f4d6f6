#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "serve/request_head.hpp"

namespace qbatch::serve {

/// The ids of a server's requests: those that they bring, and else made ones, which are this server's own and no secret. For one thread.
class RequestIds {
 public:
  /// `header`: HttpServerOptions::idHeader; empty: there are no ids.
  explicit RequestIds(std::string_view header);

  /// Also for a head that could not be read, which is empty.
  [[nodiscard]] std::string of(const RequestHead& head);
  /// In lower case.
  [[nodiscard]] const std::string& header() const noexcept { return header_; }

 private:
  std::string header_;
  std::string origin_{};
  std::uint64_t made_ = 0;
};

/// 1 to 128 of [A-Za-z0-9._-].
[[nodiscard]] bool isRequestId(std::string_view text) noexcept;

}  // namespace qbatch::serve
