#include "serve/collection_settings.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include "codec/json_writer.hpp"
#include "local/body_errors.hpp"
#include "local/json_tree.hpp"

namespace qbatch::serve {
namespace {

using local::JsonTree;

constexpr double unbounded = std::numeric_limits<double>::infinity();

struct Range {
  std::string_view group, name;
  double min, max = unbounded;
};

constexpr std::array<Range, 8> ranges{{{"hnsw_config", "ef_construct", 4},
                                       {"hnsw_config", "full_scan_threshold", 10},
                                       {"hnsw_config", "m", 0},
                                       {"wal_config", "wal_capacity_mb", 1},
                                       {"optimizers_config", "deleted_threshold", 0, 1},
                                       {"optimizers_config", "vacuum_min_vector_number", 100},
                                       {"optimizers_config", "max_segment_size", 1},
                                       {"optimizers_config", "flush_interval_sec", 0}}};

void checkRange(Element value, double min, double max, const std::string& place) {
  double number = 0;
  if (!value.is_number() || value.get_double().get(number) != simdjson::SUCCESS)
    throw local::badFormat(fmt::format("invalid type for `{}`: expected a number", place));
  if (number >= min && number <= max) return;
  const std::string shown = simdjson::minify(value);
  if (max == unbounded) throw invalid(place, fmt::format("value {} invalid, must be {} or larger", shown, min));
  throw invalid(place, fmt::format("value {} invalid, must be from {:.1f} to {:.1f}", shown, min, max));
}

/// An object, or the word that ends one.
void validateQuantization(Object members) {
  const auto given = member(members, "quantization_config");
  std::string_view word;
  if (!given || given->is_object() || (given->get_string().get(word) == simdjson::SUCCESS && word == "Disabled")) return;
  throw local::badFormat("data did not match any variant of untagged enum QuantizationConfigDiff");
}

void validateGroups(Object members, const std::string& prefix) {
  validateQuantization(members);
  for (const Range& range : ranges) {
    const auto group = member(members, range.group);
    if (!group) continue;
    if (const auto value = member(objectOf(*group), range.name))
      checkRange(*value, range.min, range.max, fmt::format("{}{}.{}", prefix, range.group, range.name));
  }
}

void validateVectors(Element vectors, const std::string& prefix) {
  const Object members = objectOf(vectors);
  if (const auto size = member(members, "size"); size && !size->is_object()) return validateGroups(members, prefix + ".");
  for (const auto named : members) {
    if (named.value.is_object()) validateGroups(Object(named.value), fmt::format("{}.{}.", prefix, named.key));
  }
}

JsonTree* find(JsonTree::Object& members, std::string_view name) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& entry) { return entry.first == name; });
  return found == members.end() ? nullptr : &found->second;
}

/// Whether they are the members of the one unnamed vector; a vector may be named `size`.
bool isUnnamed(JsonTree& vectors) {
  auto* members = vectors.asObject();
  JsonTree* size = members == nullptr ? nullptr : find(*members, "size");
  return size != nullptr && size->asObject() == nullptr;
}

void dropNulls(JsonTree& tree) {
  if (auto* members = tree.asObject()) {
    std::erase_if(*members, [](const auto& entry) { return entry.second.isNull(); });
    for (auto& [name, value] : *members) dropNulls(value);
  }
}

/// Members that are given replace those that are there, member by member down the objects; a quantization is replaced as a whole.
void mergeSettings(JsonTree& into, JsonTree changes) {
  auto* given = changes.asObject();
  if (given == nullptr || into.asObject() == nullptr) {
    into = std::move(changes);
    return;
  }
  auto& members = *into.asObject();
  std::map<std::string, std::size_t, std::less<>> places;  // because there may be very many
  for (std::size_t i = 0; i < members.size(); ++i) places.emplace(members[i].first, i);
  bool unquantized = false;
  for (auto& [name, value] : *given) {
    if (value.isNull()) continue;
    const auto present = places.find(name);
    const bool quantization = name == "quantization_config";
    const auto* word = std::get_if<std::string>(&value.value);
    if (quantization && word != nullptr && *word == "Disabled") {
      unquantized = true;
    } else if (present != places.end() && !quantization) {
      mergeSettings(members[present->second].second, std::move(value));
    } else {
      dropNulls(value);
      if (present == places.end()) {
        members.emplace_back(name, std::move(value));
      } else {
        members[present->second].second = std::move(value);
      }
    }
  }
  if (unquantized) std::erase_if(members, [](const auto& entry) { return entry.first == "quantization_config"; });
}

