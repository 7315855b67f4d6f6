#include "local/field_parser.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "local/body_errors.hpp"

namespace qbatch::local {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::string_view matchWords = "data did not match any variant of untagged enum MatchInterface";
constexpr std::string_view rangeWords = "data did not match any variant of untagged enum RangeInterfaceUntagged";

[[noreturn]] void refuse(std::string_view problem, std::string_view words = {}) { throw filterRefusal(problem, words); }

/// The value is of another kind than `wanted`, which `sentence` says for people.
[[noreturn]] void wrongType(element value, std::string_view wanted, std::string_view sentence) {
  refuse(sentence, fmt::format("Invalid type {}. Expected {}", unexpected(value), wanted));
}

/// All texts or all integers.
MatchCondition listOf(MatchCondition::Kind kind, element value, std::string_view what) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) refuse(fmt::format("`{}` must be an array", what), matchWords);
  std::set<std::int64_t> integers;
  std::set<std::string, std::less<>> texts;
  for (const element item : array) {
    std::int64_t integer = 0;
    std::string_view text;
    if (item.get_string().get(text) == simdjson::SUCCESS) {
      texts.emplace(text);
    } else if (item.is_int64() && item.get_int64().get(integer) == simdjson::SUCCESS) {
      integers.insert(integer);
    } else {
      refuse(fmt::format("`{}` takes strings or whole numbers, not {}", what, simdjson::minify(item)), matchWords);
    }
  }
  if (!texts.empty() && !integers.empty()) {
    refuse(fmt::format("`{}` must hold only strings or only whole numbers", what), matchWords);
  }
  if (!integers.empty()) return {kind, std::move(integers)};
  return {kind, std::move(texts)};
}

MatchCondition valueOf(element value) {
  std::string_view text;
  std::int64_t integer = 0;
  bool flag = false;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    return {MatchCondition::Kind::any, std::set<std::string, std::less<>>{std::string(text)}};
  }
  if (value.is_int64() && value.get_int64().get(integer) == simdjson::SUCCESS) {
    return {MatchCondition::Kind::any, std::set<std::int64_t>{integer}};
  }
  if (value.get_bool().get(flag) == simdjson::SUCCESS) return {MatchCondition::Kind::any, flag};
  refuse(fmt::format("`match.value` takes a string, a whole number or a boolean, not {}; use `range` for other numbers",
                     simdjson::minify(value)),
         matchWords);
}

TextQuery textOf(TextQuery::Kind kind, element value, std::string_view name) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) refuse(fmt::format("`match.{}` must be a string", name), matchWords);
  return TextQuery(kind, std::string(text));
}

void readMatch(element value, FieldCondition& field) {
  constexpr std::string_view choices = "`value`, `any`, `except`, `text`, `text_any`, `phrase`";
  object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) refuse("`match` must be an object", matchWords);
  for (const auto member : members) {
    const std::string_view name = member.key;
    if (member.value.is_null()) continue;
    if (field.match || field.text) refuse(fmt::format("`match` takes one of {}", choices), matchWords);
    if (name == "value") {
      field.match = valueOf(member.value);
    } else if (name == "any") {
      field.match = listOf(MatchCondition::Kind::any, member.value, "match.any");
    } else if (name == "except") {
      field.match = listOf(MatchCondition::Kind::except, member.value, "match.except");
    } else if (name == "text") {
      field.text = textOf(TextQuery::Kind::all, member.value, name);
    } else if (name == "text_any") {
      field.text = textOf(TextQuery::Kind::any, member.value, name);
    } else if (name == "phrase") {
      field.text = textOf(TextQuery::Kind::phrase, member.value, name);
    } else {
      refuse(fmt::format("unknown member `{}` in `match`, which takes one of {}", name, choices), matchWords);
    }
  }
  if (!field.match && !field.text) refuse(fmt::format("`match` is empty: it takes one of {}", choices), matchWords);
}

/// Reads each bound that is not null.
template <class Value, class Read>
Bounds<Value> boundsOf(object members, std::string_view what, const Read& read) {
  Bounds<Value> bounds;
  const std::array<std::pair<std::string_view, std::optional<Value>*>, 4> places{
      {{"gt", &bounds.gt}, {"gte", &bounds.gte}, {"lt", &bounds.lt}, {"lte", &bounds.lte}}};
  for (const auto member : members) {
    std::optional<Value>* place = nullptr;
    for (const auto& [name, bound] : places) {
      if (name == member.key) place = bound;
    }
    if (place == nullptr) {
      refuse(fmt::format("unknown member `{}` in `{}`, which takes `gt`, `gte`, `lt`, `lte`", member.key, what),
             fmt::format("unknown field `{}`, expected one of `lt`, `gt`, `gte`, `lte`", member.key));
    }
    if (!member.value.is_null()) *place = read(member.value);
  }
  return bounds;
}

