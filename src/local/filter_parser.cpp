#include "local/filter_parser.hpp"

#include <fmt/format.h>

#include <utility>

#include "local/body_errors.hpp"
#include "local/field_parser.hpp"
#include "qbatch/error.hpp"

namespace qbatch::local {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t deepest = 64;  // filters within filters

/// What the server says of anything wrong in a condition without `key`: it only knows that none of its shapes fitted.
constexpr std::string_view conditionWords =
    "Expected some form of condition, which can be a field condition (like {\"key\": ..., \"match\": ... }), or some other mentioned in "
    "the documentation: https://qdrant.tech/documentation/concepts/filtering/#filtering-conditions";

[[noreturn]] void refuse(std::string_view problem, std::string_view words = {}) { throw filterRefusal(problem, words); }

object objectOf(element value, std::string_view what, std::string_view wanted) {
  object result;
  if (value.get_object().get(result) == simdjson::SUCCESS) return result;
  refuse(fmt::format("`{}` must be an object", what), fmt::format("invalid type: {}, expected {}", unexpected(value), wanted));
}

/// The `key` of {"is_empty": {"key": …}} and its like.
PayloadPath keyOf(element value, std::string_view what) {
  std::optional<PayloadPath> path;
  for (const auto member : objectOf(value, what, "struct PayloadField")) {
    if (member.key != "key") refuse(fmt::format("unknown member `{}` in `{}`, which has only `key`", member.key, what));
    path = parsePathOf(member.value);
  }
  if (!path) refuse(fmt::format("`{}` lacks its `key`", what));
  return std::move(*path);
}

PointId idOf(element value) {
  std::uint64_t number = 0;
  std::string_view text;
  if (value.get_uint64().get(number) == simdjson::SUCCESS) return PointId(number);
  const bool isText = value.get_string().get(text) == simdjson::SUCCESS;
  try {
    if (isText) {
      const PointId id = PointId::parse(text);
      if (!id.isNumber()) return id;
    }
  } catch (const ParseError&) {  // refused below
  }
  refuse(fmt::format("value {} is not a valid point ID, valid values are either an unsigned integer or a UUID",
                     isText ? std::string(text) : simdjson::minify(value)));
}

HasIdCondition idsOf(element value) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) refuse("`has_id` must be an array of ids");
  HasIdCondition result;
  for (const element item : array) result.ids.insert(idOf(item));
  return result;
}

class Parser {
 public:
  explicit Parser(const FilterContext& context) : context_(context) {}

  Conditions root(element value) {
    Conditions result = filter(value);
    if (problems_.empty()) return result;
    throw validationRefusal(fmt::format("the filter is not valid: {}", problem_), problems_);
  }

 private:
  Conditions filter(element value) {
    if (way_.size() > deepest) refuse(fmt::format("filters are nested more than {} deep", deepest), "recursion limit exceeded");
    if (value.is_array()) refuse("`filter` must be an object", "invalid length 1, expected struct Filter with 4 elements");
    Conditions result;
    std::set<std::string_view> seen;
    for (const auto member : objectOf(value, "filter", "struct Filter")) {
      const std::string_view name = member.key;
      if (name != "must" && name != "should" && name != "must_not" && name != "min_should") {
        refuse(fmt::format("unknown field `{}`, expected one of `should`, `min_should`, `must`, `must_not`", name));
      }
      if (!seen.insert(name).second) refuse(fmt::format("duplicate field `{}`", name));
      if (member.value.is_null()) continue;
      if (name == "min_should") {
        minShould(member.value, result);
      } else {
        (name == "must" ? result.must : name == "should" ? result.should : result.mustNot) = oneOrMany(member.value, name);
        // Inside payloads the server asks for one of nothing; elsewhere it passes over an empty list.
        if (name == "should" && result.should.empty() && !prefix_.empty()) result.never = true;
      }
    }
    return result;
  }

  std::vector<Condition> oneOrMany(element value, std::string_view clause) {
    simdjson::dom::array array;
    if (value.get_array().get(array) == simdjson::SUCCESS) return many(array, clause);
    objectOf(value, clause, "null, array, or map");
    std::vector<Condition> result;
    result.push_back(condition(value, clause, 0));
    return result;
  }

  std::vector<Condition> many(simdjson::dom::array array, std::string_view clause) {
    std::vector<Condition> result;
    for (const element item : array) result.push_back(condition(item, clause, result.size()));
    return result;
  }

