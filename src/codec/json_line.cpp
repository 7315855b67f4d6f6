#include "codec/json_line.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "qbatch/error.hpp"

namespace qbatch::codec {
namespace {

using simdjson::ondemand::json_type;

std::string inQuotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string_view kindOf(simdjson::ondemand::value& value) {
  switch (json_type(value.type())) {
    case json_type::array:
      return "an array";
    case json_type::object:
      return "an object";
    case json_type::number:
      return "a number";
    case json_type::string:
      return "a string";
    case json_type::boolean:
      return "true or false";
    case json_type::null:
      return "null";
  }
  return "something else";
}

std::string listed(MemberNames names) {
  std::string list;
  for (const auto& name : names) {
    if (!list.empty()) list += name == names.back() ? " and " : ", ";
    list += name;
  }
  return list;
}

// simdjson says what is wrong but not where; the strict check of Payload does, and is slower, so it is asked only here.
[[noreturn]] void explain(std::string_view line, const simdjson::simdjson_error& error) {
  try {
    (void)Payload::parse(line);
  } catch (const ParseError& problem) {
    throw LineError(problem.what());
  }
  throw LineError(std::string("cannot be read as JSON: ") + error.what());
}

std::optional<float> toFloat32(double number) noexcept {
  constexpr double largest = std::numeric_limits<float>::max();
  if (std::abs(number) <= largest) return static_cast<float>(number);
  // From here on a number is nearer to 2^128 than to the largest float32.
  constexpr double bound = 0x1.ffffffp127;
  if (!(std::abs(number) < bound)) return std::nullopt;
  return std::copysign(std::numeric_limits<float>::max(), number > 0 ? 1.0F : -1.0F);
}

// Why an element of a vector is none. simdjson leaves it where it is when it cannot be read as a number, and its token in any case.
[[noreturn]] void refuseElement(simdjson::ondemand::value& item, const std::string& place, bool isNumber) {
  if (json_type(item.type()) != json_type::number) throw LineError(place + " must be a number, and is " + std::string(kindOf(item)));
  std::string_view token = item.raw_json_token();
  while (!token.empty() && token.back() <= ' ') token.remove_suffix(1);
  throw LineError(place + " is " + std::string(token) +
                  (isNumber ? ", outside float32 (at most 3.4028235e38)" : ", which is not a number or outside float32"));
}

void readMembers(simdjson::ondemand::object object, const TakeMember& take, std::string_view what, MemberNames names) {
  std::vector<std::string> seen;
  for (auto field : object) {
    const std::string_view key = field.unescaped_key();
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) throw LineError(inQuotes(key) + " stands twice");
    Member member(seen.emplace_back(key), field.value());
    if (!take(member)) throw LineError("unknown member " + inQuotes(member.name()) + "; " + std::string(what) + " has " + listed(names));
  }
}

}  // namespace

void Member::refuse(const std::string& wanted) {
  throw LineError(inQuotes(name_) + " must be " + wanted + ", and is " + std::string(kindOf(value_)));
}

bool Member::isNull() { return value_.type() == json_type::null; }

std::string Member::text() {
  if (value_.type() != json_type::string) refuse("a string");
  return std::string(std::string_view(value_.get_string()));
}

PointId Member::id() {
  const auto type = json_type(value_.type());
  if (type == json_type::number) {
    std::uint64_t number = 0;
    if (value_.get_uint64().get(number) == simdjson::SUCCESS) return {number};
    throw LineError(inQuotes(name_) + " must be a whole number from 0 to 18446744073709551615 or a UUID, and is " +
                    std::string(value_.raw_json_token()));
  }
  if (type != json_type::string) refuse("a whole number or a string with a UUID");
  const std::string_view text = value_.get_string();
  try {
    return PointId::parse(text);
  } catch (const ParseError& error) {
    throw LineError(inQuotes(name_) + ": " + error.what());
  }
}

std::vector<float> Member::vector() {
  if (value_.type() != json_type::array) refuse("an array of numbers");
  std::vector<float> floats;
  for (auto element : value_.get_array()) {
    simdjson::ondemand::value item = element.value();
    double number = 0;
    const bool read = item.get_double().get(number) == simdjson::SUCCESS;
    const auto narrow = read ? toFloat32(number) : std::nullopt;
    if (!narrow) refuseElement(item, inQuotes(std::string(name_) + "[" + std::to_string(floats.size()) + "]"), read);
    floats.push_back(*narrow);
  }
  if (floats.empty()) throw LineError(inQuotes(name_) + " is empty; leave it out, and the text is embedded");
  return floats;
}

Payload Member::object() {
  if (value_.type() != json_type::object) refuse("an object");
  const std::string_view raw = simdjson::to_json_string(value_);
  try {
    return Payload::parse(raw);
  } catch (const ParseError& error) {
    throw LineError(inQuotes(name_) + " (bytes counted from its brace): " + error.what());
  }
}

void Member::members(const TakeMember& take, std::string_view what, MemberNames names) {
  if (value_.type() != json_type::object) refuse("an object");
  readMembers(value_.get_object(), take, what, names);
}

double Member::number() {
  if (value_.type() != json_type::number) refuse("a number");
  return value_.get_double();
}

std::int64_t Member::wholeNumberOrBool() {
  const auto type = json_type(value_.type());
  if (type == json_type::boolean) return bool(value_.get_bool()) ? 1 : 0;
  std::int64_t number = 0;
  if (type != json_type::number) refuse("true, false or a whole number");
  if (value_.get_int64().get(number) != simdjson::SUCCESS)
    throw LineError(inQuotes(name_) + " must be true, false or a whole number of 64 bits");
  return number;
}

void JsonLines::read(std::string& line, const TakeMember& take, std::string_view what, MemberNames names) {
  try {
    line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document = parser_.iterate(simdjson::padded_string_view(line.data(), line.size(), line.capacity()));
    if (document.type() != json_type::object) throw LineError("must be a JSON object with " + listed(names));
    readMembers(document.get_object(), take, what, names);
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) throw simdjson::simdjson_error(simdjson::TRAILING_CONTENT);
  } catch (const simdjson::simdjson_error& error) {
    explain(line, error);
  }
}

std::string JsonLines::copyOf(std::string_view line) {
  std::string copy;
  copy.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  copy = line;
  return copy;
}

}  // namespace qbatch::codec
