#include "codec/json_check.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <forward_list>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "codec/json_number.hpp"
#include "codec/json_walk.hpp"
#include "codec/repeated_names.hpp"
#include "codec/special_bytes.hpp"
#include "codec/utf8.hpp"
#include "qbatch/error.hpp"

namespace qbatch::codec {
namespace {

constexpr std::size_t usualMembers = 16;

bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }
bool isLetter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string hexByte(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {'0', 'x', digits[byte >> 4], digits[byte & 15u]};
}

/// Reads from front to back, copying all but white space between tokens to `out_`. Recursion is bounded by `levels_`.
class Checker {
 public:
  Checker(std::string_view text, std::size_t levels) : text_(text), levels_(levels), stops_(text) {}

  CheckedJson run() {
    if (const auto bad = findInvalidUtf8(text_)) {
      fail("byte " + hexByte(text_[*bad]) + " is not valid UTF-8; convert the text to UTF-8", *bad);
    }
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") fail("the text begins with a byte order mark; remove its three bytes", 0);
    skipSpace();
    if (atEnd()) fail("the text is empty; a JSON value is needed", at_);
    value(0);
    const std::size_t end = at_;
    while (atSpace()) ++at_;
    if (!atEnd()) fail("text follows behind the end of the value; only one JSON value may stand there", at_);
    at_ = end;
    if (!out_.empty()) copyRun();
    return {text_.substr(run_, at_ - run_), std::move(out_), std::move(members_), std::move(unescaped_)};
  }

 private:
  using Member = CheckedJson::Member;

  [[noreturn]] static void fail(const std::string& problem, std::size_t offset) { throw ParseError("invalid JSON: " + problem, offset); }

  [[noreturn]] void expected(const std::string& what) const {
    if (atEnd()) fail("expected " + what + ", but the text ends", at_);
    const char c = text_[at_];
    const bool printable = c > 0x20 && c < 0x7F;
    fail("expected " + what + ", found " + (printable ? std::string{'\'', c, '\''} : "byte " + hexByte(c)), at_);
  }

  [[nodiscard]] bool atEnd() const noexcept { return at_ >= text_.size(); }
  [[nodiscard]] bool at(char c) const noexcept { return !atEnd() && text_[at_] == c; }
  [[nodiscard]] bool atSpace() const noexcept { return at(' ') || at('\n') || at('\t') || at('\r'); }
  [[gnu::always_inline]] void skipSpace() {
    if (!atEnd() && text_[at_] <= ' ') passSpace();
  }
  void passSpace() {
    if (written() > 0) copyRun();
    while (atSpace()) ++at_;
    run_ = at_;
  }
  void take() noexcept { ++at_; }
  void copyRun() {
    if (out_.empty()) out_.reserve(text_.size());
    out_.append(text_, run_, at_ - run_);
    run_ = at_;
  }
  /// How long the text without white space is so far.
  [[nodiscard]] std::size_t written() const noexcept { return out_.size() + (at_ - run_); }

  void value(std::size_t level) {
    if (at('{')) return object(level + 1);
    if (at('[')) return array(level + 1);
    if (at('"')) return void(string());
    if (!atEnd() && (isDigit(text_[at_]) || text_[at_] == '-')) return number();
    word();
  }

  void enter(std::size_t level) {
    if (level > levels_) fail("nested deeper than " + std::to_string(levels_) + " levels; make it flatter", at_);
    take();
    skipSpace();
  }

  void array(std::size_t level) {
    enter(level);
    if (at(']')) return take();
    for (;;) {
      value(level);
      skipSpace();
      if (at(']')) return take();
      if (!at(',')) expected("a comma or ']' behind an array's element");
      take();
      skipSpace();
    }
  }

  void object(std::size_t level) {
    const std::size_t begin = written(), firstMember = members_.size();
    if (members_.capacity() == 0) members_.reserve(usualMembers);
    enter(level);
    if (at('}')) return take();
    for (;;) {
      member(level);
      skipSpace();
      if (at('}')) break;
      if (!at(',')) expected("a comma or '}' behind an object's member");
      take();
      skipSpace();
    }
    take();
    dropRepeated(begin, firstMember);
    if (level > 1) members_.resize(firstMember);
  }

  void member(std::size_t level) {
    Member one;
    one.begin = written();
    if (!at('"')) expected("a member's name in double quotes");
    const std::string_view body = string();
    one.name = body.find('\\') == std::string_view::npos ? body : std::string_view(unescaped_.emplace_front(unescape(body)));
    skipSpace();
    if (!at(':')) expected("a colon behind the member's name");
    take();
    skipSpace();
    one.value = written();
    value(level);
    one.end = written();
    members_.push_back(one);
  }

  /// Leaves only the last of the members of one name in the object that begins at `begin` and ends the output.
  void dropRepeated(std::size_t begin, std::size_t firstMember) {
    if (!markRepeated(std::span(members_).subspan(firstMember))) return;
    copyRun();
    std::string kept = "{";
    for (std::size_t i = firstMember; i < members_.size(); ++i) {
      auto& [name, from, value, end, repeated] = members_[i];
      if (repeated) continue;
      if (kept.size() > 1) kept += ',';
      const std::size_t moved = begin + kept.size();
      kept.append(out_, from, end - from);
      value = moved + (value - from);
      end = moved + (end - from);
      from = moved;
    }
    out_.replace(begin, std::string::npos, kept + '}');
    std::erase_if(members_, [](const Member& member) { return member.repeated; });
  }