JsonTree setting(const local::CollectionConfig& config, std::string_view name) {
  const std::string* text = config.settings.find(name);
  return text == nullptr ? JsonTree() : JsonTree::parse(*text);
}

void keep(local::CollectionConfig& config, const std::string& name, const JsonTree& value) { config.settings.set(name, value.text()); }

void keepKnown(JsonTree& tree, std::span<const std::string_view> known) {
  if (auto* members = tree.asObject())
    std::erase_if(*members, [&](const auto& entry) { return std::find(known.begin(), known.end(), entry.first) == known.end(); });
}

constexpr std::array<std::string_view, 6> vectorMembers{"size", "distance", "hnsw_config", "quantization_config", "on_disk", "datatype"};
constexpr std::array<std::string_view, 13> collectionMembers{
    "vectors",         "shard_number",       "sharding_method", "replication_factor", "write_consistency_factor",
    "on_disk_payload", "hnsw_config",        "wal_config",      "optimizers_config",  "quantization_config",
    "sparse_vectors",  "strict_mode_config", "metadata"};

void changeVectors(local::CollectionConfig& config, Element changes) {
  JsonTree vectors = setting(config, "vectors");
  const bool unnamed = isUnnamed(vectors);
  for (const auto named : objectOf(changes)) {
    JsonTree* target = unnamed ? (named.key.empty() ? &vectors : nullptr)
                               : (vectors.asObject() == nullptr ? nullptr : find(*vectors.asObject(), named.key));
    if (target == nullptr) throw local::noVectorName(named.key);
    static_cast<void>(objectOf(named.value));
    JsonTree change = JsonTree::from(named.value);
    constexpr std::array<std::string_view, 3> changeable{"hnsw_config", "quantization_config", "on_disk"};
    keepKnown(change, changeable);
    mergeSettings(*target, std::move(change));
  }
  keep(config, "vectors", vectors);
}

void changeSparse(local::CollectionConfig& config, Element changes) {
  JsonTree vectors = setting(config, "sparse_vectors");
  for (const auto named : objectOf(changes)) {
    JsonTree* target = vectors.asObject() == nullptr ? nullptr : find(*vectors.asObject(), named.key);
    if (target == nullptr) throw local::noVectorName(named.key);
    static_cast<void>(objectOf(named.value));
    mergeSettings(*target, JsonTree::from(named.value));
  }
  keep(config, "sparse_vectors", vectors);
}

void changeMetadata(local::CollectionConfig& config, Element changes) {
  JsonTree metadata = setting(config, "metadata");
  if (metadata.asObject() == nullptr) metadata = JsonTree::object();
  static_cast<void>(objectOf(changes));
  const JsonTree given = JsonTree::from(changes);
  local::mergeAt(metadata, std::nullopt, *given.asObject());
  keep(config, "metadata", metadata);
}

/// Members that the server does not know here are passed over.
void changeParams(local::CollectionConfig& config, Object changes) {
  constexpr std::array<std::pair<const char*, std::size_t>, 4> numbers{
      {{"replication_factor", 1}, {"write_consistency_factor", 1}, {"read_fan_out_factor", 0}, {"read_fan_out_delay_ms", 0}}};
  for (const auto& [name, min] : numbers) {
    const auto value = member(changes, name);
    if (!value) continue;
    if (sizeOf(*value) < min) throw local::badFormat("invalid value: integer `0`, expected a nonzero u32");
    keep(config, name, JsonTree::from(*value));
  }
  if (const auto value = member(changes, "on_disk_payload")) {
    static_cast<void>(boolOf(*value));
    keep(config, "on_disk_payload", JsonTree::from(*value));
  }
}

/// `,"name":value` with what was set over the usual value; nothing where there is neither.
void append(std::string& out, const local::CollectionConfig& config, std::string_view name, std::string_view shownAs,
            std::string_view usual) {
  JsonTree value = usual.empty() ? JsonTree() : JsonTree::parse(usual);
  if (JsonTree given = setting(config, name); !given.isNull()) mergeSettings(value, std::move(given));
  if (value.isNull()) return;
  if (out.back() != '{') out += ',';
  codec::appendString(out, shownAs);
  out += ':';
  out += value.text();
}

}  // namespace

