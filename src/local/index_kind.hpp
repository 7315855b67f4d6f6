#pragma once
#include <optional>
#include <string_view>

namespace qbatch::local {

/// What a payload index holds: Qdrant's `field_schema`.
enum class IndexKind { keyword, integer, floating, geo, text, boolean, datetime, uuid };

/// The kind as Qdrant writes it: `keyword`, `integer`, `float`, `geo`, `text`, `bool`, `datetime`, `uuid`.
[[nodiscard]] std::string_view nameOf(IndexKind kind) noexcept;
/// The kind that a `field_schema` names, which is JSON: its name, or an object with it as `type`; nullopt where there is none.
[[nodiscard]] std::optional<IndexKind> indexKindOf(std::string_view schema);
/// nullopt for any other name.
[[nodiscard]] std::optional<IndexKind> indexKindNamed(std::string_view name) noexcept;

}  // namespace qbatch::local
