#include "local/index_kind.hpp"

#include <array>
#include <cstddef>

namespace qbatch::local {
namespace {

constexpr std::array<std::string_view, 8> names{"keyword", "integer", "float", "geo", "text", "bool", "datetime", "uuid"};

}  // namespace

std::string_view nameOf(IndexKind kind) noexcept { return names[static_cast<std::size_t>(kind)]; }

std::optional<IndexKind> indexKindNamed(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<IndexKind>(i);
  }
  return std::nullopt;
}

}  // namespace qbatch::local
