#include "json_values.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>

#include "qbatch/error.hpp"
#include "qbatch/payload.hpp"

namespace cli {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view textOf(ondemand::value value) {
  std::string_view text = simdjson::to_json_string(value);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::string sumOfElements(simdjson::dom::element first, simdjson::dom::element second) {
  using simdjson::dom::element_type;
  if (first.is_object() && second.is_object()) {
    qbatch::Payload sum;
    for (const auto field : simdjson::dom::object(first)) {
      simdjson::dom::element other;
      const bool both = second.at_key(field.key).get(other) == simdjson::SUCCESS;
      sum.setJson(field.key, both ? sumOfElements(field.value, other) : simdjson::minify(field.value));
    }
    for (const auto field : simdjson::dom::object(second)) {
      if (first.at_key(field.key).error() != simdjson::SUCCESS) sum.setJson(field.key, simdjson::minify(field.value));
    }
    return std::string(sum.json());
  }
  if (first.is_int64() && second.is_int64()) return std::to_string(std::int64_t(first) + std::int64_t(second));
  if (first.is_number() && second.is_number()) {
    const auto sum = qbatch::Payload{{"sum", double(first) + double(second)}};
    return sum.getJson("sum").value();
  }
  return simdjson::minify(first);
}

}  // namespace

void forEachMember(std::string_view object, const std::function<void(std::string_view, std::string_view)>& take) {
  ondemand::parser parser;
  const simdjson::padded_string padded(object);
  ondemand::document document = parser.iterate(padded);
  for (auto field : document.get_object()) {
    const std::string name(std::string_view(field.unescaped_key()));
    take(name, textOf(field.value()));
  }
}

void forEachElement(std::string_view array, const std::function<void(std::string_view)>& take) {
  ondemand::parser parser;
  const simdjson::padded_string padded(array);
  ondemand::document document = parser.iterate(padded);
  for (auto element : document.get_array()) take(textOf(element.value()));
}

std::string jsonString(std::string_view text) {
  try {
    return qbatch::Payload().set("text", text).getJson("text").value();
  } catch (const qbatch::ParseError&) {
    std::string plain(text);
    std::replace_if(
        plain.begin(), plain.end(), [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; }, '?');
    return qbatch::Payload().set("text", plain).getJson("text").value();
  }
}

std::string jsonStrings(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const auto& text : texts) list += (list.size() == 1 ? "" : ",") + jsonString(text);
  return list + "]";
}

std::string jsonId(const qbatch::PointId& id) { return id.isNumber() ? id.toString() : jsonString(id.toString()); }

std::string sumOf(std::string_view first, std::string_view second) {
  simdjson::dom::parser ofFirst, ofSecond;
  return sumOfElements(ofFirst.parse(first), ofSecond.parse(second));
}

}  // namespace cli