  /// Returns what stands between the quotes.
  std::string_view string() {
    const std::size_t begin = at_++;
    for (;;) {
      at_ = stops_.next(at_);
      if (at('"')) break;
      if (isEscaped()) {
        --at_;
        escape();
      } else if (atEnd()) {
        fail("the string that begins here is not closed", begin);
      } else {
        const std::string byte = hexByte(text_[at_]);
        fail("control character " + byte + " stands unescaped in a string; write \\u00" + byte.substr(2), at_);
      }
    }
    ++at_;
    return text_.substr(begin + 1, at_ - begin - 2);
  }

  /// Whether the backslashes before the present place, in a string, are of odd number.
  [[nodiscard]] bool isEscaped() const noexcept {
    std::size_t first = at_;
    while (text_[first - 1] == '\\') --first;
    return (at_ - first) % 2 == 1;
  }

  void escape() {
    const std::size_t begin = at_++;
    if (at('u')) return unicodeEscape(begin);
    if (atEnd() || !isNamedEscape(text_[at_])) fail("unknown escape in a string; write \\\\ for a backslash", begin);
    ++at_;
  }

  void unicodeEscape(std::size_t begin) {
    const std::uint32_t first = hexUnit(begin);
    if (first < 0xD800 || first > 0xDFFF) return;
    const bool high = first < 0xDC00;
    if (high && text_.substr(at_, 2) == "\\u") {
      ++at_;
      const std::uint32_t second = hexUnit(at_ - 1);
      if (second >= 0xDC00 && second <= 0xDFFF) return;
    }
    fail("this escape is half of a surrogate pair and no character; write both halves, or \\ufffd", begin);
  }

  /// Four hexadecimal digits behind the `u` at the present place, in the escape that begins at `begin`.
  std::uint32_t hexUnit(std::size_t begin) {
    const std::string_view digits = text_.substr(++at_, 4);
    std::uint32_t unit = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    if (digits.size() != 4 || result.ptr != digits.data() + 4) fail("\\u needs four hexadecimal digits", begin);
    at_ += 4;
    return unit;
  }

  bool digits() noexcept {
    const std::size_t begin = at_;
    while (!atEnd() && isDigit(text_[at_])) ++at_;
    return at_ > begin;
  }

  void number() {
    const std::size_t begin = at_;
    bool whole = true, exponent = false;
    if (at('-')) ++at_;
    if (!atEnd() && isLetter(text_[at_])) return word();
    const bool zero = at('0');
    const std::size_t first = at_;
    if (!digits()) expected("a digit");
    if (zero && at_ - first > 1) fail("a number must not begin with a zero before other digits", begin);
    if (at('.')) {
      whole = false;
      ++at_;
      if (!digits()) expected("a digit behind the decimal point");
    }
    if (at('e') || at('E')) {
      whole = false;
      exponent = true;
      ++at_;
      if (at('+') || at('-')) ++at_;
      if (!digits()) expected("a digit in the exponent");
    }
    constexpr std::size_t surelyFinite = 300;  // digits, without an exponent
    if (whole || exponent || at_ - begin > surelyFinite) checkRange(begin, whole);
  }

  void checkRange(std::size_t begin, bool whole) const {
    const std::string_view text = text_.substr(begin, at_ - begin);
    if (whole ? fits64Bits(text) : std::isfinite(doubleFromText(text))) return;
    const std::string shown = text.size() > 40 ? std::string(text.substr(0, 40)) + "…" : std::string(text);
    if (whole) fail("the integer " + shown + " does not fit 64 bits; write it as a string or with a decimal point", begin);
    fail("the number " + shown + " is beyond the range of a double; write it as a string", begin);
  }

  /// true, false or null; anything else fails.
  void word() {
    std::size_t end = at_;
    while (end < text_.size() && isLetter(text_[end])) ++end;
    const std::string_view found = text_.substr(at_, end - at_);
    if (found == "true" || found == "false" || found == "null") {
      if (at_ > 0 && text_[at_ - 1] == '-') expected("a digit");
      at_ = end;
      return;
    }
    for (const std::string_view noNumber : {"NaN", "nan", "Infinity", "infinity", "Inf", "inf"}) {
      if (found == noNumber) fail(std::string(found) + " is not a JSON number; write null, or leave the member out", at_);
    }
    if (found.empty()) expected("a value");
    fail("'" + std::string(found.substr(0, 40)) + "' is not a JSON value; texts stand in double quotes", at_);
  }

  std::string_view text_;
  std::size_t levels_;
  std::size_t at_ = 0;
  std::size_t run_ = 0;  // where the bytes begin that are not yet copied to out_
  StopCursor stops_;
  std::string out_;
  std::vector<Member> members_;               // of the objects that are open, the innermost last; at the end of the outermost
  std::forward_list<std::string> unescaped_;  // names that contain escapes; a list, so that views of them stay valid
};

}  // namespace

std::string checkJson(std::string_view text, std::size_t levels) {
  CheckedJson checked = Checker(text, levels).run();
  return checked.changed.empty() ? std::string(checked.given) : std::move(checked.changed);
}

CheckedJson checkJsonMembers(std::string_view text) { return Checker(text, maxJsonLevels).run(); }

}  // namespace qbatch::codec
