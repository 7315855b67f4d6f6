#include "serve/point_update.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "codec/json_check.hpp"
#include "local/body_errors.hpp"

namespace qbatch::serve {
namespace {

using local::badFormat;
using Context = local::FilterTree::Context;
using Kind = PointUpdate::Kind;

constexpr std::string_view noOperations = "Invalid PointInsertOperations format";

local::FilterTree filterOf(Element value, Context context, std::string_view place) {
  context.place = place;
  return local::FilterTree::parse(value, context);
}

PointUpdate::Input inputOf(Element value, std::size_t number, bool withPayload) {
  const Object object = objectOf(value);
  PointUpdate::Input input;
  input.id = idOf(needed(object, "id"));
  input.vectors = readVectors(needed(object, "vector"), fmt::format("points[{}].vector", number));
  if (const auto payload = withPayload ? member(object, "payload") : std::nullopt) input.payload = payloadOf(*payload);
  return input;
}

std::vector<PointUpdate::Input> inputsOf(Element list, bool withPayload) {
  std::vector<PointUpdate::Input> inputs;
  const Array array = arrayOf(list);
  inputs.reserve(array.size());
  for (const Element point : array) inputs.push_back(inputOf(point, inputs.size(), withPayload));
  return inputs;
}

/// Hands each element of a column to `set`, with its point.
template <typename Set>
void fill(std::vector<PointUpdate::Input>& inputs, Element column, std::string_view name, const Set& set) {
  const Array items = arrayOf(column);
  if (items.size() != inputs.size()) {
    throw invalid(fmt::format("batch.{}", name),
                  fmt::format("number of ids and {} must be equal ({} != {})", name, inputs.size(), items.size()));
  }
  std::size_t i = 0;
  for (const Element item : items) set(inputs[i++], item);
}

/// {"ids": […], "vectors": […] or {name: […]}, "payloads": […]}
std::vector<PointUpdate::Input> columnsOf(Object columns) {
  const auto ids = member(columns, "ids"), vectors = member(columns, "vectors"), payloads = member(columns, "payloads");
  if (!ids || !vectors) throw badFormat(noOperations);
  std::vector<PointUpdate::Input> inputs;
  for (const PointId& id : idsOf(*ids)) inputs.push_back({id});
  if (vectors->is_object()) {
    for (const auto named : Object(*vectors)) {
      const std::string name(named.key);
      fill(inputs, named.value, "vectors",
           [&](PointUpdate::Input& input, Element item) { input.vectors.emplace_back(name, readVector(item, "batch.vectors.?")); });
    }
  } else {
    fill(inputs, *vectors, "vectors",
         [](PointUpdate::Input& input, Element item) { input.vectors.emplace_back("", readVector(item, "batch.vectors")); });
  }
  if (payloads) {
    fill(inputs, *payloads, "payloads", [](PointUpdate::Input& input, Element item) {
      if (!item.is_null()) input.payload = payloadOf(item);
    });
  }
  return inputs;
}

void readMode(Object body, PointUpdate& update) {
  const auto wish = member(body, "update_mode");
  if (!wish) return;
  const std::string_view mode = stringOf(*wish);
  if (mode == "insert_only") {
    update.mode = PointUpdate::Mode::insertOnly;
  } else if (mode == "update_only") {
    update.mode = PointUpdate::Mode::updateOnly;
  } else if (mode != "upsert") {
    throw badFormat(fmt::format("unknown variant `{}`, expected one of `upsert`, `insert_only`, `update_only`", mode));
  }
}

void readUpsert(Object body, PointUpdate& update) {
  if (const auto batch = member(body, "batch")) {
    update.points = columnsOf(objectOf(*batch));
  } else if (const auto points = member(body, "points")) {
    update.points = inputsOf(*points, true);
  } else {
    throw badFormat(noOperations);
  }
  readMode(body, update);
}

void readSelection(Object body, PointUpdate& update, const Context& context) {
  if (const auto points = member(body, "points")) update.ids = idsOf(*points);
  if (const auto filter = member(body, "filter")) update.filter = filterOf(*filter, context, "internal.filter");
  if (update.ids || update.filter) return;
  const bool selectorOnly = update.kind == Kind::deletePoints || update.kind == Kind::clearPayload;
  throw badFormat(selectorOnly ? "data did not match any variant of untagged enum PointsSelector"
                               : "Either list of point ids or filter must be provided");
}

void readPayloadChange(Object body, PointUpdate& update) {
  if (update.kind == Kind::deletePayload) {
    for (const Element key : arrayOf(needed(body, "keys"))) update.keys.push_back(pathOf(key));
    return;
  }
  const Element payload = needed(body, "payload");
  static_cast<void>(objectOf(payload));
  update.payload = local::JsonTree::from(payload);
  if (const auto key = member(body, "key")) update.key = pathOf(*key);
  // Each step of the path is a level of what is stored, which has to stay readable.
  if (levelsOf(payload) + (update.key ? update.key->steps().size() : 0) > codec::maxJsonLevels)
    throw badFormat(fmt::format("payload: nested deeper than {} levels under this `key`; make it flatter", codec::maxJsonLevels));
}

std::optional<Kind> kindOf(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Kind>, 8> kinds{{{"upsert", Kind::upsert},
                                                                    {"delete", Kind::deletePoints},
                                                                    {"set_payload", Kind::setPayload},
                                                                    {"overwrite_payload", Kind::overwritePayload},
                                                                    {"delete_payload", Kind::deletePayload},
                                                                    {"clear_payload", Kind::clearPayload},
                                                                    {"update_vectors", Kind::updateVectors},
                                                                    {"delete_vectors", Kind::deleteVectors}}};
  for (const auto& [known, kind] : kinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

}  // namespace

PointUpdate readUpdate(Kind kind, Element value, const Context& context) {
  const Object body = objectOf(value);
  PointUpdate update;
  update.kind = kind;
  switch (kind) {
    case Kind::upsert:
      readUpsert(body, update);
      break;
    case Kind::updateVectors:
      update.points = inputsOf(needed(body, "points"), false);
      for (std::size_t i = 0; i < update.points.size(); ++i) {
        if (update.points[i].vectors.empty())
          throw invalid(fmt::format("points[{}].vector", i), "must specify vectors to update for point");
      }
      break;
    case Kind::deleteVectors:
      for (const Element name : arrayOf(needed(body, "vector"))) update.vectorNames.emplace_back(stringOf(name));
      if (update.vectorNames.empty()) throw invalid("vector", "must specify vector names to delete");
      readSelection(body, update, context);
      break;
    case Kind::setPayload:
    case Kind::overwritePayload:
    case Kind::deletePayload:
      readPayloadChange(body, update);
      readSelection(body, update, context);
      break;
    case Kind::deletePoints:
    case Kind::clearPayload:
      readSelection(body, update, context);
      break;
  }
  if (kind == Kind::upsert || kind == Kind::updateVectors) {
    if (const auto filter = member(body, "update_filter")) update.updateFilter = filterOf(*filter, context, "internal.update_filter");
  }
  return update;
}

std::vector<PointUpdate> readUpdates(Element body, const Context& context) {
  std::vector<PointUpdate> updates;
  for (const Element operation : arrayOf(needed(objectOf(body), "operations"))) {
    const Object members = objectOf(operation);
    std::optional<PointUpdate> update;
    for (const auto entry : members) {
      const auto kind = kindOf(entry.key);
      if (!kind) continue;
      update = readUpdate(*kind, entry.value, context);
      break;
    }
    if (!update) throw badFormat("data did not match any variant of untagged enum UpdateOperation");
    updates.push_back(std::move(*update));
  }
  return updates;
}

}  // namespace qbatch::serve
