#include "local/point_writes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "codec/json_object.hpp"
#include "codec/json_writer.hpp"
#include "codec/timestamp.hpp"

namespace qbatch::local {
namespace {

using codec::JsonObject;

constexpr std::string_view ownPrefix = "_qbatch";
constexpr std::string_view counterPrefix = "_qbatch_counter_";
constexpr std::int64_t largestCount = std::int64_t{1} << 53;  // beyond it JSON readers begin to round
constexpr std::size_t longestName = 48;

[[noreturn]] void reject(const PointId& id, const std::string& problem) {
  throw RequestError(Error(Errc::invalidItem, Origin::server, fmt::format("point {}: {}", id.toString(), problem)));
}

bool holdsSomething(const std::string* raw) { return raw != nullptr && *raw != "null"; }

bool counterName(std::string_view name) {
  return !name.empty() && name.size() <= longestName && name.substr(0, ownPrefix.size()) != ownPrefix &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

void setMembers(JsonObject& payload, const MetricChange& change) {
  if (change.setJson.empty()) return;
  JsonObject members;
  try {
    members = JsonObject::parse(change.setJson);
  } catch (const ParseError& error) {
    reject(change.id, fmt::format("what is to be set is no valid JSON object: {}", error.what()));
  }
  for (const auto& [name, raw] : members.members()) {
    if (std::string_view(name).substr(0, ownPrefix.size()) == ownPrefix) {
      reject(change.id, fmt::format("the name `{}` is kept for qbatch itself: use another", name));
    }
    if (raw == "null") {
      payload.erase(name);
    } else {
      payload.set(name, raw);
    }
  }
}

void increment(JsonObject& payload, const PointId& id, const std::string& name, std::int64_t by, const FieldNames& fields) {
  if (!counterName(name)) {
    reject(id, fmt::format("`{}` cannot be a counter's name: use 1 to {} letters, digits and `_`, not beginning with `_qbatch`", name,
                           longestName));
  }
  std::int64_t count = 0;
  if (const std::string* raw = payload.find(name); holdsSomething(raw)) {
    const auto whole = codec::integerValue(*raw);
    if (!whole) {
      const auto kind = codec::kindName(*raw);
      reject(id, fmt::format("`{}` holds {}, which cannot be counted up: set it to a whole number first", name,
                             kind == "number" ? fmt::format("the number {}", *raw) : fmt::format("a value of kind {}", kind)));
    }
    count = *whole;
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(count, by, &sum) || sum > largestCount || sum < -largestCount) {
    reject(id, fmt::format("`{}` would leave the range of exact counts (2^53): it is {}, and {} was to be added", name, count, by));
  }
  std::string text;
  codec::appendInteger(text, sum);
  payload.set(name, std::move(text));
  if (name != fields.usageCount) payload.set(std::string(counterPrefix) + name, "true");
}

void setSuccessRate(JsonObject& payload, const MetricChange& change, const FieldNames& fields) {
  if (change.successRateJson.empty()) return;
  const auto number = codec::numberValue(change.successRateJson);
  if (!number || !std::isfinite(*number)) reject(change.id, fmt::format("the success rate `{}` is no number", change.successRateJson));
  payload.set(fields.successRate, change.successRateJson);
}

void setLastUsed(JsonObject& payload, const MetricChange& change, const FieldNames& fields) {
  if (change.lastUsed.empty()) return;
  const auto wanted = codec::parseTimestamp(change.lastUsed);
  if (!wanted) reject(change.id, fmt::format("the time `{}` is not in the form of RFC 3339, as in 2025-01-15T12:00:00Z", change.lastUsed));
  if (const std::string* raw = payload.find(fields.lastUsed)) {
    const auto text = codec::stringValue(*raw);
    const auto stored = text ? codec::parseTimestamp(*text) : std::nullopt;
    if (stored && *stored > *wanted) return;
  }
  std::string text;
  codec::appendString(text, change.lastUsed);
  payload.set(fields.lastUsed, std::move(text));
}

}  // namespace

std::string changedPayload(std::string_view stored, const MetricChange& change, const FieldNames& fields) {
  JsonObject payload = JsonObject::parse(stored);
  setMembers(payload, change);
  for (const auto& [name, by] : change.increments) increment(payload, change.id, name, by, fields);
  setSuccessRate(payload, change, fields);
  setLastUsed(payload, change, fields);
  return payload.text();
}

}  // namespace qbatch::local
