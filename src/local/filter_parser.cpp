#include "local/filter_parser.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <utility>

#include "qbatch/error.hpp"

namespace qbatch::local {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr int deepest = 64;  // filters within filters

[[noreturn]] void refuse(std::string problem) {
  std::string message = fmt::format("the filter is not valid: {}", problem);
  throw RequestError(Error(Errc::refused, Origin::server, std::move(message), 400, std::move(problem)));
}

[[noreturn]] void cannot(std::string_view what) {
  throw RequestError(Error(Errc::unsupported, Origin::server,
                           fmt::format("the embedded engine does not support `{}` in filters: leave it out, or use a Qdrant server", what),
                           400));
}

object objectOf(element value, std::string_view what) {
  object result;
  if (value.get_object().get(result) != simdjson::SUCCESS) refuse(fmt::format("`{}` must be an object", what));
  return result;
}

std::string textOf(element value, std::string_view what) {
  std::string_view result;
  if (value.get_string().get(result) != simdjson::SUCCESS) refuse(fmt::format("`{}` must be a string", what));
  return std::string(result);
}

bool booleanOf(element value, std::string_view what) {
  bool result = false;
  if (value.get_bool().get(result) != simdjson::SUCCESS) refuse(fmt::format("`{}` must be true or false", what));
  return result;
}

std::uint64_t countOf(element value, std::string_view what) {
  std::uint64_t result = 0;
  if (value.get_uint64().get(result) != simdjson::SUCCESS) refuse(fmt::format("`{}` must be a whole number of at least 0", what));
  return result;
}

PayloadPath pathOf(element value) {
  const std::string text = textOf(value, "key");
  auto path = PayloadPath::parse(text);
  if (!path)
    refuse(fmt::format("`{}` is no payload path; write `a.b`, `a[].b`, `a[0]`, and other characters in quotes: `\"a b\".c`", text));
  return std::move(*path);
}

/// The `key` of {"is_empty": {"key": …}} and its like.
PayloadPath keyOf(element value, std::string_view what) {
  std::optional<PayloadPath> path;
  for (const auto member : objectOf(value, what)) {
    if (member.key != "key") refuse(fmt::format("unknown member `{}` in `{}`, which has only `key`", member.key, what));
    path = pathOf(member.value);
  }
  if (!path) refuse(fmt::format("`{}` lacks its `key`", what));
  return std::move(*path);
}

HasIdCondition idsOf(element value) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) refuse("`has_id` must be an array of ids");
  HasIdCondition result;
  for (const element item : array) {
    std::uint64_t number = 0;
    std::string_view text;
    if (item.get_uint64().get(number) == simdjson::SUCCESS) {
      result.ids.insert(PointId(number));
      continue;
    }
    try {
      const PointId id = item.get_string().get(text) == simdjson::SUCCESS ? PointId::parse(text) : PointId(0);
      if (id.isNumber())
        refuse(
            fmt::format("value {} is not a valid point ID, valid values are either an unsigned integer or a UUID", simdjson::minify(item)));
      result.ids.insert(id);
    } catch (const ParseError&) {
      refuse(fmt::format("value {} is not a valid point ID, valid values are either an unsigned integer or a UUID", text));
    }
  }
  return result;
}

/// All texts or all integers.
MatchCondition listOf(MatchCondition::Kind kind, element value, std::string_view what) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) refuse(fmt::format("`{}` must be an array", what));
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
      refuse(fmt::format("`{}` takes strings or whole numbers, not {}", what, simdjson::minify(item)));
    }
  }
  if (!texts.empty() && !integers.empty()) refuse(fmt::format("`{}` must hold only strings or only whole numbers", what));
  if (!integers.empty()) return {kind, std::move(integers)};
  return {kind, std::move(texts)};
}

MatchCondition valueOf(element value) {
  std::string_view text;
  std::int64_t integer = 0;
  bool flag = false;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    return {MatchCondition::Kind::value, std::set<std::string, std::less<>>{std::string(text)}};
  }
  if (value.is_int64() && value.get_int64().get(integer) == simdjson::SUCCESS) {
    return {MatchCondition::Kind::value, std::set<std::int64_t>{integer}};
  }
  if (value.get_bool().get(flag) == simdjson::SUCCESS) return {MatchCondition::Kind::value, flag};
  refuse(fmt::format("`match.value` takes a string, a whole number or a boolean, not {}; use `range` for other numbers",
                     simdjson::minify(value)));
}

MatchCondition matchOf(element value) {
  std::optional<MatchCondition> result;
  for (const auto member : objectOf(value, "match")) {
    if (result) refuse("`match` takes one of `value`, `any`, `except`, `text`");
    if (member.key == "value") {
      result = valueOf(member.value);
    } else if (member.key == "any") {
      result = listOf(MatchCondition::Kind::any, member.value, "match.any");
    } else if (member.key == "except") {
      result = listOf(MatchCondition::Kind::except, member.value, "match.except");
    } else if (member.key == "text") {
      result = MatchCondition{MatchCondition::Kind::text, std::set<std::string, std::less<>>{textOf(member.value, "match.text")}};
    } else if (member.key == "text_any" || member.key == "phrase") {
      cannot(fmt::format("match.{}", member.key));
    } else {
      refuse(fmt::format("unknown member `{}` in `match`, which takes one of `value`, `any`, `except`, `text`", member.key));
    }
  }
  if (!result) refuse("`match` is empty: it takes one of `value`, `any`, `except`, `text`");
  return std::move(*result);
}

