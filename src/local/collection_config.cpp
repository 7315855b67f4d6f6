#include "local/collection_config.hpp"

#include <fmt/core.h>

#include <array>
#include <set>
#include <utility>

#include "codec/encode_requests.hpp"
#include "codec/json_writer.hpp"
#include "local/body_errors.hpp"
#include "local/payload_reader.hpp"

namespace qbatch::local {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t largestDimension = 65536;
constexpr std::string_view noVectors = "data did not match any variant of untagged enum VectorsConfig";

std::optional<element> given(object members, std::string_view name) {
  const auto found = memberOf(members, name);
  return found && !found->is_null() ? found : std::nullopt;
}

object objectOf(element value, std::string_view otherwise) {
  object result;
  if (value.get_object().get(result) != simdjson::SUCCESS) throw badFormat(otherwise);
  return result;
}

/// nullopt where the element describes no dense vector.
std::optional<DenseParams> denseOf(std::string_view name, element value) {
  object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) return std::nullopt;
  const auto size = given(members, "size"), distance = given(members, "distance");
  std::uint64_t dimension = 0;
  std::string_view word;
  if (!size || !distance || size->get_uint64().get(dimension) != simdjson::SUCCESS || dimension == 0) return std::nullopt;
  if (distance->get_string().get(word) != simdjson::SUCCESS) return std::nullopt;
  const auto known = parseDistance(word);
  if (!known || toString(*known) != word) return std::nullopt;
  if (dimension > largestDimension) {
    throw refusal(422, fmt::format("Validation error in JSON body: [vectors.size: value {} invalid, must be from 1 to {}]", dimension,
                                   largestDimension));
  }
  if (given(members, "multivector_config")) throw unsupportedRefusal("multivectors (`multivector_config`)");
  std::string_view datatype;
  if (const auto type = given(members, "datatype");
      type && (type->get_string().get(datatype) != simdjson::SUCCESS || datatype != "float32"))
    throw unsupportedRefusal("other values of vectors than 32-bit floats (`datatype`)");
  return DenseParams{std::string(name), static_cast<std::size_t>(dimension), *known};
}

std::vector<DenseParams> denseLayout(element value) {
  const object members = objectOf(value, noVectors);
  if (auto unnamed = denseOf("", value)) return {std::move(*unnamed)};
  std::vector<DenseParams> vectors;
  std::set<std::string_view> names;
  for (const auto member : members) {
    auto params = denseOf(member.key, member.value);
    if (!params) throw badFormat(noVectors);
    if (!names.insert(member.key).second) throw badFormat(fmt::format("duplicate field `{}`", member.key));
    vectors.push_back(std::move(*params));
  }
  return vectors;
}

void checkSparseIndex(object params) {
  const auto index = given(params, "index");
  if (!index) return;
  const auto type = given(objectOf(*index, "invalid type: expected struct SparseIndexParams"), "datatype");
  std::string_view word;
  if (!type || (type->get_string().get(word) == simdjson::SUCCESS && word == "float32")) return;
  if (word == "turbo4")
    throw refusal(422, "Validation error in JSON body: [sparse_vectors: sparse vectors do not support the turbo4 datatype]");
  throw unsupportedRefusal("other values of sparse vectors than 32-bit floats (`datatype`)");
}

std::vector<std::string> sparseLayout(element value) {
  std::vector<std::string> names;
  for (const auto member : objectOf(value, "invalid type: expected a map of sparse vectors")) {
    if (member.key.empty()) throw refusal(400, "Bad request: Sparse vector name cannot be empty");
    checkSparseIndex(objectOf(member.value, "invalid type: expected struct SparseVectorParams"));
    names.emplace_back(member.key);
  }
  return names;
}

/// Only the shapes that make their uses later safe; what has no effect is kept as it is.
void checkSettings(object members) {
  constexpr std::array objects{"hnsw_config", "wal_config", "optimizers_config", "quantization_config", "strict_mode_config", "metadata"};
  for (const char* name : objects) {
    if (const auto value = given(members, name))
      static_cast<void>(objectOf(*value, fmt::format("invalid type for `{}`: expected a map", name)));
  }
  if (given(members, "init_from")) throw unsupportedRefusal("`init_from`");
}

}  // namespace

CollectionConfig CollectionConfig::parse(std::string name, element body) {
  const object members = objectOf(body, "invalid type: expected struct CreateCollection");
  CollectionConfig config;
  config.name = std::move(name);
  if (const auto vectors = given(members, "vectors")) config.layout.dense = denseLayout(*vectors);
  if (const auto vectors = given(members, "sparse_vectors")) config.layout.sparse = sparseLayout(*vectors);
  std::set<std::string_view> names;
  for (const DenseParams& params : config.layout.dense) names.insert(params.name);
  for (const std::string& sparse : config.layout.sparse) {
    if (names.contains(sparse)) {
      throw refusal(400, fmt::format("Bad request: Dense and sparse vector names must be unique - duplicate found with '{}'", sparse));
    }
  }
  checkSettings(members);
  std::string text;  // read at once, because a body may have very many members
  for (const auto member : members) {
    if (member.value.is_null()) continue;
    text += text.empty() ? '{' : ',';
    codec::appendString(text, member.key);
    text += ':';
    text += simdjson::minify(member.value);
  }
  config.settings = codec::JsonObject::parse(text.empty() ? "{}" : text + "}");
  return config;
}

CollectionConfig CollectionConfig::parse(std::string name, std::string_view body) {
  simdjson::dom::parser parser;
  element root;
  if (const auto code = parser.parse(body.data(), body.size()).get(root); code != simdjson::SUCCESS)
    throw badFormat(simdjson::error_message(code));
  return parse(std::move(name), root);
}

CollectionConfig CollectionConfig::of(const CollectionInfo& info) {
  std::string body;
  codec::appendCreateCollection(body, info);
  return parse(info.name, body);
}

std::string CollectionConfig::text() const {
  codec::JsonObject schema;
  for (const auto& [path, kind] : payloadSchema) schema.set(path, kind);
  codec::JsonObject all;
  all.set("settings", settings.text());
  all.set("payload_schema", schema.text());
  return all.text();
}

CollectionConfig CollectionConfig::fromText(std::string name, std::string_view text) {
  const auto all = codec::JsonObject::parse(text);
  const std::string* settings = all.find("settings");
  const std::string* schema = all.find("payload_schema");
  if (settings == nullptr || schema == nullptr) throw ParseError("the collection's settings are incomplete", 0);
  CollectionConfig config = parse(std::move(name), *settings);
  const auto fields = codec::JsonObject::parse(*schema);
  for (const auto& [path, kind] : fields.members()) config.payloadSchema.emplace(path, kind);
  return config;
}

CollectionInfo CollectionConfig::info(std::string_view vectorName) const {
  CollectionInfo info;
  info.name = name;
  if (!layout.dense.empty()) {
    const DenseParams& params = layout.dense[layout.denseColumn(vectorName).value_or(0)];
    info.vectorName = params.name;
    info.dimension = params.dimension;
    info.distance = params.distance;
  }
  if (const std::string* metadata = settings.find("metadata"); metadata != nullptr) {
    const auto members = codec::JsonObject::parse(*metadata);
    const std::string* embedder = members.find("qbatch_embedder");
    if (embedder != nullptr) info.embedder = codec::stringValue(*embedder).value_or("");
  }
  return info;
}

}  // namespace qbatch::local
