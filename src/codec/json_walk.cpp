#include "codec/json_walk.hpp"

#include <array>
#include <cstdint>

#include "codec/special_bytes.hpp"

namespace qbatch::codec {
namespace {

bool isSpace(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t skipSpace(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && isSpace(text[at])) ++at;
  return at;
}

std::size_t endOfPlainValue(std::string_view text, std::size_t at) noexcept {
  const auto ends = [](char c) { return c == ',' || c == ']' || c == '}' || isSpace(c); };
  while (at < text.size() && !ends(text[at])) ++at;
  return at;
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

char* writeCodePoint(char* out, std::uint32_t point) noexcept {
  const auto write = [&out](std::uint32_t byte) { *out++ = static_cast<char>(static_cast<unsigned char>(byte)); };
  const auto continuation = [&write](std::uint32_t bits) { write(0x80u | (bits & 0x3Fu)); };
  if (point < 0x80) {
    write(point);
    return out;
  }
  if (point < 0x800) {
    write(0xC0u | point >> 6);
  } else {
    if (point < 0x10000) {
      write(0xE0u | point >> 12);
    } else {
      write(0xF0u | point >> 18);
      continuation(point >> 12);
    }
    continuation(point >> 6);
  }
  continuation(point);
  return out;
}

/// What the letter of an escape stands for: itself, but for a few of them.
constexpr auto namedEscapes = [] {
  std::array<char, 256> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(static_cast<unsigned char>(i));
  all['b'] = '\b';
  all['f'] = '\f';
  all['n'] = '\n';
  all['r'] = '\r';
  all['t'] = '\t';
  return all;
}();

/// Writes what the escape at `at` stands for, which is never longer than itself, and moves `at` behind it.
inline char* writeEscape(char* out, std::string_view body, std::size_t& at) noexcept {
  const char c = at + 1 < body.size() ? body[at + 1] : '\\';
  if (c != 'u') {
    *out = namedEscapes[static_cast<unsigned char>(c)];
    at += 2;
    return out + 1;
  }
  std::uint32_t point = hexUnit(body, at + 2);
  at += 6;
  if ((point & 0xFC00u) == 0xD800u) {
    point = 0x10000u + ((point & 0x3FFu) << 10) + (hexUnit(body, at + 2) & 0x3FFu);
    at += 6;
  }
  return writeCodePoint(out, point);
}

}  // namespace

JsonWalk::JsonWalk(std::string_view container) noexcept : text_(container), stops_(container) {
  at_ = skipSpace(text_, 0);
  object_ = at_ < text_.size() && text_[at_] == '{';
  ++at_;
}

std::size_t JsonWalk::endOfString(std::size_t at) noexcept {
  do {
    at = stops_.next(at + 1);
  } while (at < text_.size() && text_[at] != '"');
  return at < text_.size() ? at + 1 : at;
}

std::size_t JsonWalk::endOfContainer(std::size_t at) noexcept {
  std::size_t depth = 0;
  while (at < text_.size()) {
    const char c = text_[at];
    if (c == '"') {
      at = endOfString(at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return text_.size();
}

std::size_t JsonWalk::endOfValue(std::size_t at) noexcept {
  if (at >= text_.size()) return text_.size();
  if (text_[at] == '"') return endOfString(at);
  return text_[at] == '{' || text_[at] == '[' ? endOfContainer(at) : endOfPlainValue(text_, at);
}

std::optional<JsonWalk::Entry> JsonWalk::next() noexcept {
  at_ = skipSpace(text_, at_);
  if (at_ < text_.size() && text_[at_] == ',') at_ = skipSpace(text_, at_ + 1);
  if (at_ >= text_.size() || text_[at_] == '}' || text_[at_] == ']') return std::nullopt;
  Entry entry;
  entry.begin = at_;
  if (object_) {
    const std::size_t end = endOfString(at_);
    entry.name = text_.substr(at_ + 1, end - at_ - 2);
    at_ = skipSpace(text_, skipSpace(text_, end) + 1);
  }
  entry.end = endOfValue(at_);
  entry.value = text_.substr(at_, entry.end - at_);
  at_ = entry.end;
  return entry;
}

std::string unescape(std::string_view body) {
  if (body.find('\\') == std::string_view::npos) return std::string(body);
  std::string out(body.size(), '\0');
  char* end = out.data();
  std::size_t at = 0;  // what has not been copied
  SpecialPlaces found;
  const SpecialFinder find = specialFinder();
  for (std::size_t begin = 0; begin < body.size(); begin += SpecialPlaces::longestPiece) {
    find(body.substr(begin, SpecialPlaces::longestPiece), found);
    for (std::size_t i = 0; i < found.count; ++i) {
      const std::size_t mark = begin + found.at[i];
      if (mark < at) continue;  // a quote or a backslash that is escaped
      end = copyByStrides(end, body.data() + at, mark - at, body.size() - at);
      at = mark;
      end = writeEscape(end, body, at);
    }
  }
  if (at < body.size()) end = copyByStrides(end, body.data() + at, body.size() - at, body.size() - at);
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

bool nameIs(std::string_view name, std::string_view key) {
  return name.find('\\') == std::string_view::npos ? name == key : unescape(name) == key;
}

}  // namespace qbatch::codec
