#include "local/field_check.hpp"

#include <algorithm>
#include <iterator>

namespace qbatch::local {
namespace {

using simdjson::dom::element;

/// A whole number that fits 64 signed bits; 1.0 is none.
std::optional<std::int64_t> integerOf(element value) {
  std::int64_t result = 0;
  if (value.is_int64() && value.get_int64().get(result) == simdjson::SUCCESS) return result;
  return std::nullopt;
}

bool inList(const MatchCondition& match, element value) {
  if (const bool* wanted = std::get_if<bool>(&match.values)) {
    bool flag = false;
    return value.get_bool().get(flag) == simdjson::SUCCESS && flag == *wanted;
  }
  if (const auto* integers = std::get_if<std::set<std::int64_t>>(&match.values)) {
    const auto integer = integerOf(value);
    return integer && integers->contains(*integer);
  }
  std::string_view text;
  const auto* texts = std::get_if<std::set<std::string, std::less<>>>(&match.values);
  return texts != nullptr && value.get_string().get(text) == simdjson::SUCCESS && texts->contains(text);
}

bool matches(const MatchCondition& match, element value) {
  if (match.kind == MatchCondition::Kind::any) return inList(match, value);
  return !value.is_null() && !inList(match, value);
}

bool within(const Bounds<double>& range, element value) {
  double number = 0;
  return value.is_number() && value.get_double().get(number) == simdjson::SUCCESS && range.hold(number);
}

bool within(const Bounds<codec::Timestamp>& range, element value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return false;
  const auto time = codec::parseLooseTimestamp(text);
  return time && range.hold(*time);
}

bool holdsText(const TextQuery& query, element value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS && query.foundIn({text});
}

bool nullWithin(element value) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return value.is_null();
  return std::any_of(array.begin(), array.end(), [](element item) { return item.is_null(); });
}

std::uint64_t countOf(element value) {
  simdjson::dom::array array;
  if (value.is_null()) return 0;
  if (value.get_array().get(array) != simdjson::SUCCESS) return 1;
  return static_cast<std::uint64_t>(std::distance(array.begin(), array.end()));
}

/// One value that is no array, or one element of an array.
bool passesOne(const FieldCondition& field, element value) {
  return (field.match && matches(*field.match, value)) || (field.text && holdsText(*field.text, value)) ||
         (field.range && within(*field.range, value)) || (field.times && within(*field.times, value));
}

bool passesValue(const FieldCondition& field, element value) {
  if (field.valuesCount) return field.valuesCount->hold(countOf(value));
  if (field.isEmpty) return emptyValue(value) == *field.isEmpty;
  if (field.isNull) return nullWithin(value) == *field.isNull;
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return passesOne(field, value);
  return std::any_of(array.begin(), array.end(), [&](element item) { return passesOne(field, item); });
}

/// A full-text index knows a point's words, not in which of the field's values they stand.
bool wordsAmong(const TextQuery& query, const std::vector<element>& values) {
  std::vector<std::string_view> texts;
  const auto add = [&](element value) {
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) texts.push_back(text);
  };
  for (const element value : values) {
    simdjson::dom::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) {
      add(value);
    } else {
      for (const element item : array) add(item);
    }
  }
  return query.foundIn(texts);
}

}  // namespace

bool passesField(const FieldCondition& field, const std::vector<element>& values, bool nested) {
  if (values.empty()) return field.isEmpty ? *field.isEmpty : field.isNull && !*field.isNull;
  if (field.text && field.text->usesWords() && !nested) return wordsAmong(*field.text, values);
  return std::any_of(values.begin(), values.end(), [&](element value) { return passesValue(field, value); });
}

bool emptyValue(element value) {
  simdjson::dom::array array;
  return value.is_null() || (value.get_array().get(array) == simdjson::SUCCESS && array.begin() == array.end());
}

}  // namespace qbatch::local
