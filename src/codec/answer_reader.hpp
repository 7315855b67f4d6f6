#pragma once
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "codec/decode_error.hpp"

// What the decoders of answers share: reading JSON members by simdjson on demand, where whatever is wrong becomes a DecodeError. Every
// value is read or passed over exactly once, in the order of the text.
namespace qbatch::codec {

using JsonValue = simdjson::ondemand::value;
using JsonItems = simdjson::ondemand::array;
using JsonMembers = simdjson::ondemand::object;

/// How deep what is passed over may be nested.
constexpr std::size_t maxUnknownLevels = 128;

/// Throws DecodeError: the JSON text itself is wrong, or `member` is not `kind` ("a string").
[[noreturn]] void failReading(simdjson::error_code error, std::string_view member, std::string_view kind);

template <class Kind>
[[nodiscard]] Kind needed(simdjson::simdjson_result<Kind> found, std::string_view member, std::string_view kind) {
  Kind value;
  if (const auto error = std::move(found).get(value)) failReading(error, member, kind);
  return value;
}

[[nodiscard]] inline JsonMembers objectOf(JsonValue value, std::string_view member) {
  return needed(value.get_object(), member, "an object");
}
[[nodiscard]] inline JsonItems arrayOf(JsonValue value, std::string_view member) { return needed(value.get_array(), member, "an array"); }
/// Without its escapes; valid until the next answer is read in this thread.
[[nodiscard]] inline std::string_view stringOf(JsonValue value, std::string_view member) {
  return needed(value.get_string(), member, "a string");
}
[[nodiscard]] inline bool boolOf(JsonValue value, std::string_view member) { return needed(value.get_bool(), member, "true or false"); }
[[nodiscard]] inline std::uint64_t unsignedOf(JsonValue value, std::string_view member) {
  return needed(value.get_uint64(), member, "an unsigned whole number");
}
/// True where the value is null, which is read by that; otherwise the value is still to be read.
[[nodiscard]] bool isNull(JsonValue value, std::string_view member);

/// Passes over a value, checking its syntax.
void passOver(JsonValue value, std::size_t levels = maxUnknownLevels);

/// Calls `take(name, value)` for each member: it reads the value, or answers false to have it passed over.
template <class Take>
void eachMember(JsonMembers members, std::string_view path, Take take, std::size_t levels = maxUnknownLevels) {
  for (auto member : members) {
    auto field = needed<simdjson::ondemand::field>(member, path, "an object");
    const std::string_view name = needed(field.unescaped_key(), path, "an object");
    if (!take(name, JsonValue(field.value()))) passOver(field.value(), levels);
  }
}

/// Calls `take(value)`, which reads it, for each element.
template <class Take>
void eachItem(JsonItems items, std::string_view path, Take take) {
  for (auto item : items) take(needed<JsonValue>(item, path, "an array"));
}

/// One answer's text while it is read. Only one at a time in a thread.
class Answer {
 public:
  /// Gives `body` room behind its end; its bytes stay as they are. It must outlive this.
  explicit Answer(std::string& body);
  ~Answer();
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  /// Calls `take(name, value)` for each member of the answer (see eachMember), and makes sure that nothing follows behind.
  template <class Take>
  void members(Take take) {
    eachMember(root(), "", take);
    checkEnd();
  }
  /// Calls `take(value)`, which reads it, for the member `result`, which must be there and not null.
  template <class Take>
  void result(Take take) {
    bool found = false;
    members([&](std::string_view name, JsonValue value) {
      if (name != "result") return false;
      if (isNull(value, "result")) failDecoding("result", "is null");
      take(value);
      return found = true;
    });
    if (!found) failDecoding("result", "is missing");
  }

 private:
  JsonMembers root();
  void checkEnd();

  simdjson::ondemand::document document_;
};

}  // namespace qbatch::codec
