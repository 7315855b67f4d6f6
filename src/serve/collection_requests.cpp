#include "serve/collection_requests.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "codec/json_writer.hpp"
#include "local/body_errors.hpp"
#include "local/refusal.hpp"
#include "serve/collection_settings.hpp"
#include "serve/payload_schema.hpp"

namespace qbatch::serve {
namespace {

constexpr std::size_t longestName = 255;
constexpr std::string_view noAction = "data did not match any variant of untagged enum AliasOperations";

std::string jsonString(std::string_view text) {
  std::string out;
  codec::appendString(out, text);
  return out;
}

RequestError badPath(std::string_view words) {
  return local::refusal(422, fmt::format("Validation error in path parameters: [collection_name: {}]", words));
}

RequestError exists(std::string_view name) {
  return local::refusal(409, fmt::format("Wrong input: Collection `{}` already exists!", name));
}

std::string textOf(Object action, std::string_view name) {
  const auto found = member(action, name);
  if (!found) throw local::badFormat(noAction);
  return std::string(stringOf(*found));
}

void checkAliasName(const std::string& alias, std::string_view place) {
  if (!alias.empty() && alias.size() <= longestName) return;
  throw invalid(place, fmt::format("value {} invalid, must be from 1 to {} characters", jsonString(alias.substr(0, 300)), longestName));
}

/// Aliases as they will be: all actions are read and checked before the first is carried out.
class AliasChanges {
 public:
  explicit AliasChanges(const local::Names& names) : names_(names), aliases_(names.aliases) {}

  void read(Element value) {
    const Object action = objectOf(value);
    if (const auto create = member(action, "create_alias")) {
      createAlias(objectOf(*create));
    } else if (const auto remove = member(action, "delete_alias")) {
      aliases_.erase(textOf(objectOf(*remove), "alias_name"));
    } else if (const auto rename = member(action, "rename_alias")) {
      renameAlias(objectOf(*rename));
    } else {
      throw local::badFormat(noAction);
    }
  }
  void carryOut(local::StagedWrites& staged) const {
    const auto before = names_.aliases;
    for (const auto& [alias, collection] : before) {
      if (!aliases_.contains(alias)) staged.dropAlias(alias);
    }
    for (const auto& [alias, collection] : aliases_) {
      const auto known = before.find(alias);
      if (known == before.end() || known->second != collection) staged.setAlias(alias, collection);
    }
  }

 private:
  void createAlias(Object action) {
    const std::string collection = textOf(action, "collection_name"), alias = textOf(action, "alias_name");
    if (!names_.collections.contains(collection)) throw local::noCollection(collection);
    checkAliasName(alias, "actions[0].create_alias.alias_name");
    if (names_.collections.contains(alias)) throw exists(alias);
    aliases_[alias] = collection;
  }
  void renameAlias(Object action) {
    const std::string before = textOf(action, "old_alias_name"), after = textOf(action, "new_alias_name");
    const auto found = aliases_.find(before);
    if (found == aliases_.end()) throw local::refusal(404, fmt::format("Not found: Alias {} does not exists!", before));
    checkAliasName(after, "actions[0].rename_alias.new_alias_name");
    if (names_.collections.contains(after)) throw exists(after);
    const std::string collection = found->second;
    aliases_.erase(found);
    aliases_[after] = collection;
  }

  const local::Names& names_;
  std::map<std::string, std::string, std::less<>> aliases_;
};

}  // namespace

void checkNameLength(const std::string& name) {
  if (name.empty() || name.size() > longestName)
    throw badPath(fmt::format("value {} invalid, must be from 1 to {} characters", jsonString(name.substr(0, 300)), longestName));
}

void checkCollectionName(const std::string& name) {
  checkNameLength(name);
  constexpr std::string_view notAllowed("<>:\"/\\|?*\0\x1F", 11);
  const auto bad = name.find_first_of(notAllowed);
  if (bad != std::string::npos) throw badPath(fmt::format("collection name cannot contain \"{}\" char", name[bad]));
}

local::CollectionConfig readNewCollection(const std::string& name, Element body) {
  checkCollectionName(name);
  auto config = local::CollectionConfig::parse(name, body);
  validateSettings(objectOf(body));
  normalizeSettings(config);
  checkKept(config);
  return config;
}

std::string createCollection(local::StagedWrites& staged, local::CollectionConfig config) {
  if (staged.names().collections.contains(config.name)) throw exists(config.name);
  if (staged.names().aliases.contains(config.name)) {
    throw local::wrongInput(fmt::format("Can't create collection with name {}. Alias with the same name already exists", config.name));
  }
  staged.createCollection(std::move(config));
  return "true";
}

std::string updateCollection(local::StagedWrites& staged, const std::string& name, Element body) {
  local::CollectionConfig config = *staged.names().at(name).config;
  changeSettings(config, body);
  checkKept(config);
  staged.changeConfig(std::move(config));
  return "true";
}

std::string dropCollection(local::StagedWrites& staged, const std::string& name) {
  if (!staged.names().collections.contains(name)) return "false";
  staged.dropCollection(name);
  return "true";
}

std::string changeAliases(local::StagedWrites& staged, Element body) {
  AliasChanges changes(staged.names());
  for (const Element action : arrayOf(needed(objectOf(body), "actions"))) changes.read(action);
  changes.carryOut(staged);
  return "true";
}

std::string listCollections(const local::Names& names) {
  std::string list;
  for (const auto& [name, entry] : names.collections) list += (list.empty() ? "{\"name\":" : ",{\"name\":") + jsonString(name) + "}";
  return "{\"collections\":[" + list + "]}";
}

std::string describeCollection(const local::Names& names, const std::string& name) {
  const local::CollectionEntry& entry = names.at(name);
  const auto lock = entry.shelf->lock.read();
  return fmt::format(
      R"({{"status":"green","optimizer_status":"ok","indexed_vectors_count":0,"points_count":{},"segments_count":1,"config":{},)"
      R"("payload_schema":{},"update_queue":{{"length":0}}}})",
      entry.shelf->points.size(), shownSettings(*entry.config), shownSchema(*entry.config, entry.shelf->points));
}

std::string collectionExists(const local::Names& names, const std::string& name) {
  return fmt::format(R"({{"exists":{}}})", names.find(name) != nullptr);
}

std::string listAliases(const local::Names& names, const std::string& collection) {
  if (!collection.empty()) static_cast<void>(names.at(collection));
  std::string list;
  for (const auto& [alias, target] : names.aliases) {
    if (!collection.empty() && target != collection) continue;
    if (!list.empty()) list += ',';
    list += R"({"alias_name":)" + jsonString(alias) + R"(,"collection_name":)" + jsonString(target) + "}";
  }
  return "{\"aliases\":[" + list + "]}";
}

}  // namespace qbatch::serve
