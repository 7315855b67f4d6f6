#include "local/payload_path.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "local/payload_reader.hpp"

namespace qbatch::local {
namespace {

/// Letters and digits of every script count; what else stands outside ASCII is let through, too.
bool bareKeyByte(char byte) noexcept {
  const auto value = static_cast<unsigned char>(byte);
  return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z') || (value >= '0' && value <= '9') || value == '_' ||
         value == '-' || value >= 0x80;
}

/// Takes a key, bare or in quotes, from the front of `text`.
std::optional<std::string> takeKey(std::string_view& text) {
  if (!text.empty() && text.front() == '"') {
    const auto end = text.find('"', 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string key(text.substr(1, end - 1));
    if (key.find('\\') != std::string::npos) return std::nullopt;
    text.remove_prefix(end + 1);
    return key;
  }
  std::size_t length = 0;
  while (length < text.size() && bareKeyByte(text[length])) ++length;
  if (length == 0) return std::nullopt;
  std::string key(text.substr(0, length));
  text.remove_prefix(length);
  return key;
}

/// Takes `[]` (nothing) or `[5]` from the front of `text`, which begins with a bracket; false where it is neither.
bool takeBrackets(std::string_view& text, std::optional<std::size_t>& index) {
  const auto end = text.find(']');
  if (end == std::string_view::npos) return false;
  const std::string_view digits = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  if (digits.empty()) return true;
  std::size_t value = 0;
  const auto [rest, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc() || rest != digits.data() + digits.size()) return false;
  index = value;
  return true;
}

}  // namespace

std::optional<PayloadPath> PayloadPath::parse(std::string_view text) {
  PayloadPath path;
  auto key = takeKey(text);
  if (!key) return std::nullopt;
  path.steps_.push_back({Step::Kind::key, std::move(*key), 0});
  while (!text.empty()) {
    if (path.steps_.size() == mostSteps) return std::nullopt;
    if (text.front() == '[') {
      std::optional<std::size_t> index;
      if (!takeBrackets(text, index)) return std::nullopt;
      path.steps_.push_back({index ? Step::Kind::index : Step::Kind::each, {}, index.value_or(0)});
    } else if (text.front() == '.') {
      text.remove_prefix(1);
      key = takeKey(text);
      if (!key) return std::nullopt;
      path.steps_.push_back({Step::Kind::key, std::move(*key), 0});
    } else {
      return std::nullopt;
    }
  }
  return path;
}

std::string PayloadPath::text() const {
  std::string text;
  for (const Step& step : steps_) {
    if (step.kind == Step::Kind::each) {
      text += "[]";
    } else if (step.kind == Step::Kind::index) {
      text += '[' + std::to_string(step.index) + ']';
    } else {
      const bool bare = !step.key.empty() && std::all_of(step.key.begin(), step.key.end(), bareKeyByte);
      if (!text.empty()) text += '.';
      text += bare ? step.key : '"' + step.key + '"';
    }
  }
  return text;
}

PayloadPath PayloadPath::elements() const {
  PayloadPath path = *this;
  if (path.steps_.back().kind != Step::Kind::each) path.steps_.push_back({Step::Kind::each, {}, 0});
  return path;
}

void PayloadPath::collect(simdjson::dom::object payload, std::vector<simdjson::dom::element>& values) const {
  if (const auto first = memberOf(payload, steps_.front().key)) collectFrom(1, *first, values);
}

void PayloadPath::collectFrom(std::size_t step, simdjson::dom::element value, std::vector<simdjson::dom::element>& values) const {
  if (step == steps_.size()) {
    values.push_back(value);
    return;
  }
  const Step& next = steps_[step];
  simdjson::dom::object object;
  simdjson::dom::array array;
  if (next.kind == Step::Kind::key) {
    if (value.get_object().get(object) != simdjson::SUCCESS) return;
    if (const auto member = memberOf(object, next.key)) collectFrom(step + 1, *member, values);
    return;
  }
  if (value.get_array().get(array) != simdjson::SUCCESS) return;
  std::size_t index = 0;
  for (const simdjson::dom::element element : array) {
    if (next.kind == Step::Kind::each || index == next.index) collectFrom(step + 1, element, values);
    ++index;
  }
}

}  // namespace qbatch::local
