#include "metrics/keep_metrics.hpp"

#include "codec/json_object.hpp"

namespace qbatch::metrics {

namespace {

using codec::JsonObject;

constexpr std::string_view ownPrefix = "_qbatch";
constexpr std::string_view counterPrefix = "_qbatch_counter_";

void keep(const JsonObject& stored, JsonObject& fresh, const std::string& name) {
  if (const std::string* raw = stored.find(name); raw != nullptr && *raw != "null") fresh.set(name, *raw);
}

}  // namespace

std::string keepMetrics(std::string_view stored, std::string_view fresh, const FieldNames& fields) {
  const JsonObject before = JsonObject::parse(stored);
  JsonObject result = JsonObject::parse(fresh);
  for (const std::string* name : {&fields.usageCount, &fields.successRate, &fields.lastUsed}) keep(before, result, *name);
  for (const auto& [name, raw] : before.members()) {
    if (!name.starts_with(ownPrefix)) continue;
    result.set(name, raw);
    if (name.starts_with(counterPrefix) && raw == "true") keep(before, result, name.substr(counterPrefix.size()));
  }
  return result.text();
}

}  // namespace qbatch::metrics
