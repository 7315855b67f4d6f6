#include "codec/json_object.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "codec/json_number.hpp"
#include "codec/json_walk.hpp"
#include "codec/json_writer.hpp"
#include "qbatch/error.hpp"

namespace qbatch::codec {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  if (!text.empty() && text.front() > ' ' && text.back() > ' ') return text;  // mostly
  constexpr std::string_view whiteSpace = " \t\n\r";
  const std::size_t first = text.find_first_not_of(whiteSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(whiteSpace) - first + 1);
}

}  // namespace

JsonObject JsonObject::ofPayload(std::string_view payload) { return payload.empty() ? JsonObject() : parse(payload); }

JsonObject JsonObject::parse(std::string_view text) {
  const CheckedJson checked = checkedObject(text);
  JsonObject object;
  object.members_.reserve(checked.members.size());
  for (const auto& member : checked.members) object.members_.emplace_back(member.name, checked.valueOf(member));
  return object;
}

const std::string* JsonObject::find(std::string_view key) const noexcept {
  const auto found = std::find_if(members_.begin(), members_.end(), [key](const auto& member) { return member.first == key; });
  return found == members_.end() ? nullptr : &found->second;
}

void JsonObject::set(std::string_view key, std::string rawJson) {
  const auto found = std::find_if(members_.begin(), members_.end(), [key](const auto& member) { return member.first == key; });
  if (found == members_.end()) {
    members_.emplace_back(key, std::move(rawJson));
  } else {
    found->second = std::move(rawJson);
  }
}

bool JsonObject::erase(std::string_view key) {
  return std::erase_if(members_, [key](const auto& member) { return member.first == key; }) > 0;
}

std::string JsonObject::text() const {
  std::size_t size = 2;
  for (const auto& member : members_) size += member.first.size() + member.second.size() + 4;
  std::string out;
  out.reserve(size);
  out += '{';
  for (const auto& member : members_) {
    if (out.size() > 1) out += ',';
    appendString(out, member.first);
    out += ':';
    out += member.second;
  }
  out += '}';
  return out;
}

std::string checkedJson(std::string_view text) { return checkJson(text); }

CheckedJson checkedObject(std::string_view text) {
  CheckedJson checked = checkJsonMembers(text);
  if (checked.text().front() != '{') {
    const auto kind = std::string(kindName(checked.text()));
    throw ParseError("a JSON object is needed, this is of the kind " + kind, text.find_first_not_of(" \t\n\r"));
  }
  return checked;
}

std::optional<std::string> stringValue(std::string_view rawJson) {
  const std::string_view text = trimmed(rawJson);
  if (text.size() < 2 || text.front() != '"') return std::nullopt;
  return unescape(text.substr(1, text.size() - 2));
}

std::optional<std::int64_t> integerValue(std::string_view rawJson) {
  const std::string_view text = trimmed(rawJson);
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> numberValue(std::string_view rawJson) {
  if (kindName(rawJson) != "number") return std::nullopt;
  return doubleFromText(trimmed(rawJson));
}

std::string_view kindName(std::string_view rawJson) noexcept {
  const std::string_view text = trimmed(rawJson);
  switch (text.empty() ? 'n' : text.front()) {
    case 'n':
      return "null";
    case 't':
    case 'f':
      return "boolean";
    case '"':
      return "string";
    case '[':
      return "array";
    case '{':
      return "object";
    default:
      return "number";
  }
}

}  // namespace qbatch::codec
