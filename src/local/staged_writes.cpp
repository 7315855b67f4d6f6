#include "local/staged_writes.hpp"

#include <utility>

namespace qbatch::local {

StagedWrites::StagedWrites(Catalog& catalog, StoreFile* file) : catalog_(catalog), file_(file), names_(catalog.names()) {}

std::optional<PointState> StagedWrites::point(const Shelf& shelf, const PointId& id) const {
  const auto row = shelf.points.find(id);
  if (const auto staged = shelves_.find(shelf.number); staged != shelves_.end()) {
    if (const auto found = staged->second.points.find(id); found != staged->second.points.end()) {
      const StagedPoint& point = found->second;
      if (point.erased) return std::nullopt;
      const std::span<const float> vector = point.vector ? std::span<const float>(*point.vector) : shelf.points.vector(*row);
      return PointState{point.number, vector, point.payload};
    }
  }
  if (!row) return std::nullopt;
  return PointState{shelf.points.number(*row), shelf.points.vector(*row), shelf.points.payload(*row)};
}

Names& StagedWrites::changedNames() {
  if (!changed_) {
    changed_ = std::make_shared<Names>(*names_);
    names_ = changed_;
  }
  return *changed_;
}

void StagedWrites::createCollection(CollectionInfo info) {
  const std::int64_t number = catalog_.nextCollectionNumber();
  if (file_ != nullptr) file_->addCollection({number, info});
  std::string name = info.name;
  changedNames().collections.insert_or_assign(std::move(name), std::make_shared<Shelf>(number, std::move(info)));
}

void StagedWrites::dropCollection(const std::string& name) {
  const std::shared_ptr<Shelf> shelf = names_->collections.at(name);
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
  if (file_ != nullptr) file_->setAlias(alias, names_->collections.at(collection)->number);
  changedNames().aliases.insert_or_assign(alias, collection);
}

StagedWrites::StagedPoint& StagedWrites::stage(Shelf& shelf, const PointId& id) {
  StagedShelf& staged = shelves_[shelf.number];
  if (!staged.shelf) staged.shelf = names_->collections.at(shelf.info.name);
  const auto [place, isNew] = staged.points.try_emplace(id);
  if (isNew) {
    const auto row = shelf.points.find(id);
    place->second.number = row ? shelf.points.number(*row) : catalog_.nextPointNumber();
  }
  return place->second;
}

void StagedWrites::writePoint(const Shelf& shelf, const PointId& id) {
  const PointState state = *point(shelf, id);
  bytes_ += state.vector.size_bytes() + state.payload.size();
  if (file_ != nullptr) file_->putPoint({state.number, shelf.number, id, state.vector, state.payload});
}

void StagedWrites::put(Shelf& shelf, const PointId& id, std::vector<float> vector, std::string payload) {
  StagedPoint& staged = stage(shelf, id);
  staged.erased = false;
  staged.vector = std::move(vector);
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
  staged.vector.reset();
  staged.payload.clear();
  if (file_ != nullptr) file_->erasePoint(staged.number);
}

void StagedWrites::publish() {
  for (auto& [number, staged] : shelves_) {
    const auto lock = staged.shelf->lock.write();
    Collection& points = staged.shelf->points;
    for (auto& [id, point] : staged.points) {
      if (point.erased) {
        points.erase(id);
      } else if (point.vector) {
        points.put(id, point.number, *point.vector, std::move(point.payload));
      } else {
        points.setPayload(id, std::move(point.payload));
      }
    }
  }
  if (changed_) catalog_.publish(names_);
}

}  // namespace qbatch::local
