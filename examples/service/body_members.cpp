#include "body_members.hpp"

#include <simdjson.h>

#include <algorithm>
#include <vector>

#include "answers.hpp"
#include "json_values.hpp"
#include "qbatch/error.hpp"
#include "qbatch/payload.hpp"

namespace service {
namespace {

namespace ondemand = simdjson::ondemand;

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

void BodyMember::each(const std::function<void(const BodyMember&)>& read) const {
  if (json_.empty() || json_.front() != '[') refuse("an array");
  const simdjson::padded_string padded(json_);
  ondemand::parser parser;
  std::size_t index = 0;
  try {
    ondemand::document document = parser.iterate(padded);
    for (auto element : document.get_array()) {
      const std::string name = std::string(name_) + "[" + std::to_string(index++) + "]";
      ondemand::value value = element.value();
      std::string_view raw = simdjson::to_json_string(value);
      read(BodyMember(name, raw, place_ + static_cast<std::size_t>(raw.data() - padded.data())));
    }
  } catch (const simdjson::simdjson_error& error) {
    refuse(std::string("an array that can be read, and is not: ") + error.what());
  }
}

void BodyMember::refuse(const std::string& wanted) const {
  std::string given(json_.substr(0, 60));
  if (json_.size() > given.size()) given += "...";
  throw Refusal(400, inQuotes(name_) + " must be " + wanted + "; it is " + given);
}

void explainJson(std::string_view body) {
  try {
    static_cast<void>(qbatch::Payload::parse(body));
  } catch (const qbatch::ParseError& error) {
    throw Refusal(400, std::string("the body is not a JSON object: ") + error.what());
  }
}

void readBody(std::string_view body, std::initializer_list<std::string_view> names, const std::function<bool(const BodyMember&)>& take) {
  const simdjson::padded_string padded(body);
  std::vector<std::string> seen;
  try {
    ondemand::parser parser;
    ondemand::document document = parser.iterate(padded);
    for (auto field : document.get_object()) {
      const std::string name(std::string_view(field.unescaped_key()));
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) throw Refusal(400, inQuotes(name) + " stands twice in the body");
      seen.push_back(name);
      ondemand::value value = field.value();
      std::string_view raw = simdjson::to_json_string(value);
      while (!raw.empty() && static_cast<unsigned char>(raw.back()) <= ' ') raw.remove_suffix(1);
      if (!take(BodyMember(name, raw, static_cast<std::size_t>(raw.data() - padded.data()))))
        throw Refusal(400, "unknown member " + inQuotes(name) + "; the body of this request may have " + listed(names));
    }
    // simdjson gives an error where it is asked for what is behind the end.
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) throw simdjson::simdjson_error(simdjson::TAPE_ERROR);
  } catch (const simdjson::simdjson_error& error) {
    explainJson(body);
    throw Refusal(400, std::string("the body cannot be read as JSON: ") + error.what());
  }
}

}  // namespace service
