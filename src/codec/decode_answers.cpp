#include "codec/decode_answers.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

#include "codec/answer_reader.hpp"
#include "codec/utf8.hpp"

namespace qbatch::codec {
namespace {

constexpr std::size_t longestSentence = 1000;
// An error's body has a few hundred bytes; what is much larger is something else.
constexpr std::size_t largestError = std::size_t{1} << 20;

WriteStatus readStatus(JsonValue value, std::string_view path) {
  std::optional<WriteStatus> status;
  eachMember(objectOf(value, path), path, [&](std::string_view name, JsonValue member) {
    if (name != "status") return false;
    const std::string_view word = stringOf(member, "result.status");
    status = word == "completed" ? WriteStatus::completed : word == "wait_timeout" ? WriteStatus::waitTimeout : WriteStatus::acknowledged;
    return true;
  });
  if (!status) failDecoding("result.status", "is missing");
  return *status;
}

/// "1.18.3", also with more behind it; false where it is something else.
bool readVersion(ServerVersion& version) {
  const char* at = version.text.data();
  const char* const end = at + version.text.size();
  for (unsigned* const number : {&version.major, &version.minor, &version.patch}) {
    if (number != &version.major) {
      if (at == end || *at != '.') return false;
      ++at;
    }
    const auto result = std::from_chars(at, end, *number);
    if (result.ec != std::errc{}) return false;
    at = result.ptr;
  }
  return at == end || *at == '-' || *at == '+' || *at == '.';
}

bool namesQdrant(std::string_view title) {
  constexpr std::string_view name = "qdrant";
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; };
  return std::search(title.begin(), title.end(), name.begin(), name.end(), same) != title.end();
}

/// The beginning of valid UTF-8, cut between characters.
std::string shortened(std::string_view text) {
  if (text.size() > longestSentence) {
    text = text.substr(0, longestSentence + 1);
    while ((static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.remove_suffix(1);
    text.remove_suffix(1);
  }
  return std::string(text);
}

/// `status.error`; empty where there is none.
std::string errorMember(std::string& body) {
  std::string sentence;
  Answer(body).members([&](std::string_view name, JsonValue value) {
    if (name != "status" || needed(value.type(), name, "a JSON value") != simdjson::ondemand::json_type::object) return false;
    eachMember(objectOf(value, name), name, [&](std::string_view inner, JsonValue text) {
      if (inner != "error" || needed(text.type(), inner, "a JSON value") != simdjson::ondemand::json_type::string) return false;
      sentence = shortened(stringOf(text, inner));
      return true;
    });
    return true;
  });
  return sentence;
}

/// The text without the white space around it, where it is a short text for people; else empty.
std::string plainSentence(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(space) - first + 1);
  const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  const bool plain = text.size() <= longestSentence && text.front() != '<' && text.front() != '{' && text.front() != '[' &&
                     std::none_of(text.begin(), text.end(), [&](char c) { return isControl(c) && c != '\n' && c != '\r' && c != '\t'; });
  return plain && !findInvalidUtf8(text) ? std::string(text) : std::string();
}

}  // namespace

WriteStatus decodeWrite(std::string& body) {
  WriteStatus status{};
  Answer(body).result([&](JsonValue value) { status = readStatus(value, "result"); });
  return status;
}

WriteStatus decodeBatchWrite(std::string& body) {
  auto least = WriteStatus::completed;
  Answer(body).result([&](JsonValue value) {
    eachItem(arrayOf(value, "result"), "result", [&](JsonValue item) { least = std::min(least, readStatus(item, "result[]")); });
  });
  return least;
}

bool decodeBool(std::string& body) {
  bool result = false;
  Answer(body).result([&](JsonValue value) { result = boolOf(value, "result"); });
  return result;
}

std::size_t decodeCount(std::string& body) {
  std::optional<std::size_t> count;
  Answer(body).result([&](JsonValue value) {
    eachMember(objectOf(value, "result"), "result", [&](std::string_view name, JsonValue member) {
      if (name != "count") return false;
      count = unsignedOf(member, "result.count");
      return true;
    });
  });
  if (!count) failDecoding("result.count", "is missing");
  return *count;
}

ServerVersion decodeVersion(std::string& body) {
  ServerVersion version;
  bool qdrant = false;
  Answer(body).members([&](std::string_view name, JsonValue value) {
    if (name == "title") {
      qdrant = namesQdrant(stringOf(value, "title"));
    } else if (name == "version") {
      version.text = stringOf(value, "version");
    } else {
      return false;
    }
    return true;
  });
  if (!qdrant) failDecoding("title", "does not name Qdrant; check the URL");
  if (!readVersion(version)) failDecoding("version", "is no version number such as 1.18.3");
  return version;
}

std::string errorSentence(std::string& body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || body.size() > largestError) return {};
  if (body[first] != '{') return plainSentence(body);
  try {
    return errorMember(body);
  } catch (const DecodeError&) {
    return {};
  }
}

}  // namespace qbatch::codec