/// Hands each bound that is not null to `set`, with its place in gt, gte, lt, lte.
template <typename Set>
void eachBound(element value, std::string_view what, const Set& set) {
  constexpr std::array<std::string_view, 4> names{"gt", "gte", "lt", "lte"};
  for (const auto member : objectOf(value, what)) {
    std::size_t place = 0;
    while (place < names.size() && names[place] != member.key) ++place;
    if (place == names.size()) refuse(fmt::format("unknown member `{}` in `{}`, which takes `gt`, `gte`, `lt`, `lte`", member.key, what));
    if (!member.value.is_null()) set(place, member.value);
  }
}

NumberRange rangeOf(element value) {
  NumberRange range;
  const std::array<std::optional<double>*, 4> bounds{&range.gt, &range.gte, &range.lt, &range.lte};
  eachBound(value, "range", [&](std::size_t place, element bound) {
    double number = 0;
    if (bound.is_string()) cannot("range over times");
    if (bound.get_double().get(number) != simdjson::SUCCESS)
      refuse(fmt::format("a bound of `range` must be a number, not {}", simdjson::minify(bound)));
    *bounds[place] = number;
  });
  return range;
}

CountRange countRangeOf(element value) {
  CountRange range;
  const std::array<std::optional<std::uint64_t>*, 4> bounds{&range.gt, &range.gte, &range.lt, &range.lte};
  eachBound(value, "values_count", [&](std::size_t place, element bound) { *bounds[place] = countOf(bound, "values_count"); });
  return range;
}

FieldCondition fieldOf(object condition) {
  std::optional<FieldCondition> result;
  if (const auto key = memberOf(condition, "key")) result = FieldCondition{pathOf(*key)};
  bool asks = false;
  for (const auto member : condition) {
    if (member.key == "key" || member.value.is_null()) continue;
    asks = true;
    if (member.key == "match") {
      result->match = matchOf(member.value);
    } else if (member.key == "range") {
      result->range = rangeOf(member.value);
    } else if (member.key == "values_count") {
      result->valuesCount = countRangeOf(member.value);
    } else if (member.key == "is_empty") {
      result->isEmpty = booleanOf(member.value, "is_empty");
    } else if (member.key == "is_null") {
      result->isNull = booleanOf(member.value, "is_null");
    } else if (member.key.substr(0, 4) == "geo_") {
      cannot(member.key);
    } else {
      refuse(fmt::format("unknown member `{}` beside `key`", member.key));
    }
  }
  if (!asks) refuse("At least one field condition must be specified: `match`, `range`, `values_count`, … beside `key`");
  return std::move(*result);
}

class Parser {
 public:
  Conditions filter(element value, int depth) {
    if (depth > deepest) refuse(fmt::format("filters are nested more than {} deep", deepest));
    Conditions result;
    for (const auto member : objectOf(value, "filter")) {
      if (member.value.is_null() && isClause(member.key)) continue;
      if (member.key == "must") {
        result.must = conditions(member.value, depth);
      } else if (member.key == "should") {
        result.should = conditions(member.value, depth);
      } else if (member.key == "must_not") {
        result.mustNot = conditions(member.value, depth);
      } else if (member.key == "min_should") {
        minShould(member.value, depth, result);
      } else {
        refuse(fmt::format("unknown field `{}`, expected one of `should`, `min_should`, `must`, `must_not`", member.key));
      }
    }
    return result;
  }

 private:
  static bool isClause(std::string_view name) { return name == "must" || name == "should" || name == "must_not" || name == "min_should"; }

  std::vector<Condition> conditions(element value, int depth) {
    std::vector<Condition> result;
    simdjson::dom::array array;
    if (value.get_array().get(array) == simdjson::SUCCESS) {
      for (const element item : array) result.push_back(condition(item, depth));
    } else {
      result.push_back(condition(value, depth));
    }
    return result;
  }

  void minShould(element value, int depth, Conditions& result) {
    bool counted = false, listed = false;
    for (const auto member : objectOf(value, "min_should")) {
      if (member.key == "conditions") {
        if (!member.value.is_array()) refuse("`min_should.conditions` must be an array");
        result.minShould = conditions(member.value, depth);
        listed = true;
      } else if (member.key == "min_count") {
        result.minCount = countOf(member.value, "min_should.min_count");
        counted = true;
      } else {
        refuse(fmt::format("unknown member `{}` in `min_should`, which has `conditions` and `min_count`", member.key));
      }
    }
    if (!counted || !listed) refuse("`min_should` needs both `conditions` and `min_count`");
  }

  Condition condition(element value, int depth) {
    const object members = objectOf(value, "condition");
    if (memberOf(members, "key")) return {fieldOf(members)};
    for (const std::string_view name : {"nested", "has_vector"}) {
      if (memberOf(members, name)) cannot(name);
    }
    const auto isEmpty = memberOf(members, "is_empty"), isNull = memberOf(members, "is_null"), hasId = memberOf(members, "has_id");
    if ((isEmpty || isNull || hasId) && members.size() != 1) refuse("`is_empty`, `is_null` and `has_id` stand alone in their condition");
    if (isEmpty) return {IsEmptyCondition{keyOf(*isEmpty, "is_empty")}};
    if (isNull) return {IsNullCondition{keyOf(*isNull, "is_null")}};
    if (hasId) return {idsOf(*hasId)};
    return {filter(value, depth + 1)};
  }
};

}  // namespace

Conditions parseFilter(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  if (const auto code = parser.parse(json.data(), json.size()).get(root); code != simdjson::SUCCESS) {
    refuse(fmt::format("it is no valid JSON ({})", simdjson::error_message(code)));
  }
  return Parser().filter(root, 0);
}

}  // namespace qbatch::local
