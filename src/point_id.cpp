#include "qbatch/point_id.hpp"

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <charconv>
#include <system_error>

#include "codec/utf8.hpp"
#include "qbatch/error.hpp"

namespace qbatch {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

// a7d98350-50d4-4246-8ecc-4fb03ff5613b, fixed for ever: see docs/adr/0002-content-ids.md.
constexpr Bytes contentNamespace = {0xa7, 0xd9, 0x83, 0x50, 0x50, 0xd4, 0x42, 0x46, 0x8e, 0xcc, 0x4f, 0xb0, 0x3f, 0xf5, 0x61, 0x3b};

constexpr std::array<std::size_t, 4> hyphens = {8, 13, 18, 23};

[[noreturn]] void fail(std::string_view text, const std::string& problem, std::size_t offset) {
  const std::string shown = codec::toValidUtf8(text.substr(0, 60)) + (text.size() > 60 ? "…" : "");
  throw ParseError("point id \"" + shown + "\": " + problem, offset);
}

bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }

/// 16 or more for what is no hexadecimal digit.
unsigned hexDigit(char c) noexcept {
  if (isDigit(c)) return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a' + 10) : 16u;
}

bool isHyphenPlace(std::size_t place) noexcept { return std::find(hyphens.begin(), hyphens.end(), place) != hyphens.end(); }

bool isUrn(std::string_view text) noexcept {
  constexpr std::string_view prefix = "urn:uuid:";
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; };
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [&](char b, char a) { return same(a, b); });
}

std::uint64_t parseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec == std::errc::result_out_of_range) fail(text, "the number does not fit 64 bits; use a number below 2^64 or a UUID", 0);
  return number;
}

/// `body` is the part of `text` from `begin` on that must be the UUID itself, with or without hyphens.
Bytes parseUuid(std::string_view text, std::string_view body, std::size_t begin) {
  const bool hyphenated = body.size() == 36;
  Bytes bytes{};
  std::size_t digits = 0;
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (hyphenated && isHyphenPlace(at)) {
      if (body[at] != '-') fail(text, "a hyphen is missing here", begin + at);
      continue;
    }
    const unsigned digit = hexDigit(body[at]);
    if (digit > 15) fail(text, "a hexadecimal digit is needed here", begin + at);
    bytes[digits / 2] = static_cast<std::uint8_t>(bytes[digits / 2] * 16u + digit);
    ++digits;
  }
  return bytes;
}

void appendText(std::string& name, std::string_view text) {
  for (int shift = 56; shift >= 0; shift -= 8) name += static_cast<char>(static_cast<std::uint64_t>(text.size()) >> shift & 0xFFu);
  name += text;
}

}  // namespace

PointId::PointId(std::uint64_t number) noexcept {
  for (std::size_t i = 0; i < 8; ++i) bytes_[15 - i] = static_cast<std::uint8_t>(number >> (8 * i) & 0xFFu);
}

PointId PointId::fromUuid(const std::array<std::uint8_t, 16>& bytes) noexcept {
  PointId id(0);
  id.uuid_ = true;
  id.bytes_ = bytes;
  return id;
}

PointId PointId::parse(std::string_view text) {
  if (text.empty()) fail(text, "it is empty; give an unsigned number or a UUID", 0);
  if (text.size() != 32 && std::all_of(text.begin(), text.end(), isDigit)) return parseNumber(text);
  std::size_t begin = 0, end = text.size();
  if (isUrn(text)) {
    begin = 9;
  } else if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
    begin = 1;
    --end;
  }
  const std::string_view body = text.substr(begin, end - begin);
  const bool simple = begin == 0 && body.size() == 32;
  if (!simple && body.size() != 36) {
    const auto wrong = std::find_if_not(text.begin(), text.end(), isDigit);
    fail(text, "neither an unsigned number nor a UUID; write 42 or 123e4567-e89b-12d3-a456-426614174000",
         static_cast<std::size_t>(wrong - text.begin()));
  }
  return fromUuid(parseUuid(text, body, begin));
}

PointId PointId::forContent(std::string_view description, std::string_view code, std::string_view language) {
  std::string name;
  name.reserve(24 + description.size() + code.size() + language.size());
  for (const auto text : {description, code, language}) appendText(name, text);
  boost::uuids::uuid space{};
  std::copy(contentNamespace.begin(), contentNamespace.end(), space.begin());
  const boost::uuids::uuid made = boost::uuids::name_generator_sha1(space)(name.data(), name.size());
  Bytes bytes{};
  std::copy(made.begin(), made.end(), bytes.begin());
  return fromUuid(bytes);
}

std::uint64_t PointId::number() const noexcept {
  if (uuid_) return 0;
  std::uint64_t number = 0;
  for (std::size_t i = 8; i < 16; ++i) number = number << 8 | bytes_[i];
  return number;
}

std::string PointId::toString() const {
  if (!uuid_) return std::to_string(number());
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (const std::uint8_t byte : bytes_) {
    if (isHyphenPlace(text.size())) text += '-';
    text += digits[byte >> 4];
    text += digits[byte & 15u];
  }
  return text;
}

}  // namespace qbatch
