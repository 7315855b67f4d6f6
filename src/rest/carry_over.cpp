#include "rest/carry_over.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "codec/json_object.hpp"
#include "codec/json_writer.hpp"
#include "codec/kept_member.hpp"
#include "metrics/guarded_operation.hpp"
#include "metrics/keep_metrics.hpp"
#include "rest/unchanged.hpp"

namespace qbatch::rest {

namespace {

using codec::JsonObject;

// True where each member that counts stands in the other as it is; both were written by the same server.
template <class Counts>
bool within(const JsonObject& one, const JsonObject& other, Counts counts) {
  return std::all_of(one.members().begin(), one.members().end(), [&](const auto& member) {
    const auto* beside = other.find(member.first);
    return !counts(member.first) || (beside != nullptr && *beside == member.second);
  });
}

}  // namespace

CarriedOver carryOver(std::span<const PointView> fresh, std::span<const StoredPoint> stored, const FieldNames& fields,
                      std::string_view stamp) {
  std::unordered_map<PointId, const StoredPoint*> before;
  for (const auto& point : stored) before.emplace(point.id, &point);
  std::string stampText;
  codec::appendString(stampText, stamp);

  CarriedOver result;
  result.points.assign(fresh.begin(), fresh.end());
  std::map<std::string, std::vector<PointId>> asRead;  // points by the conditions that they share
  for (std::size_t position = 0; position < fresh.size(); ++position) {
    auto& point = result.points[position];
    const auto found = before.find(point.id);
    if (found == before.end()) continue;
    const std::string_view payload = found->second->payload.empty() ? std::string_view("{}") : found->second->payload;
    auto object = JsonObject::parse(metrics::keepMetrics(payload, point.payload.empty() ? "{}" : point.payload, fields));
    object.set(metrics::stampKey, stampText);
    object.set(storeStamp, stampText);
    point.payload = result.payloads.emplace_back(object.text());
    result.known.push_back(position);
    const auto read = JsonObject::parse(payload);
    std::string conditions;
    appendUnchanged(conditions, fields.usageCount, read.find(fields.usageCount));
    appendUnchanged(conditions, metrics::stampKey, read.find(metrics::stampKey));
    asRead[conditions].push_back(point.id);
  }
  result.filter = filterOf(asRead);
  return result;
}

std::vector<codec::BatchOperation> contentUpdate(const PointView& fresh, const StoredPoint& stored, const FieldNames& fields) {
  const auto before = JsonObject::ofPayload(stored.payload);
  const auto wanted = JsonObject::ofPayload(fresh.payload);
  const auto kept = JsonObject::parse(metrics::keepMetrics(before.text(), wanted.text(), fields));
  // What storing again would keep as it is stored is left out, so that counts which change meanwhile are not set back.
  const auto untouched = [&](const std::string& name) {
    const auto* raw = before.find(name);
    const auto* result = kept.find(name);
    if (!raw || !result || *raw != *result) return false;
    const auto* asked = wanted.find(name);
    return !asked || *asked != *raw || name == fields.usageCount || name == fields.successRate || name == fields.lastUsed;
  };
  codec::SetPayload set;
  JsonObject members;
  for (const auto& [name, raw] : kept.members())
    if (!untouched(name)) members.set(name, raw);
  set.payload = members.text();
  set.filter = idFilter(std::span(&fresh.id, 1));
  codec::DeletePayload stale;
  stale.filter = set.filter;
  for (const auto& [name, raw] : before.members())
    if (!kept.find(name)) stale.keys.push_back(pathOf(name));
  std::vector<codec::BatchOperation> operations;
  operations.emplace_back(std::move(set));
  if (!stale.keys.empty()) operations.emplace_back(std::move(stale));
  return operations;
}

bool onlyCounted(const StoredPoint* before, const StoredPoint* now, const FieldNames& fields) {
  if (before == nullptr || now == nullptr) return before == now;
  const auto then = JsonObject::ofPayload(before->payload), there = JsonObject::ofPayload(now->payload);
  // Who counts writes a stamp of his own, and leaves that of the last store alone; who replaces the point does not.
  const auto differs = [&](std::string_view name) {
    const auto *one = then.find(name), *other = there.find(name);
    return (one == nullptr) != (other == nullptr) || (one != nullptr && *one != *other);
  };
  if (there.find(metrics::stampKey) == nullptr || !differs(metrics::stampKey) || differs(storeStamp)) return false;
  const auto content = [&](const std::string& name) { return !codec::isKept(name, there, fields); };
  return within(then, there, content) && within(there, then, content);
}

bool isAs(const PointBefore& before, const StoredPoint* now) {
  if (!before.exists || now == nullptr) return before.exists == (now != nullptr);
  return within(JsonObject::ofPayload(before.payload), JsonObject::ofPayload(now->payload), [](const std::string&) { return true; });
}

}  // namespace qbatch::rest
