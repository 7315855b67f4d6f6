#include "rest/redact.hpp"

#include <cstddef>

namespace qbatch::rest {

std::string redact(std::string_view text, std::span<const std::string> secrets) {
  constexpr std::size_t shortest = 4;
  constexpr std::string_view stars = "***";
  std::string clean(text);
  for (const auto& secret : secrets) {
    if (secret.size() < shortest) continue;
    for (auto at = clean.find(secret); at != std::string::npos; at = clean.find(secret, at + stars.size()))
      clean.replace(at, secret.size(), stars);
  }
  return clean;
}

}  // namespace qbatch::rest