double numberOf(element bound) {
  double number = 0;
  if (!bound.is_number() || bound.get_double().get(number) != simdjson::SUCCESS) {
    refuse(fmt::format("a bound of `range` must be a number or a time, not {}", simdjson::minify(bound)), rangeWords);
  }
  return number;
}

codec::Timestamp timeOf(element bound) {
  std::string_view text;
  if (bound.get_string().get(text) != simdjson::SUCCESS) {
    refuse(fmt::format("the bounds of `range` must all be numbers or all times; {} is no time", simdjson::minify(bound)),
           fmt::format("invalid type: {}, expected a string", unexpected(bound)));
  }
  const auto time = codec::parseLooseTimestamp(text);
  if (time) return *time;
  refuse(fmt::format("`{}` in `range` is no time; write it as 2014-01-01T00:00:00Z", text),
         fmt::format("'{}' does not match accepted datetime format (RFC3339). Example: 2014-01-01T00:00:00Z", text));
}

void readRange(element value, FieldCondition& field) {
  object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) refuse("`range` must be an object", rangeWords);
  bool times = false;
  for (const auto member : members) times = times || member.value.is_string();
  if (times) {
    field.times = boundsOf<codec::Timestamp>(members, "range", timeOf);
  } else {
    field.range = boundsOf<double>(members, "range", numberOf);
  }
}

std::uint64_t countOf(element bound) {
  constexpr std::string_view sentence = "`values_count` takes whole numbers of at least 0";
  std::uint64_t count = 0;
  if (bound.get_uint64().get(count) == simdjson::SUCCESS) return count;
  if (bound.is_int64()) refuse(sentence, fmt::format("Invalid value {}. Expected usize", unexpected(bound)));
  wrongType(bound, "usize", sentence);
}

Bounds<std::uint64_t> countsOf(element value) {
  object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) wrongType(value, "struct ValuesCount", "`values_count` must be an object");
  return boundsOf<std::uint64_t>(members, "values_count", countOf);
}

bool booleanOf(element value, std::string_view what) {
  bool result = false;
  if (value.get_bool().get(result) != simdjson::SUCCESS) wrongType(value, "a boolean", fmt::format("`{}` must be true or false", what));
  return result;
}

/// False where the condition has no such member.
bool readMember(std::string_view name, element value, FieldCondition& field) {
  if (name == "match") {
    readMatch(value, field);
  } else if (name == "range") {
    readRange(value, field);
  } else if (name == "values_count") {
    field.valuesCount = countsOf(value);
  } else if (name == "is_empty") {
    field.isEmpty = booleanOf(value, name);
  } else if (name == "is_null") {
    field.isNull = booleanOf(value, name);
  } else if (name == "geo_bounding_box" || name == "geo_radius" || name == "geo_polygon") {
    throw unsupportedRefusal(fmt::format("`{}` in filters", name));
  } else {
    return false;
  }
  return true;
}

}  // namespace

RequestError filterRefusal(std::string_view problem, std::string_view words) {
  return formatRefusal(fmt::format("the filter is not valid: {}", problem), words.empty() ? problem : words);
}

PayloadPath parsePathOf(element value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) wrongType(value, "a string", "`key` must be a string");
  auto path = PayloadPath::parse(text);
  if (path) return std::move(*path);
  refuse(fmt::format("`{}` is no payload path; write `a.b`, `a[].b`, `a[0]`, and other characters in quotes: `\"a b\".c`", text),
         fmt::format("Invalid json path: '{}'", text));
}

std::optional<FieldCondition> parseField(object condition, std::string& problem) {
  std::optional<FieldCondition> field;
  if (const auto key = memberOf(condition, "key")) field = FieldCondition{parsePathOf(*key)};
  bool asks = false;
  std::string unknown;
  for (const auto member : condition) {
    if (member.key == "key" || member.value.is_null()) continue;
    if (readMember(member.key, member.value, *field)) {
      asks = true;
    } else {
      unknown = member.key;
    }
  }
  if (asks && !unknown.empty()) {
    refuse(fmt::format("unknown member `{}` beside `key`", unknown),
           fmt::format("unknown field `{}`, expected one of `key`, `match`, `range`, `geo_bounding_box`, `geo_radius`, `geo_polygon`, "
                       "`values_count`, `is_empty`, `is_null`",
                       unknown));
  }
  if (asks) return field;
  problem = "At least one field condition must be specified: `match`, `range`, `values_count`, … beside `key`";
  if (!unknown.empty()) problem += fmt::format("; `{}` is none", unknown);
  return std::nullopt;
}

}  // namespace qbatch::local
