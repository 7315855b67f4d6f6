#include <map>
#include <random>

#include "codec/json_object.hpp"
#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

/// What a store should hold, kept in the simplest way.
struct ModelPoint {
  std::vector<float> vector;
  std::map<std::string, std::int64_t> members;
};
struct ModelCollection {
  std::map<PointId, ModelPoint> points;
};

std::string jsonOf(const std::map<std::string, std::int64_t>& members) {
  std::string text = "{";
  for (const auto& [name, value] : members) text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + std::to_string(value);
  return text + "}";
}

std::map<std::string, std::int64_t> membersOf(const std::string& payload) {
  std::map<std::string, std::int64_t> members;
  const auto object = codec::JsonObject::parse(payload);
  for (const auto& [name, raw] : object.members()) members[name] = raw == "true" ? 1 : codec::integerValue(raw).value();
  return members;
}

class Walk {
 public:
  Walk(std::uint64_t seed, bool onDisk) : random_(seed), onDisk_(onDisk) { open(); }

  void step() {
    const auto choice = random_.below(100);
    if (choice < 45) return upsert();
    if (choice < 65) return countUp();
    if (choice < 80) return erase();
    if (choice < 85) return createOrDrop();
    if (choice < 90) return moveAlias();
    if (choice < 93) return refused();
    if (choice < 95 && onDisk_) return open();
    compare();
  }

  void compare() {
    const auto list = ask<std::vector<CollectionInfo>>(*backend_, ListCollections{});
    REQUIRE(list.size() == model_.size());
    std::map<std::string, std::string> aliases;
    for (const auto& info : list) {
      for (const auto& alias : info.aliases) aliases[alias] = info.name;
      REQUIRE(model_.contains(info.name));
      CHECK(info.points == model_[info.name].points.size());
      const auto points = everything(*backend_, info.name, 1 + random_.below(50));
      REQUIRE(points.size() == model_[info.name].points.size());
      auto wanted = model_[info.name].points.begin();
      for (const auto& point : points) {
        CHECK(point.id == wanted->first);
        CHECK(point.vector == wanted->second.vector);
        CHECK(membersOf(point.payload) == wanted->second.members);
        ++wanted;
      }
    }
    CHECK(aliases == aliases_);
  }

 private:
  void open() {
    backend_.reset();
    backend_ = makeLocalBackend(onDisk_ ? (folder_.path() / "store.db").string() : ":memory:");
    if (onDisk_) compare();
  }

  PointId someId() {
    const auto number = random_.below(60);
    if (number % 2 == 0) return number;
    std::array<std::uint8_t, 16> bytes{};
    bytes[15] = static_cast<std::uint8_t>(number);
    return PointId::fromUuid(bytes);
  }
  std::string someName() { return "c" + std::to_string(random_.below(4)); }
  /// The collection behind a name or alias; null where there is none.
  ModelCollection* target(const std::string& name) {
    const auto alias = aliases_.find(name);
    const auto found = model_.find(alias == aliases_.end() ? name : alias->second);
    return found == model_.end() ? nullptr : &found->second;
  }
  std::string someTarget() { return random_.chance(30) ? "alias" + std::to_string(random_.below(2)) : someName(); }

  void checkMissing(const Reply& reply) { CHECK(isError(reply, Verdict::Kind::fatal, Errc::collectionNotFound)); }

  void upsert() {
    const std::string name = someTarget();
    const auto existing = std::array{Existing::keepMetrics, Existing::replace, Existing::skip}[random_.below(3)];
    OwnedPoints points;
    for (auto left = random_.below(6); left > 0; --left) {
      std::map<std::string, std::int64_t> members{{"v", static_cast<std::int64_t>(random_.below(1000))}, {"usage_count", 0}};
      if (random_.chance(20)) members["views"] = 0;
      points.points.push_back({someId(), {static_cast<float>(random_.below(9)), static_cast<float>(random_.below(9))}, jsonOf(members)});
    }
    const Reply reply = call(*backend_, points.request(name, existing));
    ModelCollection* collection = target(name);
    if (collection == nullptr) return checkMissing(reply);
    REQUIRE(reply.verdict.kind == Verdict::Kind::completed);
    for (const auto& point : points.points) apply(*collection, point, existing);
  }

