#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "qbatch/export.hpp"

namespace qbatch {

/// A JSON object: a point's payload, or a pattern's metadata. Built by appending, kept as text, parsed only when read.
/// A key that is set again takes the new value. A value type; one object must not be changed by two threads at once.
class QBATCH_EXPORT Payload {
 public:
  using Value = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string>;

  /// The empty object.
  Payload();
  /// `Payload{{"category", "io"}, {"stars", 3}}`. Throws as set() does.
  Payload(std::initializer_list<std::pair<std::string_view, Value>> members);
  /// Takes over a JSON object's text. Throws ParseError for anything that is not one complete, strictly valid JSON object in
  /// UTF-8, nested at most 127 deep, with numbers that fit 64 bits. Where a key stands twice, the last one counts.
  [[nodiscard]] static Payload parse(std::string_view json);

  /// Sets one top-level member. Throws ParseError where a text is not UTF-8 or a number is not finite.
  Payload& set(std::string_view key, Value value);
  /// The same for any integer type. Throws std::out_of_range where the value does not fit 64 signed bits.
  Payload& set(std::string_view key, std::integral auto value) {
    if constexpr (std::same_as<decltype(value), bool>) {
      return set(key, Value(value));
    } else {
      if (!std::in_range<std::int64_t>(value)) throw std::out_of_range("payload: an integer above 2^63-1 does not fit");
      return set(key, Value(static_cast<std::int64_t>(value)));
    }
  }
  Payload& set(std::string_view key, const char* text) { return set(key, Value(std::string(text))); }
  Payload& set(std::string_view key, std::string_view text) { return set(key, Value(std::string(text))); }
  Payload& set(std::string_view key, std::string text) { return set(key, Value(std::move(text))); }
  Payload& set(std::string_view key, std::nullptr_t) { return set(key, Value(nullptr)); }
  /// Sets one top-level member to any JSON value, given as text. Throws ParseError.
  Payload& setJson(std::string_view key, std::string_view json);

  /// A top-level member that is null, a boolean, a number or a string; nullopt where it is absent, an array or an object.
  [[nodiscard]] std::optional<Value> get(std::string_view key) const;
  /// The JSON text of the member at a path of keys joined by dots (`a.b`); nullopt where there is none.
  [[nodiscard]] std::optional<std::string> getJson(std::string_view path) const;

  [[nodiscard]] bool empty() const noexcept;
  /// The whole object as JSON text; valid until this object changes.
  [[nodiscard]] std::string_view json() const noexcept;

  /// Equal text, member for member and in the same order.
  friend bool operator==(const Payload&, const Payload&) noexcept = default;

 private:
  friend struct PayloadAccess;
  std::string text_;
};

}  // namespace qbatch
