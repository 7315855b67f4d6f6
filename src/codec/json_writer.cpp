#include "codec/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "codec/float_text.hpp"
#include "codec/utf8.hpp"

namespace qbatch::codec {
namespace {

void appendEscaped(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (byte) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15u];
  }
}

template <class Number>
std::string_view shortest(std::array<char, 64>& buffer, Number value) {
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), static_cast<std::size_t>(result.ptr - buffer.data())};
}

template <class Number>
void appendShortest(std::string& out, Number value) {
  std::array<char, 64> buffer;
  out += shortest(buffer, value);
}

}  // namespace

void appendString(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // where the bytes begin that are copied as they are
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, plain, at - plain);
    appendEscaped(out, byte);
    plain = at + 1;
  }
  out.append(text, plain);
  out += '"';
}

void appendAnyString(std::string& out, std::string_view bytes) {
  if (findInvalidUtf8(bytes)) {
    appendString(out, toValidUtf8(bytes));
  } else {
    appendString(out, bytes);
  }
}

void appendInteger(std::string& out, std::int64_t value) { appendShortest(out, value); }

void appendUnsigned(std::string& out, std::uint64_t value) { appendShortest(out, value); }

void appendDouble(std::string& out, double value) {
  std::array<char, 64> buffer;
  const std::string_view text = shortest(buffer, value);
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void appendFloat(std::string& out, float value) {
  if (value == 0) {
    out += std::signbit(value) ? "-0" : "0";
    return;
  }
  std::array<char, longestFloat> buffer;
  out.append(buffer.data(), writeFloat(buffer.data(), value));
}

}  // namespace qbatch::codec
