#include "support/openapi_schema.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <stdexcept>
#include <utility>

namespace qbatch::test {
namespace {

using simdjson::dom::element;

std::string_view kindOf(element value) {
  using Type = simdjson::dom::element_type;
  switch (value.type()) {
    case Type::ARRAY:
      return "array";
    case Type::OBJECT:
      return "object";
    case Type::STRING:
      return "string";
    case Type::BOOL:
      return "boolean";
    case Type::INT64:
    case Type::UINT64:
      return "integer";
    case Type::DOUBLE:
      return "number";
    default:
      return "null";
  }
}

JsonSchema::Problem within(const std::string& place, JsonSchema::Problem inner) {
  inner.place = "/" + place + inner.place;
  return inner;
}

std::string shortText(element value) {
  std::string text = simdjson::minify(value);
  if (text.size() > 60) text = text.substr(0, 60) + "…";
  return text;
}

/// How far the check had come.
auto reachOf(const JsonSchema::Problem& problem) {
  return 2 * std::count(problem.place.begin(), problem.place.end(), '/') + (problem.form ? 0 : 1);
}

/// 32 hexadecimal digits, hyphens left out of account.
bool isUuid(std::string_view text) {
  const auto hyphens = std::count(text.begin(), text.end(), '-');
  const auto digits = std::count_if(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
  return digits == 32 && static_cast<std::size_t>(digits + hyphens) == text.size();
}

}  // namespace

std::optional<JsonSchema::Problem> JsonSchema::problem(element value) const {
  if (value.is_null() && (nullable_ || onlyNull_)) return std::nullopt;
  if (onlyNull_) return Problem{"", "must be null"};
  if (ref_ != nullptr) return ref_->problem(value);
  if (auto wrong = typeProblem(value)) return wrong;
  for (const JsonSchema* part : allOf_) {
    if (auto wrong = part->problem(value)) return wrong;
  }
  if (!anyOf_.empty()) return choiceProblem(value);
  if (value.is_object() && type_ == "object") return objectProblem(simdjson::dom::object(value));
  if (value.is_array()) return arrayProblem(simdjson::dom::array(value));
  return std::nullopt;
}

std::optional<JsonSchema::Problem> JsonSchema::typeProblem(element value) const {
  const auto kind = kindOf(value);
  if (!type_.empty() && kind != type_ && !(type_ == "number" && kind == "integer")) {
    return Problem{"", "must be of the type " + type_ + ", not " + std::string(kind) + ": " + shortText(value)};
  }
  if (allowed_ && std::find(allowed_->begin(), allowed_->end(), simdjson::minify(value)) == allowed_->end()) {
    return Problem{"", shortText(value) + " is none of the allowed values"};
  }
  double number = 0;
  if (value.is_number() && value.get_double().get(number) == simdjson::SUCCESS) {
    if (minimum_ && number < *minimum_) return Problem{"", shortText(value) + " is below the minimum"};
    if (maximum_ && number > *maximum_) return Problem{"", shortText(value) + " is above the maximum"};
  }
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS && text.size() < minLength_) return Problem{"", "is too short a string"};
  if (uuid_ && !isUuid(text)) return Problem{"", shortText(value) + " is no UUID"};
  return std::nullopt;
}

std::optional<JsonSchema::Problem> JsonSchema::objectProblem(simdjson::dom::object object) const {
  std::set<std::string_view> seen;
  for (const auto member : object) {
    const std::string name(member.key);
    if (!seen.insert(member.key).second) return within(name, {"", "stands twice"});
    const auto known = properties_.find(member.key);
    const JsonSchema* schema = known != properties_.end() ? known->second : otherMembers_;
    if (known == properties_.end() && others_ == Others::closed) return within(name, {"", "is no member that the description knows", true});
    if (schema == nullptr) continue;
    if (auto wrong = schema->problem(member.value)) return within(name, std::move(*wrong));
  }
  for (const std::string& name : required_) {
    if (!seen.contains(name)) return within(name, {"", "is missing", true});
  }
  return std::nullopt;
}

std::optional<JsonSchema::Problem> JsonSchema::arrayProblem(simdjson::dom::array array) const {
  std::size_t count = 0;
  std::set<std::string> seen;
  for (const element item : array) {
    if (items_ != nullptr) {
      if (auto wrong = items_->problem(item)) return within(std::to_string(count), std::move(*wrong));
    }
    if (uniqueItems_ && !seen.insert(simdjson::minify(item)).second) return within(std::to_string(count), {"", "stands twice"});
    ++count;
  }
  if (count < minItems_) return Problem{"", "has fewer than " + std::to_string(minItems_) + " items"};
  return std::nullopt;
}

std::optional<JsonSchema::Problem> JsonSchema::choiceProblem(element value) const {
  std::optional<Problem> furthest;
  for (const JsonSchema* choice : anyOf_) {
    auto wrong = choice->problem(value);
    if (!wrong) return std::nullopt;
    if (!furthest || reachOf(*wrong) > reachOf(*furthest)) furthest = std::move(wrong);
  }
  return furthest;
}

void JsonSchemas::addComponents(simdjson::dom::object components) {
  for (const auto entry : components) components_.emplace(std::string(entry.key), std::make_unique<JsonSchema>());
  for (const auto entry : components) read(*named(entry.key), simdjson::dom::object(entry.value));
}

const JsonSchema* JsonSchemas::add(element schema) {
  others_.push_back(std::make_unique<JsonSchema>());
  JsonSchema& added = *others_.back();
  read(added, simdjson::dom::object(schema));
  return &added;
}

JsonSchema* JsonSchemas::named(std::string_view name) {
  const auto found = components_.find(name);
  if (found == components_.end()) throw std::runtime_error("the description has no schema of the name " + std::string(name));
  return found->second.get();
}

void JsonSchemas::read(JsonSchema& schema, simdjson::dom::object words) {
  bool nothingButNull = false;
  for (const auto word : words) {
    nothingButNull = word.key == "nullable" && words.size() == 1;
    fill(schema, word.key, word.value);
  }
  schema.onlyNull_ = nothingButNull;
  // An object of which nothing is said may hold anything.
  if (schema.type_ == "object" && schema.properties_.empty() && words["additionalProperties"].error() != simdjson::SUCCESS) {
    schema.others_ = JsonSchema::Others::free;
  }
}

void JsonSchemas::fill(JsonSchema& schema, std::string_view word, element value) {
  constexpr std::array<std::string_view, 8> without{"description", "default", "example", "examples",
                                                    "deprecated",  "format",  "title",   "nullable"};
  if (word == "nullable") schema.nullable_ = bool(value);
  if (word == "format") schema.uuid_ = std::string_view(value) == "uuid";
  if (std::find(without.begin(), without.end(), word) != without.end()) return;
  const auto each = [&](std::vector<const JsonSchema*>& into) {
    for (const element item : simdjson::dom::array(value)) into.push_back(add(item));
  };
  if (word == "$ref") {
    constexpr std::string_view prefix = "#/components/schemas/";
    schema.ref_ = named(std::string_view(value).substr(prefix.size()));
  } else if (word == "type") {
    schema.type_ = std::string_view(value);
  } else if (word == "enum") {
    schema.allowed_.emplace();
    for (const element item : simdjson::dom::array(value)) schema.allowed_->push_back(simdjson::minify(item));
  } else if (word == "anyOf" || word == "oneOf") {
    each(schema.anyOf_);
  } else if (word == "allOf") {
    each(schema.allOf_);
  } else if (word == "properties") {
    for (const auto entry : simdjson::dom::object(value)) schema.properties_.emplace(std::string(entry.key), add(entry.value));
  } else if (word == "required") {
    for (const element item : simdjson::dom::array(value)) schema.required_.emplace_back(std::string_view(item));
  } else if (word == "additionalProperties") {
    const bool flag = value.is_bool();
    schema.others_ = !flag ? JsonSchema::Others::bySchema : bool(value) ? JsonSchema::Others::free : JsonSchema::Others::closed;
    if (!flag) schema.otherMembers_ = add(value);
  } else if (word == "items") {
    schema.items_ = add(value);
  } else if (word == "minimum") {
    schema.minimum_ = double(value);
  } else if (word == "maximum") {
    schema.maximum_ = double(value);
  } else if (word == "minItems") {
    schema.minItems_ = static_cast<std::size_t>(std::uint64_t(value));
  } else if (word == "minLength") {
    schema.minLength_ = static_cast<std::size_t>(std::uint64_t(value));
  } else if (word == "uniqueItems") {
    schema.uniqueItems_ = bool(value);
  } else {
    throw std::runtime_error("the check does not know the schema word " + std::string(word));
  }
}

}  // namespace qbatch::test
