#include "codec/utf8.hpp"

#include <simdjson.h>

namespace qbatch::codec {
namespace {

bool isContinuation(unsigned char byte) noexcept { return (byte & 0xC0u) == 0x80u; }

/// The length of the valid sequence at `at`; 0 where there is none.
std::size_t sequenceLength(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const unsigned char first = static_cast<unsigned char>(text[at]);
  const unsigned char second = static_cast<unsigned char>(byte(1));
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !isContinuation(second)) return 0;
  if (first < 0xE0) return 2;
  if (!isContinuation(static_cast<unsigned char>(byte(2)))) return 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (!isContinuation(static_cast<unsigned char>(byte(3)))) return 0;
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool tooLarge = first == 0xF4 && second > 0x8F;
  return overlong || tooLarge ? 0 : 4;
}

}  // namespace

std::optional<std::size_t> findInvalidUtf8(std::string_view text) noexcept {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequenceLength(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

std::string toValidUtf8(std::string_view text) {
  if (!findInvalidUtf8(text)) return std::string(text);
  std::string out;
  out.reserve(text.size() + 16);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequenceLength(text, at);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++at;
    } else {
      out.append(text, at, length);
      at += length;
    }
  }
  return out;
}

}  // namespace qbatch::codec
