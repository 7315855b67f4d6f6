#include "local/payload_reader.hpp"

namespace qbatch::local {

std::optional<simdjson::dom::object> PayloadReader::read(std::string_view json) {
  simdjson::dom::object object;
  if (json.empty()) return std::nullopt;
  if (parser_.parse(json.data(), json.size()).get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  return object;
}

std::optional<std::string> PayloadReader::problem(std::string_view json) {
  simdjson::dom::element element;
  if (json.empty()) return "it is empty";
  if (const auto code = parser_.parse(json.data(), json.size()).get(element); code != simdjson::SUCCESS) {
    return std::string(simdjson::error_message(code));
  }
  if (!element.is_object()) return "it is no JSON object";
  return std::nullopt;
}

std::optional<simdjson::dom::element> memberOf(simdjson::dom::object object, std::string_view key) {
  std::optional<simdjson::dom::element> found;
  for (const auto member : object) {
    if (member.key == key) found = member.value;
  }
  return found;
}

}  // namespace qbatch::local
