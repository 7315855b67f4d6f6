#include "support/fake_qdrant_collections.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/json_writer.hpp"

namespace qbatch::test::fake {
namespace {

std::string asJson(std::string_view text) {
  std::string out;
  codec::appendString(out, text);
  return out;
}

/// nullopt where the element describes no vector.
std::optional<VectorParams> paramsOf(Element value) {
  if (!value.is_object()) return std::nullopt;
  const auto size = member(Object(value), "size"), distance = member(Object(value), "distance");
  std::uint64_t number = 0;
  std::string_view word;
  if (!size || !distance || size->get_uint64().get(number) != simdjson::SUCCESS || number == 0) return std::nullopt;
  if (distance->get_string().get(word) != simdjson::SUCCESS) return std::nullopt;
  const auto known = parseDistance(word);
  if (!known || toString(*known) != word) return std::nullopt;
  return VectorParams{static_cast<std::size_t>(number), *known};
}

std::map<std::string, VectorParams> vectorsOf(Element value) {
  const auto wrong = [] { return formatError("data did not match any variant of untagged enum VectorsConfig"); };
  if (!value.is_object()) throw wrong();
  if (const auto unnamed = paramsOf(value)) return {{"", *unnamed}};
  std::map<std::string, VectorParams> vectors;
  for (const auto entry : Object(value)) {
    const auto params = paramsOf(entry.value);
    if (!params) throw wrong();
    vectors.emplace(std::string(entry.key), *params);
  }
  return vectors;
}

void checkName(const std::string& name) {
  const auto bad = name.find_first_of("<>:\"/\\|?*\x1F");
  if (bad == std::string::npos) return;
  throw Failure{
      422,
      "Validation error in path parameters: [collection_name: collection name cannot contain \"" + std::string(1, name[bad]) + "\" char]",
      false};
}

const JsonTree* given(const Collection& collection, std::string_view name) {
  for (const auto& [key, value] : collection.config) {
    if (key == name) return &value;
  }
  return nullptr;
}

/// `"name":value` as it was given, or with the usual value; nothing where there is neither.
std::string setting(const Collection& collection, std::string_view name, const std::string& usual) {
  const JsonTree* value = given(collection, name);
  const std::string text = value != nullptr && !value->isNull() ? value->text() : usual;
  return text.empty() ? text : "," + asJson(name) + ":" + text;
}

void createAlias(const Store& store, std::map<std::string, std::string>& aliases, Object action) {
  const auto collection = member(action, "collection_name"), alias = member(action, "alias_name");
  if (!collection || !alias) throw formatError("data did not match any variant of untagged enum AliasOperations");
  if (!store.collections.contains(stringOf(*collection))) throw noCollection(stringOf(*collection));
  if (store.collections.contains(stringOf(*alias))) {
    throw Failure{409, "Wrong input: Collection `" + stringOf(*alias) + "` already exists!", false};
  }
  aliases[stringOf(*alias)] = stringOf(*collection);
}

void renameAlias(std::map<std::string, std::string>& aliases, Object action) {
  const auto before = member(action, "old_alias_name"), after = member(action, "new_alias_name");
  if (!before || !after) throw formatError("data did not match any variant of untagged enum AliasOperations");
  const auto found = aliases.find(stringOf(*before));
  if (found == aliases.end()) throw Failure{404, "Not found: Alias " + stringOf(*before) + " does not exists!", false};
  const std::string target = found->second;
  aliases.erase(found);
  aliases[stringOf(*after)] = target;
}

}  // namespace

std::string createCollection(Store& store, const std::string& name, Element value, const Version& version) {
  checkName(name);
  const Object body = objectOf(value);
  Collection collection;
  if (const auto vectors = member(body, "vectors")) collection.vectors = vectorsOf(*vectors);
  for (const auto entry : body) {
    if (entry.key == "metadata" && !version.atLeast(1, 16)) continue;  // older servers do not know it
    collection.config.emplace_back(std::string(entry.key), JsonTree::from(entry.value));
  }
  if (store.collections.contains(name)) throw Failure{409, "Wrong input: Collection `" + name + "` already exists!", false};
  if (store.aliases.contains(name)) {
    throw wrongInput("Can't create collection with name " + name + ". Alias with the same name already exists");
  }
  store.collections.emplace(name, std::move(collection));
  return "true";
}

std::string describeCollection(Store& store, const std::string& name) {
  const Collection& collection = store.find(name);
  std::string params = "{\"shard_number\":1" + setting(collection, "vectors", "{}") + setting(collection, "sharding_method", "") +
                       setting(collection, "replication_factor", "1") + setting(collection, "write_consistency_factor", "1") +
                       setting(collection, "on_disk_payload", "true") + "}";
  return "{\"status\":\"green\",\"optimizer_status\":\"ok\",\"indexed_vectors_count\":0,\"points_count\":" +
         std::to_string(collection.points.size()) + ",\"segments_count\":1,\"config\":{\"params\":" + params +
         ",\"hnsw_config\":{\"m\":16,\"ef_construct\":100,\"full_scan_threshold\":10000,\"max_indexing_threads\":0,\"on_disk\":false}" +
         ",\"optimizer_config\":{\"deleted_threshold\":0.2,\"vacuum_min_vector_number\":1000,\"default_segment_number\":0," +
         "\"indexing_threshold\":10000,\"flush_interval_sec\":5},\"wal_config\":{\"wal_capacity_mb\":32,\"wal_segments_ahead\":0}," +
         "\"quantization_config\":null" + setting(collection, "strict_mode_config", "") + setting(collection, "metadata", "") +
         "},\"payload_schema\":{},\"update_queue\":{\"length\":0}}";
}

std::string dropCollection(Store& store, const std::string& name) {
  std::erase_if(store.aliases, [&](const auto& alias) { return alias.second == name; });
  return store.collections.erase(name) > 0 ? "true" : "false";
}

std::string listCollections(const Store& store) {
  std::string list;
  for (const auto& [name, collection] : store.collections) list += (list.empty() ? "{\"name\":" : ",{\"name\":") + asJson(name) + "}";
  return "{\"collections\":[" + list + "]}";
}

std::string collectionExists(const Store& store, const std::string& name) {
  const bool exists = store.collections.contains(name) || store.aliases.contains(name);
  return std::string("{\"exists\":") + (exists ? "true" : "false") + "}";
}

std::string listAliases(Store& store, const std::string& collection) {
  if (!collection.empty()) static_cast<void>(store.find(collection));
  std::string list;
  for (const auto& [alias, target] : store.aliases) {
    if (!collection.empty() && target != collection) continue;
    if (!list.empty()) list += ',';
    list += "{\"alias_name\":" + asJson(alias) + ",\"collection_name\":" + asJson(target) + "}";
  }
  return "{\"aliases\":[" + list + "]}";
}

std::string changeAliases(Store& store, Element value) {
  const auto actions = member(objectOf(value), "actions");
  if (!actions) throw formatError("missing field `actions`");
  auto aliases = store.aliases;
  for (const Element action : arrayOf(*actions)) {
    const Object object = objectOf(action);
    if (const auto create = member(object, "create_alias")) {
      createAlias(store, aliases, objectOf(*create));
    } else if (const auto remove = member(object, "delete_alias")) {
      const auto alias = member(objectOf(*remove), "alias_name");
      if (!alias) throw formatError("missing field `alias_name`");
      aliases.erase(stringOf(*alias));
    } else if (const auto rename = member(object, "rename_alias")) {
      renameAlias(aliases, objectOf(*rename));
    } else {
      throw formatError("data did not match any variant of untagged enum AliasOperations");
    }
  }
  store.aliases = std::move(aliases);
  return "true";
}

std::uint64_t createIndex(Collection& collection, Element value) {
  constexpr std::array<std::string_view, 8> kinds{"keyword", "integer", "float", "geo", "text", "bool", "datetime", "uuid"};
  const Object body = objectOf(value);
  const auto field = member(body, "field_name"), schema = member(body, "field_schema");
  if (!field) throw formatError("missing field `field_name`");
  static_cast<void>(pathOf(*field));
  if (schema && !schema->is_object() && std::find(kinds.begin(), kinds.end(), stringOf(*schema)) == kinds.end()) {
    throw formatError("data did not match any variant of untagged enum PayloadFieldSchema");
  }
  return ++collection.operations;
}

}  // namespace qbatch::test::fake
