#include "serve/body.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "codec/json_check.hpp"
#include "codec/json_object.hpp"
#include "codec/json_writer.hpp"
#include "local/body_errors.hpp"
#include "local/payload_reader.hpp"

namespace qbatch::serve {

using local::badFormat;

namespace {

RequestError wrongType(Element value, std::string_view expected) {
  return badFormat(fmt::format("invalid type: {}, expected {}", local::unexpected(value), expected));
}

}  // namespace

Element Body::root() const {
  if (root_) return *root_;
  if (text_.empty()) throw badFormat("EOF while parsing a value at line 1 column 0");
  Element root;
  // What is kept of a body is kept within one more level, and has to be read by the codec again. simdjson counts one level more.
  auto code = parser_.allocate(text_.size(), codec::maxJsonLevels - 1);
  if (code == simdjson::SUCCESS) code = parser_.parse(text_).get(root);
  if (code != simdjson::SUCCESS)
    throw badFormat(code == simdjson::DEPTH_ERROR ? "recursion limit exceeded" : simdjson::error_message(code));
  root_ = root;
  return root;
}

std::optional<Element> member(Object object, std::string_view name) {
  auto found = local::memberOf(object, name);
  if (found && found->is_null()) found.reset();
  return found;
}

Element needed(Object object, std::string_view name) {
  const auto found = member(object, name);
  if (!found) throw badFormat(fmt::format("missing field `{}`", name));
  return *found;
}

Object objectOf(Element value) {
  Object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) throw wrongType(value, "a map");
  return object;
}

Array arrayOf(Element value) {
  Array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) throw wrongType(value, "a sequence");
  return array;
}

std::string_view stringOf(Element value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) throw wrongType(value, "a string");
  return text;
}

bool boolOf(Element value) {
  bool flag = false;
  if (value.get_bool().get(flag) != simdjson::SUCCESS) throw wrongType(value, "a boolean");
  return flag;
}

std::size_t sizeOf(Element value) {
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) == simdjson::SUCCESS) return static_cast<std::size_t>(number);
  if (value.is_int64()) throw badFormat(fmt::format("invalid value: {}, expected usize", local::unexpected(value)));
  throw wrongType(value, "usize");
}

float floatOf(Element value) {
  double number = 0;
  if (!value.is_number() || value.get_double().get(number) != simdjson::SUCCESS) throw wrongType(value, "f32");
  constexpr double most = std::numeric_limits<float>::max();
  if (std::fabs(number) > most) return std::copysign(std::numeric_limits<float>::infinity(), number > 0 ? 1.0F : -1.0F);
  return static_cast<float>(number);
}

PointId idOf(Element value) {
  std::uint64_t number = 0;
  std::string_view text;
  if (value.get_uint64().get(number) == simdjson::SUCCESS) return PointId(number);
  const bool isText = value.get_string().get(text) == simdjson::SUCCESS;
  try {
    if (isText) {
      const PointId id = PointId::parse(text);
      if (!id.isNumber()) return id;
    }
  } catch (const ParseError&) {  // answered below
  }
  throw badFormat(fmt::format("value {} is not a valid point ID, valid values are either an unsigned integer or a UUID",
                              isText ? std::string(text) : simdjson::minify(value)));
}

std::vector<PointId> idsOf(Element value) {
  const Array array = arrayOf(value);
  std::vector<PointId> ids;
  ids.reserve(array.size());
  for (const Element item : array) ids.push_back(idOf(item));
  return ids;
}

local::PayloadPath pathOf(Element value) {
  const std::string_view text = stringOf(value);
  auto path = local::PayloadPath::parse(text);
  if (!path) throw badFormat(fmt::format("Invalid json path: '{}'", text));
  return std::move(*path);
}

std::string payloadOf(Element value) {
  static_cast<void>(objectOf(value));
  try {
    return codec::checkedJson(std::string(simdjson::minify(value)));
  } catch (const ParseError& error) {
    throw badFormat(error.what());
  }
}

std::size_t levelsOf(Element value) {
  std::size_t inner = 0;
  if (value.is_array()) {
    for (const Element item : Array(value)) inner = std::max(inner, levelsOf(item));
  } else if (value.is_object()) {
    for (const auto entry : Object(value)) inner = std::max(inner, levelsOf(entry.value));
  } else {
    return 0;
  }
  return inner + 1;
}

RequestError invalid(std::string_view place, std::string_view words) {
  return local::refusal(422, fmt::format("Validation error in JSON body: [{}: {}]", place, words));
}

std::size_t limitOf(Object body, std::string_view place) {
  constexpr std::size_t usual = 10;
  const auto wish = member(body, "limit");
  const std::size_t limit = wish ? sizeOf(*wish) : usual;
  if (limit == 0) throw invalid(fmt::format("{}.limit", place), "value 0 invalid, must be 1 or larger");
  return limit;
}

void appendId(std::string& out, const PointId& id) {
  if (id.isNumber()) {
    codec::appendUnsigned(out, id.number());
  } else {
    codec::appendString(out, id.toString());
  }
}

}  // namespace qbatch::serve
