#include "codec/decode_hit.hpp"

#include <string>
#include <utility>

#include "codec/json_object.hpp"
#include "codec/json_walk.hpp"
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

/// Puts an object's members where they belong: into the hit's own fields, or into its metadata.
class HitMembers {
 public:
  HitMembers(Hit& hit, const FieldNames& fields) : hit_(hit), fields_(fields) {}

  /// `name` with its escapes resolved, `whole` the member as it stands in text without white space.
  void take(std::string_view name, std::string_view value, std::string_view whole) {
    if (name.starts_with("_qbatch") || takeField(hit_, name, value, fields_)) return;
    if (metadata_.empty()) metadata_.reserve(256);  // of many small members the text need not grow often
    metadata_ += metadata_.empty() ? '{' : ',';
    if (whole.size() == name.size() + value.size() + 3) {  // a name without escapes
      metadata_ += whole;
      return;
    }
    appendString(metadata_, name);
    metadata_ += ':';
    metadata_ += value;
  }
  void finish() {
    if (!metadata_.empty()) hit_.metadata = PayloadAccess::take(std::move(metadata_ += '}'));
  }

 private:
  Hit& hit_;
  const FieldNames& fields_;
  std::string metadata_{};
};

void takeChecked(HitMembers& members, std::string_view payload) {
  JsonWalk walk(payload);
  while (const auto entry = walk.next()) {
    const auto whole = payload.substr(entry->begin, entry->end - entry->begin);
    if (entry->name.find('\\') == std::string_view::npos) {
      members.take(entry->name, entry->value, whole);
    } else {
      members.take(unescape(entry->name), entry->value, whole);
    }
  }
}

void takeUnchecked(HitMembers& members, std::string_view payload) {
  const CheckedJson object = checkedObject(payload);
  for (const auto& member : object.members)
    members.take(member.name, object.valueOf(member), object.text().substr(member.begin, member.end - member.begin));
}

}  // namespace

Hit decodeHit(const StoredPoint& point, const FieldNames& fields) {
  Hit hit;
  hit.id = point.id;
  hit.score = point.score;
  if (point.payload.empty()) return hit;
  HitMembers members(hit, fields);
  (point.payloadChecked ? takeChecked : takeUnchecked)(members, point.payload);
  members.finish();
  return hit;
}

}  // namespace codec
}  // namespace qbatch