  void minShould(element value, Conditions& result) {
    bool counted = false, listed = false;
    for (const auto member : objectOf(value, "min_should", "struct MinShould")) {
      if (member.key == "conditions") {
        simdjson::dom::array array;
        if (member.value.get_array().get(array) != simdjson::SUCCESS) {
          refuse("`min_should.conditions` must be an array",
                 fmt::format("invalid type: {}, expected a sequence", unexpected(member.value)));
        }
        result.minShould = many(array, "min_should.conditions");
        listed = true;
      } else if (member.key == "min_count") {
        result.minCount = minCount(member.value);
        counted = true;
      } else {
        refuse(fmt::format("unknown member `{}` in `min_should`, which has `conditions` and `min_count`", member.key),
               fmt::format("unknown field `{}`, expected `conditions` or `min_count`", member.key));
      }
    }
    if (!listed) refuse("`min_should` needs both `conditions` and `min_count`", "missing field `conditions`");
    if (!counted) refuse("`min_should` needs both `conditions` and `min_count`", "missing field `min_count`");
    if (result.minShould.empty() && result.minCount > 0 && !prefix_.empty()) result.never = true;
  }

  static std::uint64_t minCount(element value) {
    std::uint64_t count = 0;
    if (value.get_uint64().get(count) == simdjson::SUCCESS) return count;
    refuse("`min_should.min_count` must be a whole number of at least 0",
           fmt::format("invalid {}: {}, expected usize", value.is_int64() ? "value" : "type", unexpected(value)));
  }

  Condition condition(element value, std::string_view clause, std::size_t place) {
    way_.push_back(fmt::format("{}{}[{}]", inNested_ ? "nested.filter." : "", clause, place));
    const bool wasInNested = std::exchange(inNested_, false);
    object members;
    const bool isField = value.get_object().get(members) == simdjson::SUCCESS && memberOf(members, "key");
    Condition result = isField ? field(members) : otherCondition(value);
    inNested_ = wasInNested;
    way_.pop_back();
    return result;
  }

  Condition field(object members) {
    std::string problem;
    auto field = parseField(members, problem);
    if (!field) {
      problems_ += problems_.empty() ? "" : "; ";
      problems_ += fmt::format("{}.{}.__all__: Validation error: At least one field condition must be specified [{{}}]", context_.place,
                               fmt::join(way_, "."));
      if (problem_.empty()) problem_ = std::move(problem);
      return {Conditions()};  // never asked: the filter is refused once it is read
    }
    if (const auto words = context_.textFields.find(prefix_ + field->path.text()); field->text && words != context_.textFields.end())
      field->text->useWords(words->second);
    return {std::move(*field)};
  }

  Condition otherCondition(element value) {
    try {
      return readOtherCondition(value);
    } catch (const RequestError& error) {
      if (error.error().code() != make_error_code(Errc::refused)) throw;
      throw formatRefusal(error.error().message(), conditionWords);
    }
  }

  Condition readOtherCondition(element value) {
    const object members = objectOf(value, "condition", "map");
    for (const auto member : members) {
      const std::string_view name = member.key;
      if (name != "is_empty" && name != "is_null" && name != "has_id" && name != "has_vector" && name != "nested") continue;
      if (members.size() != 1) refuse(fmt::format("`{}` stands alone in its condition", name));
      if (name == "is_empty") return {IsEmptyCondition{keyOf(member.value, name)}};
      if (name == "is_null") return {IsNullCondition{keyOf(member.value, name)}};
      if (name == "has_id") return {idsOf(member.value)};
      if (name == "nested") return {nested(member.value)};
      std::string_view vector;
      if (member.value.get_string().get(vector) != simdjson::SUCCESS) refuse("`has_vector` must be the name of a vector");
      return {HasVectorCondition{std::string(vector)}};
    }
    return {filter(value)};
  }

  NestedCondition nested(element value) {
    std::optional<PayloadPath> path;
    std::optional<element> inner;
    for (const auto member : objectOf(value, "nested", "struct Nested")) {
      if (member.key == "key") {
        path = parsePathOf(member.value).elements();
      } else if (member.key == "filter") {
        inner = member.value;
      } else {
        refuse(fmt::format("unknown member `{}` in `nested`, which has `key` and `filter`", member.key));
      }
    }
    if (!path || !inner) refuse("`nested` needs both `key` and `filter`");
    const std::string outside = std::exchange(prefix_, prefix_ + path->text() + ".");
    inNested_ = true;
    NestedCondition result{std::move(*path), filter(*inner)};
    inNested_ = false;
    prefix_ = outside;
    return result;
  }

  const FilterContext& context_;
  std::vector<std::string> way_;  // to the present condition, one entry a filter
  std::string prefix_;            // what stands before the keys of the present nested filter
  bool inNested_ = false;         // the present filter is the filter of a `nested`
  std::string problems_, problem_;
};

}  // namespace

Conditions parseFilter(element json, const FilterContext& context) { return Parser(context).root(json); }

element parsedFilterText(simdjson::dom::parser& parser, std::string_view json) {
  element root;
  const auto code = parser.parse(json.data(), json.size()).get(root);
  if (code == simdjson::SUCCESS) return root;
  const std::string_view words = code == simdjson::DEPTH_ERROR ? "recursion limit exceeded" : simdjson::error_message(code);
  refuse(fmt::format("it is no valid JSON ({})", simdjson::error_message(code)), words);
}

}  // namespace qbatch::local
