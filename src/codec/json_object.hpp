#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json_check.hpp"

namespace qbatch::codec {

/// A JSON object's top-level members in order, each value as its raw JSON text. Owns its texts.
class JsonObject {
 public:
  JsonObject() = default;
  /// Throws ParseError where `text` is not one strictly valid JSON object (see Payload::parse). Where a key stands twice the last counts.
  [[nodiscard]] static JsonObject parse(std::string_view text);
  /// The same of a point's payload, whose empty text means no members.
  [[nodiscard]] static JsonObject ofPayload(std::string_view payload);

  /// The raw JSON text of a member; nullptr where it is absent. Valid until the object changes.
  [[nodiscard]] const std::string* find(std::string_view key) const noexcept;
  /// Sets a member to raw JSON text, which must be valid; keeps the place of a member that exists.
  void set(std::string_view key, std::string rawJson);
  /// False where there was none.
  bool erase(std::string_view key);

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& members() const noexcept { return members_; }
  [[nodiscard]] bool empty() const noexcept { return members_.empty(); }
  /// The object as compact JSON text.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::pair<std::string, std::string>> members_;  // unescaped key, raw value
};

/// Checks that `text` is exactly one valid JSON value (strict grammar, UTF-8, at most 127 levels, numbers within 64 bits or double range).
/// Throws ParseError with what is wrong and the offset. Returns the text without white space between tokens.
[[nodiscard]] std::string checkedJson(std::string_view text);

/// The text and the places of its members, with less copying than JsonObject; `text` must outlive them. Throws as JsonObject::parse.
[[nodiscard]] CheckedJson checkedObject(std::string_view text);

/// The text of a raw JSON string value; nullopt where the raw value is of another kind.
[[nodiscard]] std::optional<std::string> stringValue(std::string_view rawJson);
/// nullopt where the raw value is not a whole number that fits (1.0 and 1e3 are not whole numbers here).
[[nodiscard]] std::optional<std::int64_t> integerValue(std::string_view rawJson);
/// nullopt where the raw value is not a number.
[[nodiscard]] std::optional<double> numberValue(std::string_view rawJson);
/// "null", "boolean", "number", "string", "array" or "object".
[[nodiscard]] std::string_view kindName(std::string_view rawJson) noexcept;

}  // namespace qbatch::codec
