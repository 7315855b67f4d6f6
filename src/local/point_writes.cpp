#include "local/point_writes.hpp"

#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <utility>

#include "codec/json_object.hpp"
#include "codec/json_writer.hpp"
#include "codec/timestamp.hpp"
#include "metrics/counter_value.hpp"

namespace qbatch::local {
namespace {

using codec::JsonObject;

constexpr std::string_view ownPrefix = "_qbatch";
constexpr std::string_view counterPrefix = "_qbatch_counter_";

[[noreturn]] void reject(const PointId& id, const std::string& problem) {
  throw RequestError(Error(Errc::invalidItem, Origin::server, fmt::format("point {}: {}", id.toString(), problem)));
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
  if (!metrics::isCounterName(name)) {
    reject(id, fmt::format("`{}` cannot be a counter's name: use 1 to 48 letters, digits and `_`, not beginning with `_qbatch`", name));
  }
  std::int64_t sum = 0;
  try {
    sum = metrics::counterSum(name, metrics::counterValue(name, payload.find(name)), by);
  } catch (const metrics::CounterProblem& problem) {
    reject(id, problem.what());
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
