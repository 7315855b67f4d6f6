#pragma once
#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "qbatch/backend.hpp"

namespace qbatch::test {

/// A backend without storage engine: keeps points in a map, records what was asked, and answers by hook where one is set. Thread-safe.
class FakeBackend : public Backend {
 public:
  struct Stored {
    std::vector<float> vector;
    std::string payload;
  };

  /// Called for each request before it is carried out; a verdict that it returns is the answer, and nothing is carried out.
  std::function<std::optional<Verdict>(const Request&)> hook;
  /// Called instead of answering at once: may keep the answer for later.
  std::function<void(const Request&, std::function<void()> answer)> hold;

  std::map<std::string, CollectionInfo> collections;
  std::map<PointId, Stored> points;

  void run(const Request& request, CallLimits, Completion completion) override {
    auto reply = carryOut(request);
    auto answer = [completion = std::move(completion), reply = std::move(reply)] { completion(reply); };
    if (hold)
      hold(request, answer);
    else
      answer();
  }

  template <class Kind>
  [[nodiscard]] std::size_t count() const {
    const std::lock_guard lock(mutex_);
    std::size_t found = 0;
    for (const auto kind : kinds_) found += kind == Request(Kind{}).index() ? 1 : 0;
    return found;
  }
  /// Items in each upsert, in order.
  [[nodiscard]] std::vector<std::size_t> upsertSizes() const {
    const std::lock_guard lock(mutex_);
    return upsertSizes_;
  }

 private:
  Reply carryOut(const Request& request) {
    const std::lock_guard lock(mutex_);
    kinds_.push_back(request.index());
    if (const auto* upsert = std::get_if<UpsertPoints>(&request)) upsertSizes_.push_back(upsert->points.size());
    Reply reply;
    if (hook) {
      if (auto verdict = hook(request)) {
        reply.verdict = std::move(*verdict);
        return reply;
      }
    }
    std::visit([&](const auto& what) { answerTo(what, reply); }, request);
    return reply;
  }

  void answerTo(const DescribeCollection& what, Reply& reply) {
    reply.requests = 0;
    const auto found = collections.find(what.collection);
    reply.answer = found == collections.end() ? std::optional<CollectionInfo>() : std::optional(found->second);
  }
  void answerTo(const CreateCollection& what, Reply& reply) { reply.answer = collections.try_emplace(what.info.name, what.info).second; }
  void answerTo(const DropCollection& what, Reply& reply) { reply.answer = collections.erase(what.collection) == 1; }
  void answerTo(const ListCollections&, Reply& reply) {
    std::vector<CollectionInfo> list;
    for (const auto& [name, info] : collections) list.push_back(info);
    reply.answer = std::move(list);
  }
  void answerTo(const SetAlias& what, Reply& reply) {
    const auto found = collections.find(what.collection);
    if (found == collections.end()) {
      reply.verdict.kind = Verdict::Kind::fatal;
      reply.verdict.error = Error(Errc::collectionNotFound, Origin::server, "Collection `" + what.collection + "` doesn't exist", 404);
      return;
    }
    found->second.aliases.push_back(what.alias);
    reply.answer = true;
  }
  void answerTo(const UpsertPoints& what, Reply&) {
    for (const auto& point : what.points)
      points[point.id] = {std::vector<float>(point.vector.begin(), point.vector.end()), std::string(point.payload)};
  }
  void answerTo(const RetrievePoints& what, Reply& reply) {
    std::vector<StoredPoint> found;
    for (const auto& id : what.ids)
      if (const auto entry = points.find(id); entry != points.end())
        found.push_back({id, 0, what.withPayload ? entry->second.payload : "",
                         what.withVector ? asKept(what.collection, entry->second.vector) : std::vector<float>()});
    reply.answer = std::move(found);
  }
  /// A vector as the collection gives it back: normalised where the distance is cosine.
  [[nodiscard]] std::vector<float> asKept(const std::string& collection, std::vector<float> vector) const {
    const auto found = collections.find(collection);
    if (found != collections.end() && found->second.distance != Distance::cosine) return vector;
    const auto length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0f));
    if (length > 0) std::transform(vector.begin(), vector.end(), vector.begin(), [length](float value) { return value / length; });
    return vector;
  }
  void answerTo(const QueryPoints& what, Reply& reply) {
    std::vector<std::vector<StoredPoint>> lists;
    for (const auto& vector : what.vectors) {  // the points whose first component equals the query's
      std::vector<StoredPoint> hits;
      for (const auto& [id, stored] : points)
        if (hits.size() < what.limit && stored.vector.at(0) == vector[0]) hits.push_back({id, 1, stored.payload, {}});
      lists.push_back(std::move(hits));
    }
    reply.answer = std::move(lists);
  }
  void answerTo(const ScrollPoints& what, Reply& reply) {
    ScrollPage page;
    for (const auto& [id, stored] : points) {
      if (what.from && id < *what.from) continue;
      if (page.points.size() == what.limit) {
        page.next = id;
        break;
      }
      page.points.push_back({id, 0, {}, {}});
    }
    reply.answer = std::move(page);
  }
  void answerTo(const CountPoints&, Reply& reply) { reply.answer = points.size(); }
  void answerTo(const DeletePoints& what, Reply&) {
    for (const auto& id : what.ids) points.erase(id);
  }
  void answerTo(const UpdateMetrics& what, Reply& reply) {
    for (std::size_t i = 0; i < what.changes.size(); ++i)
      if (!points.contains(what.changes[i].id))
        reply.verdict.items.push_back({i, Outcome::rejected, Error(Errc::pointNotFound, Origin::server, "No point with this id", 404)});
  }
  template <class Other>
  void answerTo(const Other&, Reply& reply) {
    reply.verdict.kind = Verdict::Kind::fatal;
    reply.verdict.error = Error(Errc::unsupported, Origin::server, "the fake backend cannot do that");
  }

  mutable std::mutex mutex_;
  std::vector<std::size_t> kinds_;
  std::vector<std::size_t> upsertSizes_;
};

}  // namespace qbatch::test
