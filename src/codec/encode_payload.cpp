#include "codec/encode_payload.hpp"

#include <string_view>

#include "codec/json_object.hpp"
#include "codec/json_writer.hpp"

namespace qbatch::codec {

namespace {

void appendMember(std::string& out, std::string_view key, std::string_view text) {
  appendString(out, key);
  out += ':';
  appendString(out, text);
  out += ',';
}

// Metadata speaks of the metrics by their documented names, whatever the collection calls them.
void appendRenamed(std::string& out, const Payload& metadata, const FieldNames& fields) {
  const auto object = JsonObject::parse(metadata.json());
  for (const auto& [key, value] : object.members()) {
    appendString(out, key == "success_rate" ? fields.successRate : key == "last_used" ? fields.lastUsed : key);
    out += ':';
    out += value;
    out += ',';
  }
}

}  // namespace

void appendPatternPayload(std::string& out, const Pattern& pattern, const FieldNames& fields) {
  out += '{';
  appendMember(out, fields.description, pattern.description);
  appendMember(out, fields.code, pattern.code);
  appendMember(out, fields.language, pattern.language);
  if (!pattern.metadata.empty()) {
    static const FieldNames documented;
    if (fields.successRate == documented.successRate && fields.lastUsed == documented.lastUsed) {
      const auto json = pattern.metadata.json();
      out += json.substr(1, json.size() - 2);
      out += ',';
    } else {
      appendRenamed(out, pattern.metadata, fields);
    }
  }
  appendString(out, fields.usageCount);
  out += ":0}";
}

}  // namespace qbatch::codec
