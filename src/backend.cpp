#include "qbatch/backend.hpp"

#include <algorithm>

namespace qbatch {

std::string_view toString(Distance distance) noexcept {
  switch (distance) {
    case Distance::cosine:
      return "Cosine";
    case Distance::dot:
      return "Dot";
    case Distance::euclid:
      return "Euclid";
    case Distance::manhattan:
      return "Manhattan";
  }
  return "unknown";
}

std::optional<Distance> parseDistance(std::string_view text) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  const auto same = [&lower](char a, char b) { return lower(a) == lower(b); };
  for (const auto distance : {Distance::cosine, Distance::dot, Distance::euclid, Distance::manhattan}) {
    const std::string_view name = toString(distance);
    if (std::equal(name.begin(), name.end(), text.begin(), text.end(), same)) return distance;
  }
  return std::nullopt;
}

}  // namespace qbatch
