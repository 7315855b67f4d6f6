#include "local/catalog.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

#include "local/payload_reader.hpp"

namespace qbatch::local {

std::shared_ptr<Shelf> Names::find(std::string_view nameOrAlias) const {
  if (const auto found = collections.find(nameOrAlias); found != collections.end()) return found->second;
  const auto alias = aliases.find(nameOrAlias);
  if (alias == aliases.end()) return nullptr;
  const auto found = collections.find(alias->second);
  return found == collections.end() ? nullptr : found->second;
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
  std::unordered_map<std::int64_t, std::shared_ptr<Shelf>> byNumber;
  for (StoredCollection& stored : file.collections()) {
    lastCollection_ = std::max(lastCollection_, stored.number);
    std::string name = stored.info.name;
    const auto shelf = std::make_shared<Shelf>(stored.number, std::move(stored.info));
    byNumber.emplace(stored.number, shelf);
    names->collections.emplace(std::move(name), shelf);
  }
  for (auto& [alias, number] : file.aliases()) {
    const auto target = byNumber.find(number);
    if (target == byNumber.end()) file.refuseDamaged(fmt::format("alias `{}` stands for no collection", alias));
    names->aliases.emplace(alias, target->second->info.name);
  }
  PayloadReader reader;
  file.eachPoint([&](const StoredRow& row) {
    const auto damaged = [&](std::string_view what) { file.refuseDamaged(fmt::format("point {}: {}", row.id.toString(), what)); };
    const auto target = byNumber.find(row.collection);
    if (target == byNumber.end()) damaged("its collection is missing");
    Shelf& shelf = *target->second;
    if (row.vector.size() != shelf.info.dimension) {
      damaged(fmt::format("its vector has {} values instead of {}", row.vector.size(), shelf.info.dimension));
    }
    if (const auto problem = reader.problem(row.payload)) damaged(fmt::format("its payload is no JSON object ({})", *problem));
    if (shelf.points.find(row.id)) damaged("it is stored twice");
    shelf.points.put(row.id, row.number, row.vector, std::string(row.payload));
    lastPoint_ = std::max(lastPoint_, row.number);
  });
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
