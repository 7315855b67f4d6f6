#include "serve/payload_schema.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "codec/json_writer.hpp"
#include "local/body_errors.hpp"
#include "local/index_kind.hpp"

namespace qbatch::serve {
namespace {

local::PayloadPath fieldPath(std::string_view text) {
  auto path = local::PayloadPath::parse(text);
  if (!path) throw local::badFormat(fmt::format("Invalid json path: '{}'", text));
  return std::move(*path);
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
  if (!local::indexKindOf(field.schema)) throw local::badFormat("data did not match any variant of untagged enum PayloadFieldSchema");
  return field;
}

std::string createIndex(local::StagedWrites& staged, const std::string& collection, const FieldSchema& field) {
  local::CollectionConfig config = *staged.names().at(collection).config;
  config.payloadSchema.insert_or_assign(field.field, field.schema);
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

std::set<std::string, std::less<>> textFields(const local::CollectionConfig& config) {
  std::set<std::string, std::less<>> fields;
  for (const auto& [field, schema] : config.payloadSchema) {
    if (local::indexKindOf(schema) == local::IndexKind::text) fields.insert(field);
  }
  return fields;
}

}  // namespace qbatch::serve
