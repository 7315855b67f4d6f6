#pragma once
#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "local/payload_path.hpp"

namespace qbatch::local {

/// A JSON value that can be changed. Members keep their order; of equal names the last value counts. As deep as the parser allows (1,024
/// levels), so that walking it may recurse.
struct JsonTree {
  using Array = std::vector<JsonTree>;
  using Object = std::vector<std::pair<std::string, JsonTree>>;
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value{nullptr};

  [[nodiscard]] static JsonTree object() { return {Object()}; }
  [[nodiscard]] static JsonTree from(simdjson::dom::element element);
  /// Throws ParseError where the text is no JSON.
  [[nodiscard]] static JsonTree parse(std::string_view json);

  [[nodiscard]] bool isNull() const noexcept { return std::holds_alternative<std::nullptr_t>(value); }
  [[nodiscard]] Object* asObject() noexcept { return std::get_if<Object>(&value); }
  [[nodiscard]] const Object* asObject() const noexcept { return std::get_if<Object>(&value); }
  /// Compact JSON. Numbers read back as what they are: whole ones exactly, others as the same double.
  [[nodiscard]] std::string text() const;
  bool operator==(const JsonTree&) const = default;
};

// What Qdrant's requests do to payloads. `root` is an object.

/// Sets the members in the object at the path (without one: in the root). What is no object there becomes one, what the path takes for an
/// array and is none becomes an empty one; elements that an array lacks are not made. A null removes the member of its name. The names of
/// `members` are different.
void mergeAt(JsonTree& root, const std::optional<PayloadPath>& path, const JsonTree::Object& members);
/// Removes the member that the path leads to. `a[]` empties the array; `a[0]` leaves it as it is, as the server does.
void removeAt(JsonTree& root, const PayloadPath& path);
/// What `include` leaves. A value that is no container stays where a path leads through it; what a path takes for an object stays without
/// elements where it is an array, and the other way about. An index means no element: `a[0]` leaves `a` as an empty array.
[[nodiscard]] JsonTree onlyPaths(const JsonTree& root, const std::vector<PayloadPath>& paths);
/// What `exclude` leaves. Paths with an index take nothing away.
[[nodiscard]] JsonTree withoutPaths(const JsonTree& root, const std::vector<PayloadPath>& paths);

}  // namespace qbatch::local
