#include "codec/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "codec/escape.hpp"
#include "codec/float_text.hpp"
#include "codec/utf8.hpp"

namespace qbatch::codec {
namespace {

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
  appendEscaped(out, text);
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
