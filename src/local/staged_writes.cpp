#include "local/staged_writes.hpp"

#include <utility>

#include "local/candidates.hpp"
#include "local/row_bytes.hpp"

namespace qbatch::local {

StagedWrites::StagedWrites(Catalog& catalog, StoreFile* file) : catalog_(catalog), file_(file), names_(catalog.names()) {}

StagedWrites::~StagedWrites() {
  if (published_) return;
  for (auto& [number, staged] : shelves_) staged.shelf->operations = staged.operationsBefore;
}

std::optional<PointState> StagedWrites::stateOf(const Shelf& shelf, const PointId& id, const StagedPoint& point) const {
  if (point.erased) return std::nullopt;
  const auto vectors =
      point.vectors ? VectorsView(shelf.points.layout(), *point.vectors) : VectorsView(shelf.points, *shelf.points.find(id));
  return PointState{point.number, vectors, point.payload};
}

std::optional<PointState> StagedWrites::point(const Shelf& shelf, const PointId& id) const {
  if (const auto staged = shelves_.find(shelf.number); staged != shelves_.end()) {
    if (const auto found = staged->second.points.find(id); found != staged->second.points.end()) return stateOf(shelf, id, found->second);
  }
  const auto row = shelf.points.find(id);
  if (!row) return std::nullopt;
  return PointState{shelf.points.number(*row), VectorsView(shelf.points, *row), shelf.points.payload(*row)};
}

void StagedWrites::eachPoint(const Shelf& shelf, const std::function<bool(const PointId&, const PointState&)>& visit) const {
  static const std::map<PointId, StagedPoint> none;
  const auto found = shelves_.find(shelf.number);
  const auto& staged = found == shelves_.end() ? none : found->second.points;
  const auto& rows = shelf.points.rowById();
  auto row = rows.begin();
  auto change = staged.begin();
  while (row != rows.end() || change != staged.end()) {
    const bool changed = change != staged.end() && (row == rows.end() || !(row->first < change->first));
    const PointId& id = changed ? change->first : row->first;
    std::optional<PointState> state;
    if (changed) {
      state = stateOf(shelf, id, change->second);
    } else {
      state = PointState{shelf.points.number(row->second), VectorsView(shelf.points, row->second), shelf.points.payload(row->second)};
    }
    if (state && !visit(id, *state)) return;
    if (row != rows.end() && (!changed || row->first == change->first)) ++row;
    if (changed) ++change;
  }
}

void StagedWrites::eachCandidate(const Shelf& shelf, const FilterTree& filter,
                                 const std::function<void(const PointId&, const PointState&)>& visit) const {
  const auto take = [&](const PointId& id) {
    if (const auto state = point(shelf, id)) visit(id, *state);
  };
  if (const auto* ids = filter.onlyIds()) {
    for (const PointId& id : *ids) take(id);
    return;
  }
  const auto rows = candidateRows(shelf.points, filter);
  if (!rows) {
    eachPoint(shelf, [&](const PointId& id, const PointState& state) {
      visit(id, state);
      return true;
    });
    return;
  }
  // The index does not know what is staged.
  const auto staged = shelves_.find(shelf.number);
  for (const std::size_t row : *rows) {
    const PointId& id = shelf.points.id(row);
    if (staged == shelves_.end() || !staged->second.points.contains(id)) take(id);
  }
  if (staged == shelves_.end()) return;
  for (const auto& [id, point] : staged->second.points) take(id);
}

Names& StagedWrites::changedNames() {
  if (!changed_) {
    changed_ = std::make_shared<Names>(*names_);
    names_ = changed_;
  }
  return *changed_;
}

void StagedWrites::writeCollection(const CollectionEntry& entry) {
  if (file_ != nullptr) file_->putCollection({entry.shelf->number, entry.config->name, entry.config->text()});
}

void StagedWrites::createCollection(CollectionConfig config) {
  CollectionEntry entry;
  entry.config = std::make_shared<const CollectionConfig>(std::move(config));
  entry.shelf = std::make_shared<Shelf>(catalog_.nextCollectionNumber(), entry.config->layout);
  writeCollection(entry);
  changedNames().collections.insert_or_assign(entry.config->name, entry);
}

void StagedWrites::changeConfig(CollectionConfig config) {
  CollectionEntry& entry = changedNames().collections.at(config.name);
  entry.config = std::make_shared<const CollectionConfig>(std::move(config));
  writeCollection(entry);
  configChanged_.insert(entry.config->name);
}

void StagedWrites::dropCollection(const std::string& name) {
  const std::shared_ptr<Shelf> shelf = names_->collections.at(name).shelf;
  if (file_ != nullptr) {
    for (const auto& [id, row] : shelf->points.rowById()) file_->erasePoint(shelf->points.number(row));
    if (const auto staged = shelves_.find(shelf->number); staged != shelves_.end()) {
      for (const auto& [id, point] : staged->second.points) file_->erasePoint(point.number);
    }
    file_->dropCollection(shelf->number);
  }
  shelves_.erase(shelf->number);
  Names& names = changedNames();
  std::erase_if(names.aliases, [&](const auto& alias) { return alias.second == name; });
  names.collections.erase(name);
}

void StagedWrites::setAlias(const std::string& alias, const std::string& collection) {
  if (file_ != nullptr) file_->setAlias(alias, names_->collections.at(collection).shelf->number);
  changedNames().aliases.insert_or_assign(alias, collection);
}

void StagedWrites::dropAlias(const std::string& alias) {
  if (!names_->aliases.contains(alias)) return;
  if (file_ != nullptr) file_->dropAlias(alias);
  changedNames().aliases.erase(alias);
}

StagedWrites::StagedShelf& StagedWrites::stagedShelf(Shelf& shelf) {
  StagedShelf& staged = shelves_[shelf.number];
  if (!staged.shelf) {
    staged.shelf = shelf.shared_from_this();
    staged.operationsBefore = shelf.operations;
  }
  return staged;
}

std::uint64_t StagedWrites::beginOperation(Shelf& shelf) {
  static_cast<void>(stagedShelf(shelf));
  return ++shelf.operations;
}

StagedWrites::StagedPoint& StagedWrites::stage(Shelf& shelf, const PointId& id) {
  StagedShelf& staged = stagedShelf(shelf);
  const auto [place, isNew] = staged.points.try_emplace(id);
  if (isNew) {
    const auto row = shelf.points.find(id);
    place->second.number = row ? shelf.points.number(*row) : catalog_.nextPointNumber();
  }
  place->second.version = shelf.operations;
  return place->second;
}

void StagedWrites::writePoint(const Shelf& shelf, const PointId& id) {
  const PointState state = *point(shelf, id);
  record_.clear();
  appendRecord(record_, shelf.operations, state.vectors);
  bytes_ += record_.size() + state.payload.size();
  if (file_ != nullptr) file_->putPoint({state.number, shelf.number, id, record_, state.payload});
}

void StagedWrites::put(Shelf& shelf, const PointId& id, PointVectors vectors, std::string payload) {
  StagedPoint& staged = stage(shelf, id);
  staged.erased = false;
  staged.vectors = std::move(vectors);
  staged.payload = std::move(payload);
  writePoint(shelf, id);
}

void StagedWrites::setPayload(Shelf& shelf, const PointId& id, std::string payload) {
  stage(shelf, id).payload = std::move(payload);
  writePoint(shelf, id);
}

void StagedWrites::erase(Shelf& shelf, const PointId& id) {
  if (!point(shelf, id)) return;
  StagedPoint& staged = stage(shelf, id);
  staged.erased = true;
  staged.vectors.reset();
  staged.payload.clear();
  if (file_ != nullptr) file_->erasePoint(staged.number);
}

void StagedWrites::publish() {
  published_ = true;
  for (auto& [number, staged] : shelves_) {
    const auto lock = staged.shelf->lock.write();
    Collection& points = staged.shelf->points;
    for (auto& [id, point] : staged.points) {
      if (point.erased) {
        points.erase(id);
      } else if (point.vectors) {
        points.put(id, point.number, point.version, std::move(*point.vectors), std::move(point.payload));
      } else {
        points.setPayload(id, point.version, std::move(point.payload));
      }
    }
  }
  if (!changed_) return;
  for (const auto& [name, entry] : names_->collections) {
    if (!configChanged_.contains(name)) continue;
    const auto lock = entry.shelf->lock.write();
    entry.shelf->points.setIndexes(entry.config->payloadSchema);
  }
  catalog_.publish(names_);
}

}  // namespace qbatch::local
