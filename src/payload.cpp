#include "qbatch/payload.hpp"

#include <cmath>
#include <type_traits>

#include "codec/json_check.hpp"
#include "codec/json_object.hpp"
#include "codec/json_walk.hpp"
#include "codec/json_writer.hpp"
#include "codec/utf8.hpp"
#include "qbatch/error.hpp"

namespace qbatch {
namespace {

using codec::JsonWalk;

std::optional<JsonWalk::Entry> findMember(std::string_view object, std::string_view key) {
  JsonWalk walk(object);
  while (const auto member = walk.next()) {
    if (codec::nameIs(member->name, key)) return member;
  }
  return std::nullopt;
}

void requireUtf8(std::string_view text, const std::string& what) {
  if (const auto bad = codec::findInvalidUtf8(text)) throw ParseError(what + " is not valid UTF-8; convert it to UTF-8", *bad);
}

std::string valueText(std::string_view key, const Payload::Value& value) {
  std::string out;
  std::visit(
      [&](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::nullptr_t>) {
          out = "null";
        } else if constexpr (std::is_same_v<Held, bool>) {
          out = held ? "true" : "false";
        } else if constexpr (std::is_same_v<Held, std::int64_t>) {
          codec::appendInteger(out, held);
        } else if constexpr (std::is_same_v<Held, double>) {
          if (!std::isfinite(held)) {
            throw ParseError("payload: the number for '" + std::string(key) + "' is not finite, which JSON cannot hold; use null", 0);
          }
          codec::appendDouble(out, held);
        } else {
          requireUtf8(held, "payload: the text for '" + std::string(key) + "'");
          codec::appendString(out, held);
        }
      },
      value);
  return out;
}

/// Replaces the value of a member that exists, or appends one. `text` is an object, or empty for the empty object.
void assign(std::string& text, std::string_view key, std::string_view value) {
  if (const auto member = findMember(text, key)) {
    text.replace(member->end - member->value.size(), member->value.size(), value);
    return;
  }
  if (text.empty()) {
    text = '{';
  } else {
    text.back() = ',';
  }
  codec::appendString(text, key);
  text += ':';
  text += value;
  text += '}';
}

}  // namespace

Payload::Payload() = default;

Payload::Payload(std::initializer_list<std::pair<std::string_view, Value>> members) {
  for (const auto& member : members) set(member.first, member.second);
}

Payload Payload::parse(std::string_view json) {
  std::string compact = codec::checkedJson(json);
  if (compact.front() != '{') {
    const auto kind = std::string(codec::kindName(compact));
    throw ParseError("a payload must be a JSON object, this is of the kind " + kind, json.find_first_not_of(" \t\n\r"));
  }
  Payload payload;
  if (compact != "{}") payload.text_ = std::move(compact);
  return payload;
}

Payload& Payload::set(std::string_view key, Value value) {
  requireUtf8(key, "payload: a member's name");
  assign(text_, key, valueText(key, value));
  return *this;
}

Payload& Payload::setJson(std::string_view key, std::string_view json) {
  requireUtf8(key, "payload: a member's name");
  assign(text_, key, codec::checkJson(json, codec::maxJsonLevels - 1));
  return *this;
}

std::optional<Payload::Value> Payload::get(std::string_view key) const {
  const auto member = findMember(text_, key);
  if (!member) return std::nullopt;
  const std::string_view kind = codec::kindName(member->value);
  if (kind == "null") return Value(nullptr);
  if (kind == "boolean") return Value(member->value == "true");
  if (kind == "string") return Value(*codec::stringValue(member->value));
  if (kind != "number") return std::nullopt;
  if (const auto integer = codec::integerValue(member->value)) return Value(*integer);
  return Value(*codec::numberValue(member->value));
}

std::optional<std::string> Payload::getJson(std::string_view path) const {
  std::string_view object = text_;
  for (;;) {
    // A name that itself contains dots goes before a path.
    if (const auto member = findMember(object, path)) return std::string(member->value);
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto step = findMember(object, path.substr(0, dot));
    if (!step || step->value.front() != '{') return std::nullopt;
    object = step->value;
    path.remove_prefix(dot + 1);
  }
}

bool Payload::empty() const noexcept { return text_.empty(); }

std::string_view Payload::json() const noexcept { return text_.empty() ? std::string_view("{}") : std::string_view(text_); }

}  // namespace qbatch
