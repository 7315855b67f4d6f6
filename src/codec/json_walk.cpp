#include "codec/json_walk.hpp"

#include <array>
#include <cstdint>

#include "codec/special_bytes.hpp"

namespace qbatch::codec {
namespace {

constexpr std::string_view whiteSpace = " \t\n\r";

std::size_t skipSpace(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && whiteSpace.find(text[at]) != std::string_view::npos) ++at;
  return at;
}

/// The offset behind the string whose opening quote is at `at`.
std::size_t endOfString(std::string_view text, std::size_t at) noexcept {
  for (std::size_t quote = text.find('"', at + 1); quote != std::string_view::npos; quote = text.find('"', quote + 1)) {
    std::size_t backslash = quote;
    while (text[backslash - 1] == '\\') --backslash;  // it stops at the opening quote at the latest
    if ((quote - backslash) % 2 == 0) return quote + 1;
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
