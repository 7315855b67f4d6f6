#include "support/fake_qdrant_updates.hpp"

#include <algorithm>
#include <functional>

#include "local/distance.hpp"

namespace qbatch::test::fake {
namespace {

using Kind = Update::Kind;

Failure inShard(Failure failure) {
  failure.inShard = true;
  return failure;
}

Failure noPoint(const PointId& id) { return {404, "Not found: No point with id " + id.toString() + " found", true}; }

/// Found before anything of the operation is written.
void checkSizes(const Collection& collection, const Update& update) {
  for (const auto& point : update.points) {
    for (const auto& [name, vector] : point.vectors) {
      const auto found = collection.vectors.find(name);
      if (found != collection.vectors.end() && found->second.size != vector.size()) {
        throw wrongInput("Vector dimension error: expected dim: " + std::to_string(found->second.size) + ", got " +
                         std::to_string(vector.size()));
      }
    }
  }
}

/// The vectors as they are kept.
std::map<std::string, std::vector<float>> preparedVectors(const Collection& collection, const Update::Input& input) {
  std::map<std::string, std::vector<float>> vectors;
  for (const auto& [name, vector] : input.vectors) {
    const auto found = collection.vectors.find(name);
    if (found == collection.vectors.end()) throw inShard(wrongInput("Not existing vector name error: " + name));
    vectors[name] = local::prepared(found->second.distance, vector);
  }
  return vectors;
}

void setPayload(Point& point, JsonTree payload) {
  point.payload = std::move(payload);
  point.payloadText = point.payload.text();
}

/// Of one id that stands several times the last counts.
std::vector<const Update::Input*> lastOfEach(const std::vector<Update::Input>& inputs) {
  std::map<PointId, const Update::Input*> last;
  for (const auto& input : inputs) last[input.id] = &input;
  std::vector<const Update::Input*> result;
  for (const auto& input : inputs) {
    if (last[input.id] == &input) result.push_back(&input);
  }
  return result;
}

void upsert(Collection& collection, const Update& update, const Version& version) {
  // Older servers do not know these members and pass them over.
  const std::string mode = version.atLeast(1, 17) ? update.mode : "upsert";
  const auto* filter = version.atLeast(1, 16) && update.updateFilter ? &*update.updateFilter : nullptr;
  for (const Update::Input* input : lastOfEach(update.points)) {
    const auto found = collection.points.find(input->id);
    const bool exists = found != collection.points.end();
    if (exists ? mode == "insert_only" : mode == "update_only") continue;
    if (exists && filter != nullptr && !passes(*filter, input->id, found->second)) continue;
    Point point;
    point.vectors = preparedVectors(collection, *input);
    point.version = collection.operations;
    setPayload(point, input->payload);
    collection.points.insert_or_assign(input->id, std::move(point));
  }
}

void updateVectors(Collection& collection, const Update& update) {
  for (const auto& input : update.points) {
    const auto found = collection.points.find(input.id);
    if (found == collection.points.end()) throw noPoint(input.id);
    for (auto& [name, vector] : preparedVectors(collection, input)) found->second.vectors[name] = vector;
    found->second.version = collection.operations;
  }
}

/// Changes the chosen points. The server goes through a list of ids by 32: those of a group that exist are changed, then the first that
/// does not exist ends the operation.
void changeChosen(Collection& collection, const Update& update, const std::function<void(Point&)>& change) {
  const auto changed = [&](Point& point) {
    change(point);
    point.version = collection.operations;
  };
  if (!update.ids) {
    std::vector<Point*> chosen;
    for (auto& [id, point] : collection.points) {
      if (passes(*update.filter, id, point)) chosen.push_back(&point);
    }
    for (Point* point : chosen) changed(*point);
    return;
  }
  constexpr std::size_t group = 32;
  const auto& ids = *update.ids;
  for (std::size_t begin = 0; begin < ids.size(); begin += group) {
    const PointId* missing = nullptr;
    for (std::size_t i = begin; i < std::min(begin + group, ids.size()); ++i) {
      const auto found = collection.points.find(ids[i]);
      if (found != collection.points.end()) {
        changed(found->second);
      } else if (missing == nullptr) {
        missing = &ids[i];
      }
    }
    if (missing != nullptr) throw noPoint(*missing);
  }
}

void deletePoints(Collection& collection, const Update& update) {
  if (update.ids) {
    for (const PointId& id : *update.ids) collection.points.erase(id);
  } else {
    std::erase_if(collection.points, [&](const auto& entry) { return passes(*update.filter, entry.first, entry.second); });
  }
}

void changePayload(Point& point, const Update& update) {
  JsonTree payload = std::move(point.payload);
  switch (update.kind) {
    case Kind::setPayload:
      local::mergeAt(payload, update.key, update.payload);
      break;
    case Kind::overwritePayload:
      payload = JsonTree{update.payload};
      break;
    case Kind::deletePayload:
      for (const PayloadPath& key : update.keys) local::removeAt(payload, key);
      break;
    default:
      payload = JsonTree::object();
  }
  setPayload(point, std::move(payload));
}

}  // namespace

std::uint64_t applyUpdate(Collection& collection, const Update& update, const Version& version) {
  const bool byPoints = update.kind == Kind::upsert || update.kind == Kind::updateVectors;
  if (byPoints ? update.points.empty() : update.ids && update.ids->empty()) throw Failure{400, "Bad request: Empty update request", false};
  checkSizes(collection, update);
  ++collection.operations;
  switch (update.kind) {
    case Kind::upsert:
      upsert(collection, update, version);
      break;
    case Kind::updateVectors:
      updateVectors(collection, update);
      break;
    case Kind::deletePoints:
      deletePoints(collection, update);
      break;
    case Kind::deleteVectors:
      for (const auto& name : update.vectorNames) {
        if (!collection.vectors.contains(name)) throw inShard(wrongInput("Not existing vector name error: " + name));
      }
      changeChosen(collection, update, [&](Point& point) {
        for (const auto& name : update.vectorNames) point.vectors.erase(name);
      });
      break;
    default:
      changeChosen(collection, update, [&](Point& point) { changePayload(point, update); });
  }
  return collection.operations;
}

}  // namespace qbatch::test::fake
