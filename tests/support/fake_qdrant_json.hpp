#pragma once
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace qbatch::test {

/// A JSON value that can be changed. Members keep their order.
struct JsonTree {
  using Array = std::vector<JsonTree>;
  using Object = std::vector<std::pair<std::string, JsonTree>>;
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value{nullptr};

  [[nodiscard]] static JsonTree object() { return {Object()}; }
  [[nodiscard]] static JsonTree from(simdjson::dom::element element);
  [[nodiscard]] bool isNull() const noexcept { return std::holds_alternative<std::nullptr_t>(value); }
  [[nodiscard]] Object* asObject() noexcept { return std::get_if<Object>(&value); }
  [[nodiscard]] const Object* asObject() const noexcept { return std::get_if<Object>(&value); }
  [[nodiscard]] std::string text() const;
};

/// One step of a payload path: a member, one element of an array, or each of them.
struct PathStep {
  enum class Kind { key, index, each } kind = Kind::key;
  std::string key{};
  std::size_t index{};
};
using JsonPath = std::vector<PathStep>;
/// `a.b`, `a[0]`, `a[].b`, `"a key".b`; nullopt for anything else.
[[nodiscard]] std::optional<JsonPath> parseJsonPath(std::string_view text);

/// Sets the members of `members` in the object at the path (the root for an empty one), which is made where it is absent. Null removes a
/// member.
void mergeAt(JsonTree& root, const JsonPath& path, const JsonTree::Object& members);
/// Removes the member that the path leads to.
void removeAt(JsonTree& root, const JsonPath& path);
/// What is left of an object where only these paths are kept.
[[nodiscard]] JsonTree onlyPaths(const JsonTree& root, const std::vector<JsonPath>& paths);

}  // namespace qbatch::test
