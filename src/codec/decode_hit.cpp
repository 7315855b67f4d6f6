#include "codec/decode_hit.hpp"

#include <string>

#include "codec/json_object.hpp"

namespace qbatch::codec {

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

}  // namespace

Hit decodeHit(const StoredPoint& point, const FieldNames& fields) {
  Hit hit;
  hit.id = point.id;
  hit.score = point.score;
  if (point.payload.empty()) return hit;
  const auto object = JsonObject::parse(point.payload);
  JsonObject metadata;
  for (const auto& [key, value] : object.members())
    if (!key.starts_with("_qbatch") && !takeField(hit, key, value, fields)) metadata.set(key, value);
  if (!metadata.empty()) hit.metadata = Payload::parse(metadata.text());
  return hit;
}

}  // namespace qbatch::codec
