#include "codec/json_walk.hpp"

#include <cstdint>

namespace qbatch::codec {
namespace {

constexpr std::string_view whiteSpace = " \t\n\r";

std::size_t skipSpace(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && whiteSpace.find(text[at]) != std::string_view::npos) ++at;
  return at;
}

/// The offset behind the string whose opening quote is at `at`.
std::size_t endOfString(std::string_view text, std::size_t at) noexcept {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return text.size();
}

std::size_t endOfContainer(std::string_view text, std::size_t at) noexcept {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = endOfString(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return text.size();
}

std::size_t endOfValue(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return text.size();
  if (text[at] == '"') return endOfString(text, at);
  if (text[at] == '{' || text[at] == '[') return endOfContainer(text, at);
  const std::size_t end = text.find_first_of(",]} \t\n\r", at);
  return end == std::string_view::npos ? text.size() : end;
}

std::uint32_t hexUnit(std::string_view body, std::size_t at) noexcept {
  std::uint32_t unit = 0;
  for (std::size_t i = at; i < at + 4 && i < body.size(); ++i) {
    const char c = body[i];
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    unit = unit << 4 | (static_cast<std::uint32_t>(digit) & 15u);
  }
  return unit;
}

void appendCodePoint(std::string& out, std::uint32_t point) {
  const auto append = [&out](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  const auto continuation = [&append](std::uint32_t bits) { append(0x80u | (bits & 0x3Fu)); };
  if (point < 0x80) return append(point);
  if (point < 0x800) {
    append(0xC0u | point >> 6);
    return continuation(point);
  }
  if (point < 0x10000) {
    append(0xE0u | point >> 12);
  } else {
    append(0xF0u | point >> 18);
    continuation(point >> 12);
  }
  continuation(point >> 6);
  continuation(point);
}

/// Appends what the escape at `at` stands for, and returns the offset behind it.
std::size_t appendEscape(std::string& out, std::string_view body, std::size_t at) {
  const char c = at + 1 < body.size() ? body[at + 1] : '\\';
  switch (c) {
    case 'b':
      out += '\b';
      break;
    case 'f':
      out += '\f';
      break;
    case 'n':
      out += '\n';
      break;
    case 'r':
      out += '\r';
      break;
    case 't':
      out += '\t';
      break;
    case 'u': {
      std::uint32_t point = hexUnit(body, at + 2);
      if ((point & 0xFC00u) != 0xD800u) {
        appendCodePoint(out, point);
        return at + 6;
      }
      point = 0x10000u + ((point & 0x3FFu) << 10) + (hexUnit(body, at + 8) & 0x3FFu);
      appendCodePoint(out, point);
      return at + 12;
    }
    default:
      out += c;
  }
  return at + 2;
}

}  // namespace

JsonWalk::JsonWalk(std::string_view container) noexcept : text_(container) {
  at_ = skipSpace(text_, 0);
  object_ = at_ < text_.size() && text_[at_] == '{';
  ++at_;
}

std::optional<JsonWalk::Entry> JsonWalk::next() noexcept {
  at_ = skipSpace(text_, at_);
  if (at_ < text_.size() && text_[at_] == ',') at_ = skipSpace(text_, at_ + 1);
  if (at_ >= text_.size() || text_[at_] == '}' || text_[at_] == ']') return std::nullopt;
  Entry entry;
  entry.begin = at_;
  if (object_) {
    const std::size_t end = endOfString(text_, at_);
    entry.name = text_.substr(at_ + 1, end - at_ - 2);
    at_ = skipSpace(text_, skipSpace(text_, end) + 1);
  }
  entry.end = endOfValue(text_, at_);
  entry.value = text_.substr(at_, entry.end - at_);
  at_ = entry.end;
  return entry;
}

std::string unescape(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t mark = body.find('\\', at);
    out.append(body, at, mark - at);
    if (mark == std::string_view::npos) break;
    at = appendEscape(out, body, mark);
  }
  return out;
}

bool nameIs(std::string_view name, std::string_view key) {
  return name.find('\\') == std::string_view::npos ? name == key : unescape(name) == key;
}

}  // namespace qbatch::codec
