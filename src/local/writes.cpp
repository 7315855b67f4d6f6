#include "local/writes.hpp"

#include <fmt/core.h>

#include <chrono>
#include <utility>
#include <vector>

#include "codec/json_object.hpp"
#include "local/distance.hpp"
#include "local/point_writes.hpp"
#include "local/refusal.hpp"
#include "local/request_checks.hpp"
#include "metrics/keep_metrics.hpp"
#include "metrics/old_marks.hpp"

namespace qbatch::local {
namespace {

Reply answering(Answer answer) {
  Reply reply;
  reply.answer = std::move(answer);
  return reply;
}

Shelf& shelfOf(const StagedWrites& staged, const std::string& collection) { return *staged.names().at(collection).shelf; }

Reply write(const CreateCollection& request, StagedWrites& staged) {
  const CollectionInfo& wanted = request.info;
  checkNewCollection(wanted);
  if (const auto existing = staged.names().collections.find(wanted.name); existing != staged.names().collections.end()) {
    const CollectionInfo found = existing->second.config->info(wanted.vectorName);
    if (found.vectorName == wanted.vectorName && found.dimension == wanted.dimension && found.distance == wanted.distance)
      return answering(false);
    throw refuseAll(
        Error(Errc::collectionMismatch, Origin::server,
              fmt::format("collection `{}` exists with other vectors: `{}` of {} values compared by {}, not `{}` of {} by {}; use another "
                          "name, or the embedder that it was made for",
                          wanted.name, found.vectorName, found.dimension, toString(found.distance), wanted.vectorName, wanted.dimension,
                          toString(wanted.distance)),
              409, fmt::format("Wrong input: Collection `{}` already exists!", wanted.name)));
  }
  if (staged.names().aliases.contains(wanted.name)) {
    throw refuseAll(Error(Errc::refused, Origin::server,
                          fmt::format("collection `{}` cannot be created: an alias has this name; use another", wanted.name), 409));
  }
  staged.createCollection(CollectionConfig::of(wanted));
  return answering(true);
}

Reply write(const DropCollection& request, StagedWrites& staged) {
  if (!staged.names().collections.contains(request.collection)) return answering(false);
  staged.dropCollection(request.collection);
  return answering(true);
}

Reply write(const SetAlias& request, StagedWrites& staged) {
  checkName(request.alias, "alias");
  const std::string target = staged.names().at(request.collection).config->name;
  if (staged.names().collections.contains(request.alias)) {
    throw refuseAll(Error(Errc::refused, Origin::server,
                          fmt::format("`{}` cannot be an alias: a collection has this name; use another", request.alias), 409,
                          fmt::format("Wrong input: Collection `{}` already exists!", request.alias)));
  }
  staged.setAlias(request.alias, target);
  return answering(true);
}

void store(const PointView& point, std::string payload, const UpsertPoints& request, std::size_t column, Shelf& shelf,
           StagedWrites& staged) {
  if (const auto stored = staged.point(shelf, point.id)) {
    if (request.existing == Existing::skip) return;
    if (request.existing == Existing::keepMetrics) payload = metrics::keepMetrics(stored->payload, payload, request.fields);
  }
  const Distance distance = shelf.points.layout().dense[column].distance;
  staged.put(shelf, point.id, PointVectors::ofOne(column, prepared(distance, point.vector)), std::move(payload));
}

Reply write(const UpsertPoints& request, StagedWrites& staged) {
  Shelf& shelf = shelfOf(staged, request.collection);
  const std::size_t column = checkedColumn(shelf.points.layout(), request.vectorName);
  std::vector<std::string> payloads;
  payloads.reserve(request.points.size());
  for (const PointView& point : request.points) {
    checkVector(shelf.points.layout().dense[column], point.vector);
    payloads.push_back(checkedPayload(point.payload));
  }
  staged.beginOperation(shelf);
  for (std::size_t i = 0; i < request.points.size(); ++i) store(request.points[i], std::move(payloads[i]), request, column, shelf, staged);
  return {};
}

Reply write(const DeletePoints& request, StagedWrites& staged) {
  Shelf& shelf = shelfOf(staged, request.collection);
  staged.beginOperation(shelf);
  for (const PointId& id : request.ids) staged.erase(shelf, id);
  return {};
}

Error noPoint(const PointId& id, const std::string& collection) {
  return Error(Errc::pointNotFound, Origin::server, fmt::format("No point with id {} in collection `{}`", id.toString(), collection), 404,
               fmt::format("Not found: No point with id {} found", id.toString()));
}

Reply write(const UpdateMetrics& request, StagedWrites& staged) {
  Shelf& shelf = shelfOf(staged, request.collection);
  Reply reply;
  staged.beginOperation(shelf);
  for (std::size_t i = 0; i < request.changes.size(); ++i) {
    const MetricChange& change = request.changes[i];
    const auto stored = staged.point(shelf, change.id);
    if (!stored) {
      reply.verdict.items.push_back({i, Outcome::rejected, noPoint(change.id, request.collection)});
      continue;
    }
    std::string payload;
    try {
      payload = changedPayload(stored->payload, change, request.fields);
    } catch (const RequestError& error) {
      reply.verdict.items.push_back({i, Outcome::rejected, error.error()});
      continue;
    }
    staged.setPayload(shelf, change.id, std::move(payload));
  }
  return reply;
}

Reply write(const SweepMarks& request, StagedWrites& staged) {
  if (auto problem = metrics::sweepProblem(request)) throw refuseAll(std::move(*problem));
  Shelf& shelf = shelfOf(staged, request.collection);
  const auto before = metrics::flushesBefore(std::chrono::system_clock::now(), request.olderThan);
  std::size_t marks = 0;
  std::vector<std::pair<PointId, std::string>> swept;
  staged.eachPoint(shelf, [&](const PointId& id, const PointState& point) {
    const auto old = metrics::oldMarks(point.payload, before);
    if (old.empty()) return true;
    auto payload = codec::JsonObject::ofPayload(point.payload);
    for (const auto& mark : old) payload.erase(mark.key);
    marks += old.size();
    swept.emplace_back(id, payload.text());
    return true;
  });
  if (!swept.empty()) staged.beginOperation(shelf);
  for (auto& [id, payload] : swept) staged.setPayload(shelf, id, std::move(payload));
  return answering(marks);
}

}  // namespace

bool isWrite(const Request& request) noexcept {
  return std::holds_alternative<CreateCollection>(request) || std::holds_alternative<DropCollection>(request) ||
         std::holds_alternative<SetAlias>(request) || std::holds_alternative<UpsertPoints>(request) ||
         std::holds_alternative<DeletePoints>(request) || std::holds_alternative<UpdateMetrics>(request) ||
         std::holds_alternative<SweepMarks>(request);
}

Reply carryOut(const Request& request, StagedWrites& staged) {
  return std::visit(
      [&](const auto& kind) -> Reply {
        if constexpr (requires { write(kind, staged); }) {
          return write(kind, staged);
        } else {
          throw refuseAll(Error(Errc::unsupported, Origin::server, "this request is not a write"));
        }
      },
      request);
}

}  // namespace qbatch::local
