#include "body_members.hpp"

#include <simdjson.h>

#include <algorithm>
#include <vector>

#include "answers.hpp"
#include "qbatch/error.hpp"
#include "qbatch/json_items.hpp"

namespace service {
namespace {

std::string inQuotes(std::string_view name) { return "\"" + std::string(name) + "\""; }

std::string listed(std::initializer_list<std::string_view> names) {
  std::string list;
  for (const auto name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

/// The scalar that stands alone in `json`, if it is of this kind.
template <class Value>
bool scalar(std::string_view json, Value& value) {
  simdjson::dom::parser parser;
  return parser.parse(json).get(value) == simdjson::SUCCESS;
}

}  // namespace

std::string BodyMember::text() const {
  simdjson::dom::parser parser;
  std::string_view value;
  if (parser.parse(json_).get(value) != simdjson::SUCCESS) refuse("a string");
  return std::string(value);
}

std::size_t BodyMember::wholeNumber() const {
  std::uint64_t value = 0;
  if (!scalar(json_, value)) refuse("a whole number from 0");
  return value;
}

double BodyMember::number() const {
  double value = 0;
  if (!scalar(json_, value)) refuse("a number");
  return value;
}

bool BodyMember::flag() const {
  bool value = false;
  if (!scalar(json_, value)) refuse("true or false");
  return value;
}

void BodyMember::parse(const std::function<void(std::string_view)>& read) const {
  try {
    read(json_);
  } catch (const qbatch::ParseError& error) {
    std::string problem = error.what();
    problem.resize(std::min(problem.size(), problem.rfind(" (at byte ")));
    throw Refusal(400, inQuotes(name_) + ": " + problem + " (at byte " + std::to_string(place_ + error.offset()) + " of the body)");
  }
}

std::vector<BodyMember> BodyMember::elements(std::size_t most) const {
  if (json_.front() != '[') refuse("an array");
  std::vector<BodyMember> elements;
  try {
    for (const auto& element : qbatch::parseElements(json_, most))
      elements.emplace_back(name_ + "[" + std::to_string(elements.size()) + "]", element.json, place_ + element.offset);
  } catch (const qbatch::TooManyItems& error) {
    throw Refusal(413, std::to_string(error.count()) + " " + name_ + " are more than the " + std::to_string(most) +
                           " of one request; send them in several requests");
  }
  return elements;
}

void BodyMember::refuse(const std::string& wanted) const {
  constexpr std::size_t most = 60;
  throw Refusal(400, inQuotes(name_) + " must be " + wanted + "; it is " + shortened(std::string(json_.substr(0, most + 4)), most));
}

void readBody(std::string_view body, std::initializer_list<std::string_view> names, const std::function<bool(const BodyMember&)>& take) {
  constexpr std::size_t most = 100;
  try {
    for (const auto& member : qbatch::parseMembers(body, most)) {
      if (!take(BodyMember(member.name, member.json, member.offset)))
        throw Refusal(400, "unknown member " + inQuotes(member.name) + "; the body of this request may have " + listed(names));
    }
  } catch (const qbatch::TooManyItems&) {
    throw Refusal(400, "the body has too many members");
  } catch (const qbatch::ParseError& error) {
    throw Refusal(400, std::string("the body cannot be taken: ") + error.what());
  }
}

}  // namespace service
