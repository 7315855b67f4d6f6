#include "serve/apply_update.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

#include "local/body_errors.hpp"
#include "local/held_vectors.hpp"
#include "local/payload_reader.hpp"

namespace qbatch::serve {
namespace {

using local::PointState;
using local::PointVectors;
using Kind = PointUpdate::Kind;

RequestError noPoint(const PointId& id) { return local::refusal(404, fmt::format("Not found: No point with id {} found", id.toString())); }

/// One operation at work.
class Application {
 public:
  Application(local::StagedWrites& staged, local::Shelf& shelf, const PointUpdate& update)
      : staged_(staged), shelf_(shelf), layout_(shelf.points.layout()), update_(update) {}

  void upsert() {
    std::unordered_map<PointId, const PointUpdate::Input*> last;
    for (const auto& input : update_.points) last[input.id] = &input;
    for (const auto& input : update_.points) {
      if (last[input.id] == &input) upsertOne(input);  // of equal ids the last counts
    }
  }

  void updateVectors() {
    std::vector<PointId> ids;
    std::unordered_map<PointId, std::vector<const PointUpdate::Input*>> inputsOf;
    for (const auto& input : update_.points) {
      auto& inputs = inputsOf[input.id];
      if (inputs.empty()) ids.push_back(input.id);
      inputs.push_back(&input);
    }
    changeById(ids, [&](const PointId& id, const PointState& state) {
      if (update_.updateFilter && !passes(*update_.updateFilter, id, state)) return;
      PointVectors vectors = state.vectors.copy();
      for (const auto* input : inputsOf.at(id)) place(layout_, input->vectors, vectors);
      staged_.put(shelf_, id, std::move(vectors), std::string(state.payload));
    });
  }

  void deleteVectors() {
    for (const std::string& name : update_.vectorNames) {
      if (!layout_.denseColumn(name) && !layout_.sparseColumn(name)) throw local::noVectorName(name);
    }
    changeChosen([this](const PointId& id, const PointState& state) {
      PointVectors vectors = state.vectors.copy();
      for (const std::string& name : update_.vectorNames) {
        if (const auto column = layout_.denseColumn(name)) vectors.dense[*column].clear();
        if (const auto column = layout_.sparseColumn(name)) vectors.sparse[*column].reset();
      }
      staged_.put(shelf_, id, std::move(vectors), std::string(state.payload));
    });
  }

  void deletePoints() {
    if (update_.ids) {
      for (const PointId& id : *update_.ids) staged_.erase(shelf_, id);
    } else {
      for (const PointId& id : passing()) staged_.erase(shelf_, id);
    }
  }

  void changePayloads() {
    changeChosen([this](const PointId& id, const PointState& state) { staged_.setPayload(shelf_, id, changedPayload(state.payload)); });
  }

 private:
  bool passes(const local::FilterTree& filter, const PointId& id, const PointState& state) {
    const local::HeldVectorsOf held(state.vectors);
    return filter.passes({id, state.payload, &held}, reader_);
  }

  void upsertOne(const PointUpdate::Input& input) {
    const auto state = staged_.point(shelf_, input.id);
    if (update_.mode == (state ? PointUpdate::Mode::insertOnly : PointUpdate::Mode::updateOnly)) return;
    if (state && update_.updateFilter && !passes(*update_.updateFilter, input.id, *state)) return;
    PointVectors vectors;
    place(layout_, input.vectors, vectors);
    staged_.put(shelf_, input.id, std::move(vectors), input.payload);
  }

  std::vector<PointId> passing() {
    std::vector<PointId> ids;
    staged_.eachCandidate(shelf_, *update_.filter, [&](const PointId& id, const PointState& state) {
      if (passes(*update_.filter, id, state)) ids.push_back(id);
    });
    return ids;
  }

  using Change = std::function<void(const PointId&, const PointState&)>;
  void changeChosen(const Change& change) {
    if (update_.ids) return changeById(*update_.ids, change);
    for (const PointId& id : passing()) change(id, *staged_.point(shelf_, id));
  }

  /// The server goes through a list of ids by 32: those of a group that exist are changed, then the first that does not exist ends the
  /// operation.
  void changeById(const std::vector<PointId>& ids, const Change& change) {
    constexpr std::size_t group = 32;
    for (std::size_t begin = 0; begin < ids.size(); begin += group) {
      const PointId* missing = nullptr;
      for (std::size_t i = begin; i < std::min(begin + group, ids.size()); ++i) {
        if (const auto state = staged_.point(shelf_, ids[i])) {
          change(ids[i], *state);
        } else if (missing == nullptr) {
          missing = &ids[i];
        }
      }
      if (missing != nullptr) throw noPoint(*missing);
    }
  }

  /// Paths of names alone together, because there may be very many.
  void removeKeys(local::JsonTree& payload) {
    std::vector<local::PayloadPath> names;
    for (const local::PayloadPath& key : update_.keys) {
      const auto& steps = key.steps();
      if (std::all_of(steps.begin(), steps.end(), [](const auto& step) { return step.kind == local::PayloadPath::Step::Kind::key; })) {
        names.push_back(key);
      } else {
        local::removeAt(payload, key);
      }
    }
    if (!names.empty()) payload = local::withoutPaths(payload, names);
  }

  std::string changedPayload(std::string_view stored) {
    if (update_.kind == Kind::clearPayload) return "{}";
    if (update_.kind == Kind::overwritePayload) return update_.payload.text();
    local::JsonTree payload = local::JsonTree::parse(stored);
    if (update_.kind == Kind::setPayload) {
      local::mergeAt(payload, update_.key, *update_.payload.asObject());
    } else {
      removeKeys(payload);
    }
    return payload.text();
  }

  local::StagedWrites& staged_;
  local::Shelf& shelf_;
  const local::VectorLayout& layout_;
  const PointUpdate& update_;
  local::PayloadReader reader_;
};

}  // namespace

void checkUpdate(const local::VectorLayout& layout, const PointUpdate& update) {
  const bool byPoints = update.kind == Kind::upsert || update.kind == Kind::updateVectors;
  if (byPoints ? update.points.empty() : update.ids && update.ids->empty()) throw local::refusal(400, "Bad request: Empty update request");
  for (const auto& input : update.points) checkSizes(layout, input.vectors);
}

std::uint64_t applyUpdate(local::StagedWrites& staged, local::Shelf& shelf, const PointUpdate& update) {
  const std::uint64_t number = staged.beginOperation(shelf);
  Application application(staged, shelf, update);
  switch (update.kind) {
    case Kind::upsert:
      application.upsert();
      break;
    case Kind::updateVectors:
      application.updateVectors();
      break;
    case Kind::deletePoints:
      application.deletePoints();
      break;
    case Kind::deleteVectors:
      application.deleteVectors();
      break;
    default:
      application.changePayloads();
  }
  return number;
}

}  // namespace qbatch::serve
