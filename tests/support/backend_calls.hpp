#pragma once
#include <future>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qbatch/backend.hpp"
#include "qbatch/local.hpp"

// Blocking calls of a backend, for tests.
namespace qbatch::test {

inline Reply call(Backend& backend, const Request& request, CallLimits limits = {}) {
  std::promise<Reply> promise;
  auto answered = promise.get_future();
  backend.run(request, std::move(limits), [&promise](Reply reply) { promise.set_value(std::move(reply)); });
  return answered.get();
}

/// Calls, and returns the answer of that kind. Throws RequestError where the request was not carried out in full.
template <class Wanted>
Wanted ask(Backend& backend, const Request& request) {
  Reply reply = call(backend, request);
  if (reply.verdict.error) throw RequestError(reply.verdict.error);
  if (!reply.verdict.items.empty()) throw RequestError(reply.verdict.items.front().error);
  return std::get<Wanted>(std::move(reply.answer));
}
inline void carryOut(Backend& backend, const Request& request) { ask<std::monostate>(backend, request); }

inline CollectionInfo collectionOf(std::string name, std::size_t dimension, Distance distance = Distance::cosine) {
  CollectionInfo info;
  info.name = std::move(name);
  info.dimension = dimension;
  info.distance = distance;
  return info;
}
inline bool createCollection(Backend& backend, std::string name, std::size_t dimension, Distance distance = Distance::cosine) {
  return ask<bool>(backend, CreateCollection{collectionOf(std::move(name), dimension, distance)});
}

/// An upsert that owns what it stores.
struct OwnedPoints {
  struct Point {
    PointId id{0};
    std::vector<float> vector;
    std::string payload;
  };
  std::vector<Point> points;
  std::vector<PointView> views{};

  /// Valid as long as this object is unchanged.
  [[nodiscard]] UpsertPoints request(std::string collection, Existing existing = Existing::keepMetrics) {
    views.clear();
    for (const Point& point : points) views.push_back({point.id, point.vector, point.payload});
    UpsertPoints upsert;
    upsert.collection = std::move(collection);
    upsert.points = views;
    upsert.existing = existing;
    return upsert;
  }
};
inline Reply store(Backend& backend, const std::string& collection, std::vector<OwnedPoints::Point> points,
                   Existing existing = Existing::keepMetrics) {
  OwnedPoints owned{std::move(points)};
  return call(backend, owned.request(collection, existing));
}

inline std::vector<StoredPoint> retrieve(Backend& backend, const std::string& collection, const std::vector<PointId>& ids,
                                         bool withVector = false) {
  RetrievePoints request;
  request.collection = collection;
  request.ids = ids;
  request.withVector = withVector;
  return ask<std::vector<StoredPoint>>(backend, request);
}
/// The point's payload; "absent" where there is no such point.
inline std::string payloadOf(Backend& backend, const std::string& collection, PointId id) {
  const auto points = retrieve(backend, collection, {id});
  return points.empty() ? "absent" : points.front().payload;
}

/// Every point by id, with payload and vector.
inline std::vector<StoredPoint> everything(Backend& backend, const std::string& collection, std::size_t page = 1000) {
  std::vector<StoredPoint> all;
  ScrollPoints request;
  request.collection = collection;
  request.limit = page;
  request.withPayload = request.withVector = true;
  do {
    auto found = ask<ScrollPage>(backend, request);
    for (auto& point : found.points) all.push_back(std::move(point));
    request.from = found.next;
  } while (request.from);
  return all;
}

inline bool isError(const Reply& reply, Verdict::Kind kind, Errc code) {
  return reply.verdict.kind == kind && reply.verdict.error.code() == make_error_code(code);
}

/// The name of a store without a file.
inline const std::string memory = ":memory:";

inline std::shared_ptr<Backend> withCollection(std::size_t dimension = 4, Distance distance = Distance::cosine) {
  auto backend = makeLocalBackend(memory);
  createCollection(*backend, "c", dimension, distance);
  return backend;
}

inline std::size_t countOf(Backend& backend, const std::string& collection, std::string filter = {}) {
  return ask<std::size_t>(backend, CountPoints{collection, std::move(filter)});
}

inline std::optional<CollectionInfo> describe(Backend& backend, const std::string& name) {
  return ask<std::optional<CollectionInfo>>(backend, DescribeCollection{name, ""});
}

inline Reply update(Backend& backend, std::vector<MetricChange> changes) {
  UpdateMetrics request;
  request.collection = "c";
  request.changes = changes;
  return call(backend, request);
}

inline MetricChange countUp(PointId id, std::int64_t by = 1) {
  MetricChange change;
  change.id = id;
  change.increments = {{"usage_count", by}};
  return change;
}

}  // namespace qbatch::test
