#include "local/index_kind.hpp"

#include <array>
#include <cstddef>

#include "local/payload_reader.hpp"

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

std::optional<IndexKind> indexKindOf(std::string_view schema) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view name;
  if (parser.parse(schema.data(), schema.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  if (root.is_object()) {
    const auto type = memberOf(simdjson::dom::object(root), "type");
    if (!type) return std::nullopt;
    root = *type;
  }
  return root.get_string().get(name) == simdjson::SUCCESS ? indexKindNamed(name) : std::nullopt;
}

}  // namespace qbatch::local
