#include "local/catalog.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

#include "local/payload_reader.hpp"
#include "local/refusal.hpp"
#include "local/row_bytes.hpp"

namespace qbatch::local {
namespace {

using ByNumber = std::unordered_map<std::int64_t, CollectionEntry>;

void loadPoints(StoreFile& file, const ByNumber& byNumber, std::int64_t& lastPoint) {
  PayloadReader reader;
  file.eachPoint([&](const StoredRow& row) {
    const auto damaged = [&](std::string_view what) { file.refuseDamaged(fmt::format("point {}: {}", row.id.toString(), what)); };
    const auto target = byNumber.find(row.collection);
    if (target == byNumber.end()) damaged("its collection is missing");
    Shelf& shelf = *target->second.shelf;
    auto record = recordFromBytes(row.record, shelf.points.layout());
    if (!record) damaged("its vectors are not those of its collection");
    if (const auto problem = reader.problem(row.payload)) damaged(fmt::format("its payload is no JSON object ({})", *problem));
    if (shelf.points.find(row.id)) damaged("it is stored twice");
    shelf.points.put(row.id, row.number, record->version, std::move(record->vectors), std::string(row.payload));
    shelf.operations = std::max(shelf.operations, record->version);
    lastPoint = std::max(lastPoint, row.number);
  });
}

}  // namespace

const CollectionEntry* Names::find(std::string_view nameOrAlias) const {
  auto found = collections.find(nameOrAlias);
  if (found == collections.end()) {
    const auto alias = aliases.find(nameOrAlias);
    if (alias == aliases.end()) return nullptr;
    found = collections.find(alias->second);
  }
  return found == collections.end() ? nullptr : &found->second;
}

const CollectionEntry& Names::at(std::string_view nameOrAlias) const {
  const CollectionEntry* found = find(nameOrAlias);
  if (found == nullptr) throw noCollection(nameOrAlias);
  return *found;
}

std::vector<std::string> Names::aliasesOf(std::string_view collection) const {
  std::vector<std::string> result;
  for (const auto& [alias, target] : aliases) {
    if (target == collection) result.push_back(alias);
  }
  return result;
}

void Catalog::load(StoreFile& file) {
  auto names = std::make_shared<Names>();
  ByNumber byNumber;
  for (StoredCollection& stored : file.collections()) {
    lastCollection_ = std::max(lastCollection_, stored.number);
    CollectionEntry entry;
    try {
      entry.config = std::make_shared<const CollectionConfig>(CollectionConfig::fromText(stored.name, stored.config));
    } catch (const std::exception& error) {
      file.refuseDamaged(fmt::format("collection `{}` has no valid settings: {}", stored.name, error.what()));
    }
    entry.shelf = std::make_shared<Shelf>(stored.number, entry.config->layout);
    byNumber.emplace(stored.number, entry);
    names->collections.emplace(std::move(stored.name), std::move(entry));
  }
  for (auto& [alias, number] : file.aliases()) {
    const auto target = byNumber.find(number);
    if (target == byNumber.end()) file.refuseDamaged(fmt::format("alias `{}` stands for no collection", alias));
    names->aliases.emplace(alias, target->second.config->name);
  }
  loadPoints(file, byNumber, lastPoint_);
  for (const auto& [number, entry] : byNumber) entry.shelf->points.setIndexes(entry.config->payloadSchema);
  publish(std::move(names));
}

std::shared_ptr<const Names> Catalog::names() const {
  const std::lock_guard lock(mutex_);
  return names_;
}

void Catalog::publish(std::shared_ptr<const Names> names) {
  const std::lock_guard lock(mutex_);
  names_.swap(names);
}

}  // namespace qbatch::local
