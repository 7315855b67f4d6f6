#include <array>
#include <utility>

#include "support/fake_qdrant_updates.hpp"

// How a FakeQdrant reads the bodies of updates.
namespace qbatch::test::fake {
namespace {

using Kind = Update::Kind;

JsonTree objectTree(Element value) {
  static_cast<void>(objectOf(value));
  return JsonTree::from(value);
}

std::map<std::string, std::vector<float>> vectorsOf(Element value) {
  std::map<std::string, std::vector<float>> vectors;
  if (value.is_array()) {
    vectors.emplace("", floatsOf(value));
  } else if (value.is_object()) {
    for (const auto entry : Object(value)) vectors[std::string(entry.key)] = floatsOf(entry.value);
  } else {
    throw formatError("data did not match any variant of untagged enum VectorStruct");
  }
  return vectors;
}

Update::Input inputOf(Element value) {
  const Object object = objectOf(value);
  const auto id = member(object, "id"), vector = member(object, "vector"), payload = member(object, "payload");
  if (!id) throw formatError("missing field `id`");
  Update::Input input;
  input.id = idOf(*id);
  if (!vector) throw formatError("missing field `vector`");
  input.vectors = vectorsOf(*vector);
  if (payload) input.payload = objectTree(*payload);
  return input;
}

/// {"ids": […], "vectors": […] or {name: […]}, "payloads": […]}
std::vector<Update::Input> columnsOf(Object columns) {
  const auto ids = member(columns, "ids"), vectors = member(columns, "vectors"), payloads = member(columns, "payloads");
  if (!ids || !vectors) throw formatError("Invalid PointInsertOperations format");
  std::vector<Update::Input> inputs;
  for (const PointId& id : idsOf(*ids)) inputs.push_back({id, {}, JsonTree::object()});
  const auto fill = [&](Element list, const auto& set) {
    const auto items = arrayOf(list);
    if (items.size() != inputs.size()) throw Failure{422, "Validation error in JSON body: number of ids and columns differ", false};
    std::size_t i = 0;
    for (const Element item : items) set(inputs[i++], item);
  };
  if (vectors->is_object()) {
    for (const auto named : Object(*vectors)) {
      const std::string name(named.key);
      fill(named.value, [&](Update::Input& input, Element item) { input.vectors[name] = floatsOf(item); });
    }
  } else {
    fill(*vectors, [](Update::Input& input, Element item) { input.vectors[""] = floatsOf(item); });
  }
  if (payloads) {
    fill(*payloads, [](Update::Input& input, Element item) {
      if (!item.is_null()) input.payload = objectTree(item);
    });
  }
  return inputs;
}

void parseUpsert(Object body, Update& update) {
  const auto points = member(body, "points"), batch = member(body, "batch");
  if (batch) {
    update.points = columnsOf(objectOf(*batch));
  } else if (points) {
    for (const Element point : arrayOf(*points)) update.points.push_back(inputOf(point));
  } else {
    throw formatError("Invalid PointInsertOperations format");
  }
  if (const auto filter = member(body, "update_filter")) update.updateFilter = filterOf(*filter, "internal.update_filter");
  if (const auto mode = member(body, "update_mode")) {
    update.mode = stringOf(*mode);
    if (update.mode != "upsert" && update.mode != "insert_only" && update.mode != "update_only") {
      throw formatError("unknown variant `" + update.mode + "`, expected one of `upsert`, `insert_only`, `update_only`");
    }
  }
}

void parseSelection(Object body, Update& update) {
  const bool selectorOnly = update.kind == Kind::deletePoints || update.kind == Kind::clearPayload;
  if (const auto points = member(body, "points")) update.ids = idsOf(*points);
  if (const auto filter = member(body, "filter")) update.filter = filterOf(*filter, "internal");
  if (update.ids || update.filter) return;
  throw formatError(selectorOnly ? "data did not match any variant of untagged enum PointsSelector"
                                 : "Either list of point ids or filter must be provided");
}

void parsePayloadChange(Object body, Update& update) {
  if (update.kind == Kind::deletePayload) {
    const auto keys = member(body, "keys");
    if (!keys) throw formatError("missing field `keys`");
    for (const Element key : arrayOf(*keys)) update.keys.push_back(pathOf(key));
    return;
  }
  const auto payload = member(body, "payload");
  if (!payload) throw formatError("missing field `payload`");
  update.payload = std::move(*objectTree(*payload).asObject());
  if (const auto key = member(body, "key")) update.key = pathOf(*key);
}

}  // namespace

std::optional<Kind> updateKind(std::string_view name) {
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

Update parseUpdate(Kind kind, Element value) {
  const Object body = objectOf(value);
  Update update;
  update.kind = kind;
  switch (kind) {
    case Kind::upsert:
      parseUpsert(body, update);
      break;
    case Kind::updateVectors: {
      const auto points = member(body, "points");
      if (!points) throw formatError("missing field `points`");
      for (const Element point : arrayOf(*points)) update.points.push_back(inputOf(point));
      break;
    }
    case Kind::deleteVectors: {
      const auto names = member(body, "vector");
      if (!names) throw formatError("missing field `vector`");
      for (const Element name : arrayOf(*names)) update.vectorNames.push_back(stringOf(name));
      parseSelection(body, update);
      break;
    }
    case Kind::setPayload:
    case Kind::overwritePayload:
    case Kind::deletePayload:
      parsePayloadChange(body, update);
      parseSelection(body, update);
      break;
    case Kind::deletePoints:
    case Kind::clearPayload:
      parseSelection(body, update);
      break;
  }
  return update;
}

std::vector<Update> parseUpdates(Element body) {
  const auto operations = member(objectOf(body), "operations");
  if (!operations) throw formatError("missing field `operations`");
  std::vector<Update> updates;
  for (const Element operation : arrayOf(*operations)) {
    std::optional<Kind> kind;
    Element inner;
    for (const auto entry : objectOf(operation)) {
      if (!kind) inner = entry.value;
      if (!kind) kind = updateKind(entry.key);
    }
    if (!kind) throw formatError("data did not match any variant of untagged enum UpdateOperation");
    updates.push_back(parseUpdate(*kind, inner));
  }
  return updates;
}

}  // namespace qbatch::test::fake
