#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "codec/encode_requests.hpp"
#include "codec/json_object.hpp"
#include "codec/json_walk.hpp"
#include "codec/timestamp.hpp"

// Payloads that change as a server's do when set_payload operations with filters arrive.
namespace qbatch::test {

class GuardedPoints {
 public:
  void put(const PointId& id, const std::string& payload) { points_[id] = codec::JsonObject::parse(payload); }
  void erase(const PointId& id) { points_.erase(id); }
  [[nodiscard]] bool has(const PointId& id) const { return points_.contains(id); }
  /// A member's raw JSON; empty where point or member is absent.
  [[nodiscard]] std::string member(const PointId& id, const std::string& key) const {
    const auto point = points_.find(id);
    const auto* raw = point == points_.end() ? nullptr : point->second.find(key);
    return raw == nullptr ? std::string() : *raw;
  }
  void setMember(const PointId& id, const std::string& key, const std::string& raw) { points_.at(id).set(key, raw); }
  void eraseMember(const PointId& id, const std::string& key) {
    if (has(id)) points_.at(id).erase(key);
  }
  [[nodiscard]] std::vector<StoredPoint> read(const std::vector<PointId>& ids, const std::vector<std::string>& keys) const {
    std::vector<StoredPoint> found;
    for (const auto& id : ids) {
      if (!has(id)) continue;
      codec::JsonObject chosen;
      for (const auto& key : keys) {
        if (const auto* raw = points_.at(id).find(key)) chosen.set(key, *raw);
      }
      StoredPoint point;
      point.id = id;
      point.payload = chosen.text();
      found.push_back(std::move(point));
    }
    return found;
  }
  /// Carries out an operation on one point if its filter holds there. True where it did.
  bool apply(const codec::BatchOperation& operation, const PointId& id) {
    const auto point = points_.find(id);
    if (point == points_.end() || !holds(codec::JsonObject::parse(filterOf(operation)), id, point->second)) return false;
    if (const auto* deletion = std::get_if<codec::DeletePayload>(&operation)) {
      for (const auto& key : deletion->keys) point->second.erase(key);
      return true;
    }
    const auto& set = std::get<codec::SetPayload>(operation);
    const auto fresh = codec::JsonObject::parse(set.payload);
    for (const auto& [key, raw] : fresh.members()) {
      if (raw == "null")
        point->second.erase(key);
      else
        point->second.set(key, raw);
    }
    return true;
  }
  /// The ids that an operation names.
  [[nodiscard]] static std::vector<PointId> idsOf(const codec::BatchOperation& operation) {
    std::vector<PointId> ids;
    const auto filter = codec::JsonObject::parse(filterOf(operation));
    codec::JsonWalk conditions(needed(filter, "must"));
    while (const auto condition = conditions.next()) {
      const auto object = codec::JsonObject::parse(condition->value);
      if (const auto* list = object.find("has_id")) collect(*list, ids);
    }
    return ids;
  }

 private:
  static const std::string& filterOf(const codec::BatchOperation& operation) {
    return std::visit([](const auto& kind) -> const std::string& { return kind.filter; }, operation);
  }
  static const std::string& needed(const codec::JsonObject& object, const std::string& key) {
    const auto* raw = object.find(key);
    if (raw == nullptr) throw std::logic_error("the operation has no " + key + ": " + object.text());
    return *raw;
  }
  static void collect(const std::string& list, std::vector<PointId>& ids) {
    codec::JsonWalk walk(list);
    while (const auto entry = walk.next()) {
      const auto text = codec::stringValue(entry->value);
      if (!text && !codec::integerValue(entry->value)) throw std::logic_error("no point id: " + std::string(entry->value));
      ids.push_back(PointId::parse(text ? *text : std::string(entry->value)));
    }
  }
  static bool holds(const codec::JsonObject& filter, const PointId& id, const codec::JsonObject& payload) {
    codec::JsonWalk must(needed(filter, "must"));
    while (const auto condition = must.next()) {
      if (!conditionHolds(codec::JsonObject::parse(condition->value), id, payload)) return false;
    }
    const auto* forbidden = filter.find("must_not");
    static const std::string none = "[]";
    codec::JsonWalk mustNot(forbidden != nullptr ? *forbidden : none);
    while (const auto condition = mustNot.next()) {
      if (conditionHolds(codec::JsonObject::parse(condition->value), id, payload)) return false;
    }
    return true;
  }
  static bool conditionHolds(const codec::JsonObject& condition, const PointId& id, const codec::JsonObject& payload) {
    if (const auto* list = condition.find("has_id")) {
      std::vector<PointId> ids;
      collect(*list, ids);
      return std::find(ids.begin(), ids.end(), id) != ids.end();
    }
    if (const auto* empty = condition.find("is_empty")) {
      const auto* raw = payload.find(keyOf(codec::JsonObject::parse(*empty)));
      return raw == nullptr || *raw == "null" || *raw == "[]";
    }
    const auto key = keyOf(condition);
    if (key.find('.') != std::string::npos) return false;  // a path to a member within a member, which is not there
    const auto* raw = payload.find(key);
    if (raw == nullptr) return false;
    if (const auto* match = condition.find("match")) return *raw == needed(codec::JsonObject::parse(*match), "value");
    return within(codec::JsonObject::parse(needed(condition, "range")), *raw);
  }
  static bool within(const codec::JsonObject& range, const std::string& raw) {
    if (const auto* after = range.find("gt")) {
      const auto held = codec::stringValue(raw);
      const auto time = held ? codec::parseTimestamp(*held) : std::nullopt;
      return time && *time > codec::parseTimestamp(codec::stringValue(*after).value()).value();
    }
    const auto held = codec::integerValue(raw);
    if (!held) return false;
    return range.find("gte") != nullptr ? *held >= whole(range, "gte") : *held <= whole(range, "lte");
  }
  static std::int64_t whole(const codec::JsonObject& object, const std::string& key) {
    return codec::integerValue(needed(object, key)).value();
  }
  static std::string keyOf(const codec::JsonObject& condition) { return codec::stringValue(needed(condition, "key")).value(); }

  std::map<PointId, codec::JsonObject> points_;
};

}  // namespace qbatch::test