  static void apply(ModelCollection& collection, const OwnedPoints::Point& point, Existing existing) {
    const auto known = collection.points.find(point.id);
    ModelPoint fresh{point.vector, membersOf(point.payload)};
    if (known != collection.points.end()) {
      if (existing == Existing::skip) return;
      if (existing == Existing::keepMetrics) {
        for (const auto& [name, value] : known->second.members) {
          const bool counter = name == "views" && known->second.members.contains("_qbatch_counter_views");
          if (name == "usage_count" || counter || name == "_qbatch_counter_views") fresh.members[name] = value;
        }
      }
    }
    collection.points[point.id] = std::move(fresh);
  }

  void countUp() {
    const std::string name = someTarget();
    std::map<PointId, MetricChange> changes;
    for (auto left = random_.below(5); left > 0; --left) {
      MetricChange change;
      change.id = someId();
      change.increments = {{random_.chance(70) ? "usage_count" : "views", static_cast<std::int64_t>(random_.below(10)) - 4}};
      changes[change.id] = change;
    }
    std::vector<MetricChange> list;
    for (const auto& [id, change] : changes) list.push_back(change);
    UpdateMetrics request;
    request.collection = name;
    request.changes = list;
    const Reply reply = call(*backend_, request);
    ModelCollection* collection = target(name);
    if (collection == nullptr) return checkMissing(reply);
    std::size_t absent = 0;
    for (const MetricChange& change : list) {
      const auto known = collection->points.find(change.id);
      if (known == collection->points.end()) {
        ++absent;
        continue;
      }
      known->second.members[change.increments[0].first] += change.increments[0].second;
      if (change.increments[0].first == "views") known->second.members["_qbatch_counter_views"] = 1;
    }
    CHECK(reply.verdict.items.size() == absent);
  }

  void erase() {
    const std::string name = someTarget();
    std::vector<PointId> ids;
    for (auto left = random_.below(5); left > 0; --left) ids.push_back(someId());
    const Reply reply = call(*backend_, DeletePoints{name, ids});
    ModelCollection* collection = target(name);
    if (collection == nullptr) return checkMissing(reply);
    for (const PointId& id : ids) collection->points.erase(id);
  }

  void createOrDrop() {
    const std::string name = someName();
    if (random_.chance(65)) {
      CHECK(createCollection(*backend_, name, 2, Distance::dot) == !model_.contains(name));
      model_[name];
    } else {
      CHECK(ask<bool>(*backend_, DropCollection{name}) == (model_.erase(name) > 0));
      std::erase_if(aliases_, [&](const auto& alias) { return alias.second == name; });
    }
  }

  void moveAlias() {
    const std::string name = someName(), alias = "alias" + std::to_string(random_.below(2));
    const Reply reply = call(*backend_, SetAlias{alias, name});
    if (!model_.contains(name)) return checkMissing(reply);
    aliases_[alias] = name;
  }

  void refused() {
    for (const auto& [name, collection] : model_) {
      CHECK(store(*backend_, name, {{someId(), {1, 2}, "{}"}, {someId(), {1}, "{}"}}).verdict.kind == Verdict::Kind::itemAtFault);
    }
  }

  Random random_;
  bool onDisk_;
  ScratchFolder folder_;
  std::shared_ptr<Backend> backend_;
  std::map<std::string, ModelCollection> model_;
  std::map<std::string, std::string> aliases_;
};

}  // namespace

TEST_CASE("a store does what a map does, on disk with reopening and in memory") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  for (const bool onDisk : {true, false}) {
    Walk walk(seed, onDisk);
    for (std::size_t step = 0; step < campaignSize(onDisk ? 1500 : 4000); ++step) {
      CAPTURE(onDisk, step);
      walk.step();
    }
    walk.compare();
  }
}
