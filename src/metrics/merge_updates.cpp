#include "metrics/merge_updates.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "codec/json_object.hpp"
#include "codec/json_writer.hpp"
#include "codec/timestamp.hpp"
#include "metrics/counter_value.hpp"

namespace qbatch::metrics {

namespace {

using Increments = std::vector<std::pair<std::string, std::int64_t>>;

// nullopt where a sum leaves what a JSON number holds exactly.
std::optional<Increments> added(Increments sums, const MetricUpdate& update, const FieldNames& fields) {
  auto amounts = update.increments;
  if (update.incrementUsage != 0) amounts.emplace_back(fields.usageCount, update.incrementUsage);
  for (auto& [name, amount] : amounts) {
    const auto entry = std::find_if(sums.begin(), sums.end(), [&, key = &name](const auto& sum) { return sum.first == *key; });
    if (entry == sums.end()) {
      sums.emplace_back(std::move(name), amount);
      continue;
    }
    entry->second += amount;  // both are within ±2^53, so this cannot overflow 64 bits
    if (entry->second > largestCount || entry->second < -largestCount) return std::nullopt;
  }
  return sums;
}

void mergeAbsolute(MetricChange& change, const MetricUpdate& update) {
  if (update.successRate) {
    change.successRateJson.clear();
    codec::appendDouble(change.successRateJson, *update.successRate);
  }
  if (update.lastUsed && (change.lastUsed.empty() || codec::parseTimestamp(change.lastUsed) <= codec::parseTimestamp(*update.lastUsed)))
    change.lastUsed = *update.lastUsed;
}

// A value that is set replaces what earlier updates of the call would have added.
void mergeSet(MetricChange& change, codec::JsonObject& members, const MetricUpdate& update) {
  const auto later = codec::JsonObject::parse(update.set.json());
  for (const auto& [key, value] : later.members()) {
    members.set(key, value);
    std::erase_if(change.increments, [&, name = &key](const auto& increment) { return increment.first == *name; });
  }
}

}  // namespace

MergedUpdates mergeUpdates(std::span<const MetricUpdate> updates, std::span<const std::size_t> indices, const FieldNames& fields) {
  MergedUpdates result;
  auto& change = result.change;
  change.id = updates[indices.front()].id;
  std::optional<codec::JsonObject> members;  // to set
  for (const auto index : indices) {
    const auto& update = updates[index];
    auto sums = added(change.increments, update, fields);
    if (!sums) {
      result.overflows.emplace_back(index, "its increments and those of earlier updates of the same point add up to more than 2^53");
      continue;
    }
    result.merged.push_back(index);
    change.increments = std::move(*sums);
    mergeAbsolute(change, update);
    if (update.set.empty()) continue;
    if (!members) members.emplace();
    mergeSet(change, *members, update);
  }
  if (members) change.setJson = members->text();
  return result;
}

}  // namespace qbatch::metrics
