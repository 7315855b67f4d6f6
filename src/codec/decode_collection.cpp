#include "codec/decode_collection.hpp"

#include <optional>
#include <string_view>

#include "codec/answer_reader.hpp"

namespace qbatch::codec {
namespace {

using Vector = CollectionDescription::Vector;
using Type = simdjson::ondemand::json_type;

constexpr std::string_view vectorsPath = "result.config.params.vectors";

/// One vector's parameters, as far as they have been read; they may also turn out to be something else.
struct Parameters {
  std::optional<std::size_t> size{};
  std::optional<std::string> distance{};
  bool multi = false;

  /// False where the member is of no concern, and still to be read.
  bool take(std::string_view name, JsonValue value) {
    const Type type = needed(value.type(), vectorsPath, "a JSON value");
    if (name == "size" && type == Type::number) {
      size = unsignedOf(value, "size");
    } else if (name == "distance" && type == Type::string) {
      distance = stringOf(value, "distance");
    } else if (name == "multivector_config") {
      multi = type != Type::null;
      return false;
    } else {
      return false;
    }
    return true;
  }

  [[nodiscard]] Vector vector(const std::string& name) const {
    if (!size) failDecoding(vectorsPath, "names a vector without a size");
    if (!distance) failDecoding(vectorsPath, "names a vector without a distance");
    const auto known = parseDistance(*distance);
    if (!known) failDecoding(vectorsPath, "has a vector whose distance is not one of Cosine, Dot, Euclid, Manhattan");
    return {name, *size, *known, multi};
  }
};

/// Either one vector's parameters or an object of them by name. Which of the two shows only at its end: a vector may be named "size".
std::vector<Vector> readVectors(JsonValue value) {
  Parameters unnamed;
  std::vector<std::pair<std::string, Parameters>> named;
  eachMember(objectOf(value, vectorsPath), vectorsPath, [&](std::string_view name, JsonValue member) {
    const Type type = needed(member.type(), vectorsPath, "a JSON value");
    if (type != Type::object) return unnamed.take(name, member);
    if (name == "multivector_config") unnamed.multi = true;
    named.emplace_back(name, Parameters{});
    Parameters& parameters = named.back().second;
    eachMember(objectOf(member, vectorsPath), vectorsPath,
               [&](std::string_view inner, JsonValue innerValue) { return parameters.take(inner, innerValue); });
    return true;
  });
  if (unnamed.size || unnamed.distance) return {unnamed.vector("")};
  std::vector<Vector> vectors;
  for (const auto& [name, parameters] : named) vectors.push_back(parameters.vector(name));
  return vectors;
}

/// As eachMember for a value that may also be null.
template <class Take>
void eachMemberIfAny(JsonValue value, std::string_view path, Take take) {
  if (!isNull(value, path)) eachMember(objectOf(value, path), path, take);
}

std::size_t sizeOr(JsonValue value, std::string_view path, std::size_t otherwise) {
  return isNull(value, path) ? otherwise : unsignedOf(value, path);
}

void readParameters(JsonValue value, CollectionDescription& description) {
  eachMember(objectOf(value, "result.config.params"), "result.config.params", [&](std::string_view name, JsonValue member) {
    if (name == "vectors") {
      if (!isNull(member, vectorsPath)) description.vectors = readVectors(member);
    } else if (name == "replication_factor") {
      description.replicationFactor = sizeOr(member, "result.config.params.replication_factor", 1);
    } else if (name == "sharding_method") {
      constexpr std::string_view path = "result.config.params.sharding_method";
      description.customSharding = !isNull(member, path) && stringOf(member, path) == "custom";
    } else {
      return false;
    }
    return true;
  });
}

void readMetadata(JsonValue value, CollectionDescription& description) {
  eachMemberIfAny(value, "result.config.metadata", [&](std::string_view name, JsonValue member) {
    // Anybody may write metadata: what is no string there is not ours.
    if (name != "qbatch_embedder" || needed(member.type(), "result.config.metadata", "an object") != Type::string) return false;
    description.embedder = stringOf(member, "result.config.metadata.qbatch_embedder");
    return true;
  });
}

void readStrictMode(JsonValue value, CollectionDescription& description) {
  constexpr std::string_view path = "result.config.strict_mode_config";
  bool enabled = false;
  CollectionLimits limits;
  eachMemberIfAny(value, path, [&](std::string_view name, JsonValue member) {
    if (name == "enabled") {
      enabled = !isNull(member, path) && boolOf(member, path);
    } else if (name == "upsert_max_batchsize") {
      limits.upsertPoints = sizeOr(member, path, 0);
    } else if (name == "search_max_batchsize") {
      limits.searchQueries = sizeOr(member, path, 0);
    } else if (name == "max_query_limit") {
      limits.searchLimit = sizeOr(member, path, 0);
    } else if (name == "search_allow_exact") {
      limits.exactSearch = isNull(member, path) || boolOf(member, path);
    } else {
      return false;
    }
    return true;
  });
  if (enabled) description.limits = limits;
}

/// True where there were the parameters, without which an answer describes no collection.
bool readConfiguration(JsonValue value, CollectionDescription& description) {
  bool hasParameters = false;
  eachMember(objectOf(value, "result.config"), "result.config", [&](std::string_view name, JsonValue member) {
    if (name == "params") {
      readParameters(member, description);
      hasParameters = true;
    } else if (name == "metadata") {
      readMetadata(member, description);
    } else if (name == "strict_mode_config") {
      readStrictMode(member, description);
    } else {
      return false;
    }
    return true;
  });
  return hasParameters;
}

/// Calls `take` with the members of each object in the list `result`.`name`.
template <class Take>
void eachListed(std::string& body, std::string_view name, std::string_view path, Take take) {
  bool found = false;
  Answer(body).result([&](JsonValue value) {
    eachMember(objectOf(value, "result"), "result", [&](std::string_view member, JsonValue list) {
      if (member != name) return false;
      eachItem(arrayOf(list, path), path, [&](JsonValue item) { take(objectOf(item, path)); });
      return found = true;
    });
  });
  if (!found) failDecoding(path, "is missing");
}

}  // namespace

CollectionDescription decodeCollection(std::string& body) {
  CollectionDescription description;
  bool hasParameters = false;
  Answer(body).result([&](JsonValue value) {
    eachMember(objectOf(value, "result"), "result", [&](std::string_view name, JsonValue member) {
      if (name == "config") {
        hasParameters = readConfiguration(member, description);
      } else if (name == "points_count") {
        description.points = sizeOr(member, "result.points_count", 0);
      } else {
        return false;
      }
      return true;
    });
  });
  if (!hasParameters) failDecoding("result.config.params", "is missing");
  return description;
}

std::vector<std::string> decodeCollectionNames(std::string& body) {
  constexpr std::string_view path = "result.collections";
  std::vector<std::string> names;
  eachListed(body, "collections", path, [&](JsonMembers members) {
    std::optional<std::string> found;
    eachMember(members, path, [&](std::string_view name, JsonValue value) {
      if (name != "name") return false;
      found = stringOf(value, "result.collections[].name");
      return true;
    });
    if (!found) failDecoding("result.collections[].name", "is missing");
    names.push_back(std::move(*found));
  });
  return names;
}

std::vector<std::pair<std::string, std::string>> decodeAliases(std::string& body) {
  constexpr std::string_view path = "result.aliases";
  std::vector<std::pair<std::string, std::string>> aliases;
  eachListed(body, "aliases", path, [&](JsonMembers members) {
    std::optional<std::string> alias, collection;
    eachMember(members, path, [&](std::string_view name, JsonValue value) {
      if (name != "alias_name" && name != "collection_name") return false;
      (name == "alias_name" ? alias : collection) = stringOf(value, path);
      return true;
    });
    if (!alias || !collection) failDecoding(path, "lacks alias_name or collection_name");
    aliases.emplace_back(std::move(*alias), std::move(*collection));
  });
  return aliases;
}

}  // namespace qbatch::codec
