#include "serve/request_id.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <random>

namespace qbatch::serve {

RequestIds::RequestIds(std::string_view header) : header_(lowerCase(header)) {
  if (header_.empty()) return;
  std::random_device random;
  origin_ = fmt::format("{:08x}{:08x}", random(), random());
}

std::string RequestIds::of(const RequestHead& head) {
  if (header_.empty()) return {};
  if (head.count(header_) == 1) {
    if (const auto* given = head.field(header_); isRequestId(*given)) return *given;
  }
  return fmt::format("{}-{:x}", origin_, ++made_);
}

bool isRequestId(std::string_view text) noexcept {
  constexpr std::size_t longest = 128;
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace qbatch::serve