void validateSettings(Object body) {
  validateGroups(body, "");
  for (const char* name : {"shard_number", "replication_factor", "write_consistency_factor"}) {
    if (const auto value = member(body, name)) checkRange(*value, 1, unbounded, name);
  }
  if (const auto vectors = member(body, "vectors"); vectors && vectors->is_object()) validateVectors(*vectors, "vectors");
  const auto strict = member(body, "strict_mode_config");
  const auto enabled = strict ? member(objectOf(*strict), "enabled") : std::nullopt;
  if (enabled && boolOf(*enabled)) throw local::unsupportedRefusal("strict mode (`strict_mode_config.enabled`)");
}

void normalizeSettings(local::CollectionConfig& config) {
  codec::JsonObject known;
  for (const auto& [given, text] : config.settings.members()) {
    const std::string name = given == "quantization" ? "quantization_config" : given;  // the server takes both
    if (std::find(collectionMembers.begin(), collectionMembers.end(), name) == collectionMembers.end()) continue;
    JsonTree value = JsonTree::parse(text);
    if (name == "vectors") {
      if (isUnnamed(value)) {
        keepKnown(value, vectorMembers);
      } else if (auto* named = value.asObject()) {
        for (auto& [vector, params] : *named) keepKnown(params, vectorMembers);
      }
    }
    if (name != "metadata") dropNulls(value);
    known.set(name, value.text());
  }
  config.settings = std::move(known);
}

void changeSettings(local::CollectionConfig& config, Element body) {
  const Object members = objectOf(body);
  validateSettings(members);
  if (const auto vectors = member(members, "vectors")) changeVectors(config, *vectors);
  if (const auto vectors = member(members, "sparse_vectors")) changeSparse(config, *vectors);
  if (const auto metadata = member(members, "metadata")) changeMetadata(config, *metadata);
  for (const char* name : {"hnsw_config", "optimizers_config", "quantization_config", "strict_mode_config"}) {
    const auto given = member(members, name);
    if (!given) continue;
    JsonTree change{JsonTree::Object{{name, JsonTree::from(*given)}}};
    JsonTree all{JsonTree::Object{{name, setting(config, name)}}};
    if (setting(config, name).isNull()) all = JsonTree::object();
    mergeSettings(all, std::move(change));
    const JsonTree* merged = find(*all.asObject(), name);
    if (merged == nullptr) {
      config.settings.erase(name);
    } else {
      keep(config, name, *merged);
    }
  }
  if (const auto params = member(members, "params")) changeParams(config, objectOf(*params));
}

void checkKept(const local::CollectionConfig& config) {
  try {
    const auto again = local::CollectionConfig::fromText(config.name, config.text());
    if (again.layout == config.layout && again.payloadSchema == config.payloadSchema) return;
  } catch (const ParseError& error) {
    throw local::badFormat(error.what());
  }
  throw local::badFormat("these settings would not be the same when the store is opened again");
}

std::string shownSettings(const local::CollectionConfig& config) {
  std::string out = "{\"params\":{";
  append(out, config, "vectors", "vectors", "{}");
  append(out, config, "shard_number", "shard_number", "1");
  append(out, config, "sharding_method", "sharding_method", "");
  append(out, config, "replication_factor", "replication_factor", "1");
  append(out, config, "write_consistency_factor", "write_consistency_factor", "1");
  append(out, config, "read_fan_out_factor", "read_fan_out_factor", "");
  append(out, config, "on_disk_payload", "on_disk_payload", "true");
  append(out, config, "sparse_vectors", "sparse_vectors", "");
  out += '}';
  append(out, config, "hnsw_config", "hnsw_config",
         R"({"m":16,"ef_construct":100,"full_scan_threshold":10000,"max_indexing_threads":0,"on_disk":false})");
  append(out, config, "optimizers_config", "optimizer_config",
         R"({"deleted_threshold":0.2,"vacuum_min_vector_number":1000,"default_segment_number":0,"max_segment_size":null,)"
         R"("memmap_threshold":null,"indexing_threshold":10000,"flush_interval_sec":5,"max_optimization_threads":null})");
  append(out, config, "wal_config", "wal_config", R"({"wal_capacity_mb":32,"wal_segments_ahead":0,"wal_retain_closed":1})");
  const JsonTree quantization = setting(config, "quantization_config");
  out += ",\"quantization_config\":" + quantization.text();
  append(out, config, "strict_mode_config", "strict_mode_config", "");
  append(out, config, "metadata", "metadata", "");
  return out + '}';
}

}  // namespace qbatch::serve
