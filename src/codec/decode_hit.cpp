#include "codec/decode_hit.hpp"

#include <string>
#include <utility>

#include "codec/json_object.hpp"
#include "codec/json_writer.hpp"

namespace qbatch {

/// Makes a payload of text that has been checked and has no white space between tokens, nor a name twice.
struct PayloadAccess {
  static Payload take(std::string text) {
    Payload payload;
    payload.text_ = std::move(text);
    return payload;
  }
};

namespace codec {
namespace {

// True where the member has gone into the hit's own field.
bool takeText(std::string& field, std::string_view value) {
  auto text = stringValue(value);
  if (text) field = std::move(*text);
  return text.has_value();
}

bool takeField(Hit& hit, std::string_view key, std::string_view value, const FieldNames& fields) {
  if (key == fields.description) return takeText(hit.description, value);
  if (key == fields.code) return takeText(hit.code, value);
  if (key == fields.language) return takeText(hit.language, value);
  if (key == fields.usageCount) return (hit.usageCount = integerValue(value)).has_value();
  if (key == fields.successRate) return (hit.successRate = numberValue(value)).has_value();
  if (key == fields.lastUsed) return (hit.lastUsed = stringValue(value)).has_value();
  return false;
}

/// Appends a member of an object to the beginning of another, as it stands there where its name has no escapes.
void appendMember(std::string& metadata, const CheckedJson& object, const CheckedJson::Member& member) {
  if (metadata.empty()) metadata.reserve(256);  // of many small members the text need not grow often
  metadata += metadata.empty() ? '{' : ',';
  if (member.value - member.begin == member.name.size() + 3) {
    metadata += object.text().substr(member.begin, member.end - member.begin);
    return;
  }
  appendString(metadata, member.name);
  metadata += ':';
  metadata += object.valueOf(member);
}

}  // namespace

Hit decodeHit(const StoredPoint& point, const FieldNames& fields) {
  Hit hit;
  hit.id = point.id;
  hit.score = point.score;
  if (point.payload.empty()) return hit;
  const CheckedJson object = checkedObject(point.payload);
  std::string metadata;
  for (const auto& member : object.members) {
    if (member.name.starts_with("_qbatch") || takeField(hit, member.name, object.valueOf(member), fields)) continue;
    appendMember(metadata, object, member);
  }
  if (!metadata.empty()) hit.metadata = PayloadAccess::take(std::move(metadata += '}'));
  return hit;
}

}  // namespace codec
}  // namespace qbatch
