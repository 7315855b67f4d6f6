#include "serve/payload_schema.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "codec/json_writer.hpp"
#include "local/body_errors.hpp"
#include "local/index_kind.hpp"
#include "serve/collection_settings.hpp"

namespace qbatch::serve {
namespace {

local::PayloadPath fieldPath(std::string_view text) {
  auto path = local::PayloadPath::parse(text);
  if (!path) throw local::badFormat(fmt::format("Invalid json path: '{}'", text));
  return std::move(*path);
}

/// What would make an index find other points than it does here.
void checkTextSettings(Object schema) {
  for (const char* name : {"stopwords", "stemmer"}) {
    if (member(schema, name)) throw local::unsupportedRefusal(fmt::format("`{}` in text indexes", name));
  }
  const auto tokenizer = member(schema, "tokenizer"), lowercase = member(schema, "lowercase"), folding = member(schema, "ascii_folding");
  if (tokenizer && stringOf(*tokenizer) != "word") throw local::unsupportedRefusal("other tokenizers than `word` in text indexes");
  if (lowercase && !boolOf(*lowercase)) throw local::unsupportedRefusal("`lowercase: false` in text indexes");
  if (folding && boolOf(*folding)) throw local::unsupportedRefusal("`ascii_folding` in text indexes");
  for (const char* name : {"min_token_len", "max_token_len"}) {
    if (const auto length = member(schema, name)) static_cast<void>(sizeOf(*length));
  }
}

void checkSchema(Element value, local::IndexKind kind) {
  Object schema;
  if (value.get_object().get(schema) != simdjson::SUCCESS) return;
  if (kind == local::IndexKind::text) checkTextSettings(schema);
  if (kind != local::IndexKind::integer) return;
  const auto lookup = member(schema, "lookup"), range = member(schema, "range");
  if (lookup && range && !boolOf(*lookup) && !boolOf(*range)) {
    throw invalid("field_schema.__all__", "Validation error: the 'lookup' and 'range' capabilities can't be both disabled [{}]");
  }
}

/// The word lengths that a text index takes.
local::WordRule wordRuleOf(const std::string& schema) {
  local::WordRule rule;
  const Body body(schema);
  Object members;
  if (body.root().get_object().get(members) != simdjson::SUCCESS) return rule;
  if (const auto length = member(members, "min_token_len")) rule.shortest = sizeOf(*length);
  if (const auto length = member(members, "max_token_len")) rule.longest = sizeOf(*length);
  return rule;
}

}  // namespace

FieldSchema readField(Element value) {
  const Object body = objectOf(value);
  FieldSchema field;
  const std::string_view name = stringOf(needed(body, "field_name"));
  field.field = fieldPath(name).text();
  const auto schema = member(body, "field_schema");
  if (!schema) {
    throw local::refusal(400, fmt::format("Bad request: Unable to infer type for the field '{}'. Please specify `field_schema`", name));
  }
  field.schema = simdjson::minify(*schema);
  const auto kind = local::indexKindOf(field.schema);
  if (!kind) throw local::badFormat("data did not match any variant of untagged enum PayloadFieldSchema");
  checkSchema(*schema, *kind);
  return field;
}

std::string createIndex(local::StagedWrites& staged, const std::string& collection, const FieldSchema& field) {
  local::CollectionConfig config = *staged.names().at(collection).config;
  config.payloadSchema.insert_or_assign(field.field, field.schema);
  checkKept(config);
  staged.changeConfig(std::move(config));
  return "true";
}

std::string dropIndex(local::StagedWrites& staged, const std::string& collection, const std::string& field) {
  local::CollectionConfig config = *staged.names().at(collection).config;
  if (config.payloadSchema.erase(fieldPath(field).text()) > 0) staged.changeConfig(std::move(config));
  return "true";
}

std::string shownSchema(const local::CollectionConfig& config, const local::Collection& points) {
  std::string out;
  for (const auto& [field, schema] : config.payloadSchema) {
    const auto kind = local::indexKindOf(schema).value();
    const local::FieldIndex* index = points.index(field);
    out += out.empty() ? '{' : ',';
    codec::appendString(out, field);
    out += fmt::format(R"(:{{"data_type":"{}",)", local::nameOf(kind));
    if (schema.front() == '{') out += "\"params\":" + schema + ",";
    out += fmt::format("\"points\":{}}}", index == nullptr ? 0 : index->size());
  }
  return out.empty() ? "{}" : out + "}";
}

std::map<std::string, local::WordRule, std::less<>> textFields(const local::CollectionConfig& config) {
  std::map<std::string, local::WordRule, std::less<>> fields;
  for (const auto& [field, schema] : config.payloadSchema) {
    if (local::indexKindOf(schema) == local::IndexKind::text) fields.emplace(field, wordRuleOf(schema));
  }
  return fields;
}

}  // namespace qbatch::serve
