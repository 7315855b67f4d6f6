#include "codec/answer_reader.hpp"

#include <utility>

namespace qbatch::codec {
namespace {

// A parser keeps about five bytes for each byte of the largest text; after larger answers that room is given back.
constexpr std::size_t keptCapacity = std::size_t{4} << 20;

simdjson::ondemand::parser& threadParser() {
  static thread_local simdjson::ondemand::parser parser;
  return parser;
}

}  // namespace

void failReading(simdjson::error_code error, std::string_view member, std::string_view kind) {
  const bool otherKind = error == simdjson::INCORRECT_TYPE || error == simdjson::NUMBER_OUT_OF_RANGE || error == simdjson::NUMBER_ERROR;
  if (otherKind && !member.empty()) failDecoding(member, "is not " + std::string(kind));
  std::string problem = "is no whole JSON object: ";
  if (!member.empty()) problem = "cannot be read as JSON: ";
  failDecoding(member, problem + simdjson::error_message(error));
}

bool isNull(JsonValue value, std::string_view member) {
  if (needed(value.type(), member, "a JSON value") != simdjson::ondemand::json_type::null) return false;
  if (!needed(value.is_null(), member, "null")) failDecoding(member, "is no JSON value");
  return true;
}

void passOver(JsonValue value, std::size_t levels) {
  using Type = simdjson::ondemand::json_type;
  constexpr std::string_view member = "an unknown member";
  if (levels == 0) failDecoding("", "is nested too deep");
  switch (needed(value.type(), member, "a JSON value")) {
    case Type::object:
      eachMember(
          objectOf(value, member), member, [](std::string_view, JsonValue) { return false; }, levels - 1);
      break;
    case Type::array:
      eachItem(arrayOf(value, member), member, [levels](JsonValue item) { passOver(item, levels - 1); });
      break;
    case Type::string:
      (void)stringOf(value, member);
      break;
    case Type::number:
      (void)needed(value.get_double(), member, "a number");
      break;
    case Type::boolean:
      (void)boolOf(value, member);
      break;
    case Type::null:
      (void)isNull(value, member);
  }
}

Answer::Answer(std::string& body) {
  const std::size_t size = body.size();
  body.append(simdjson::SIMDJSON_PADDING, '\0');
  body.resize(size);
  simdjson::padded_string_view text(body.data(), size, body.capacity());
  if (const auto error = threadParser().iterate(text).get(document_)) failReading(error, "", "");
}

Answer::~Answer() {
  if (threadParser().capacity() > keptCapacity) threadParser() = simdjson::ondemand::parser();
}

JsonMembers Answer::root() { return needed(document_.get_object(), "", ""); }

void Answer::checkEnd() {
  if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS) failDecoding("", "goes on behind the end of its JSON object");
}

}  // namespace qbatch::codec
