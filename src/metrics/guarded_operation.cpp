#include "metrics/guarded_operation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <unordered_map>

#include "codec/encode_points.hpp"
#include "codec/json_writer.hpp"
#include "codec/timestamp.hpp"
#include "metrics/counter_value.hpp"

namespace qbatch::metrics {
namespace {

using codec::JsonObject;

constexpr std::string_view ownPrefix = "_qbatch";

std::string counterNote(const std::string& name) { return "_qbatch_counter_" + name; }

[[noreturn]] void reject(const PointId& id, const std::string& problem) {
  throw RequestError(Error(Errc::invalidItem, Origin::server, fmt::format("point {}: {}", id.toString(), problem)));
}

std::string quoted(std::string_view text) {
  std::string out;
  codec::appendString(out, text);
  return out;
}

// Holds for what is missing and for null, and null counts as missing here.
std::string emptyGuard(std::string_view name) { return fmt::format(R"(,{{"is_empty":{{"key":{}}}}})", quoted(name)); }

std::string valueGuard(std::string_view name, std::string_view rawJson) {
  return fmt::format(R"(,{{"key":{},"match":{{"value":{}}}}})", quoted(name), rawJson);
}

class OperationBuilder {
 public:
  OperationBuilder(const MetricChange& change, const JsonObject& stored, const Flush& flush)
      : change_(change), stored_(stored), flush_(flush) {}

  GuardedOperation built(unsigned rungs) {
    setMembers();
    for (const auto& [name, by] : change_.increments) increment(name, by);
    setSuccessRate();
    setLastUsed();
    if (payload_.empty()) return {};
    payload_.set(flush_.markKey(), std::to_string(flush_.sequence));
    payload_.set(stampKey, quoted(fmt::format("{}.{}", flush_.writer, flush_.sequence)));
    GuardedOperation operation;
    operation.rungs.push_back({must_ + counterGuards_, mustNot_, payload_.text()});
    if (onlyCounter_ && !flush_.indexedOnly) addRungs(operation, rungs);
    return operation;
  }

 private:
  // For what others may have counted up since the counter was read.
  void addRungs(GuardedOperation& operation, unsigned rungs) {
    const auto& [name, by] = change_.increments.front();
    for (unsigned step = 1; step < rungs; ++step) {
      const auto value = onlyCounter_->number.value_or(0) + static_cast<std::int64_t>(step);
      if (std::max(value, value + by) > largestCount) return;
      payload_.set(name, std::to_string(value + by));
      operation.rungs.push_back({must_ + valueGuard(name, std::to_string(value)), mustNot_, payload_.text()});
    }
  }

  void setMembers() {
    if (change_.setJson.empty()) return;
    try {
      payload_ = JsonObject::parse(change_.setJson);
    } catch (const ParseError& error) {
      reject(change_.id, fmt::format("what is to be set is no valid JSON object: {}", error.what()));
    }
    for (const auto& [name, raw] : payload_.members()) {
      if (name.starts_with(ownPrefix)) reject(change_.id, fmt::format("the name `{}` is kept for qbatch itself: use another", name));
      if (flush_.indexedOnly && isCounter(name)) rejectLowering(name, "set");
    }
  }

  [[nodiscard]] bool isCounter(const std::string& name) const {
    return name == flush_.fields.usageCount || stored_.find(counterNote(name)) != nullptr ||
           std::any_of(change_.increments.begin(), change_.increments.end(), [&](const auto& each) { return each.first == name; });
  }
  [[noreturn]] void rejectLowering(const std::string& name, std::string_view what) const {
    reject(change_.id,
           fmt::format("`{}` cannot be {} here: the collection's strict mode lets only members with an index guard a write, so a "
                       "repeated write is told from a new one only while counts never fall; allow updates to filter without an "
                       "index (unindexed_filtering_update) for this",
                       name, what));
  }

  void increment(const std::string& name, std::int64_t by) {
    if (!isCounterName(name)) {
      reject(change_.id,
             fmt::format("`{}` cannot be a counter's name: use 1 to 48 letters, digits and `_`, not beginning with `_qbatch`", name));
    }
    if (flush_.indexedOnly && by < 0) rejectLowering(name, "counted down");
    try {
      const auto* fresh = payload_.find(name);
      const auto value = counterValue(name, fresh != nullptr ? fresh : stored_.find(name));
      const auto sum = counterSum(name, value, by);
      if (fresh == nullptr) counterGuards_ += value.number ? valueGuard(name, std::to_string(*value.number)) : emptyGuard(name);
      payload_.set(name, std::to_string(sum));
      if (change_.increments.size() == 1 && fresh == nullptr) onlyCounter_ = value;
    } catch (const CounterProblem& problem) {
      reject(change_.id, problem.what());
    }
    if (name != flush_.fields.usageCount) payload_.set(counterNote(name), "true");
  }

  void setSuccessRate() {
    if (change_.successRateJson.empty()) return;
    std::optional<double> number;
    try {
      number = codec::numberValue(codec::checkedJson(change_.successRateJson));
    } catch (const ParseError&) {
      // no JSON at all: no number either
    }
    if (!number || !std::isfinite(*number)) reject(change_.id, fmt::format("the success rate `{}` is no number", change_.successRateJson));
    payload_.set(flush_.fields.successRate, change_.successRateJson);
  }

  void setLastUsed() {
    if (change_.lastUsed.empty()) return;
    const auto wanted = codec::parseTimestamp(change_.lastUsed);
    if (!wanted) {
      reject(change_.id, fmt::format("the time `{}` is not in the form of RFC 3339, as in 2025-01-15T12:00:00Z", change_.lastUsed));
    }
    const auto* fresh = payload_.find(flush_.fields.lastUsed);
    const auto* held = fresh != nullptr ? fresh : stored_.find(flush_.fields.lastUsed);
    const auto text = held != nullptr ? codec::stringValue(*held) : std::nullopt;
    const auto known = text ? codec::parseTimestamp(*text) : std::nullopt;
    if (known && *known > *wanted) return;
    payload_.set(flush_.fields.lastUsed, quoted(change_.lastUsed));
    if (fresh != nullptr || flush_.indexedOnly) return;
    // Another may write a later time meanwhile: then this one has to be compared with that. A text that is a time for the server alone
    // would not be written over by the first of these guards.
    if (held == nullptr || *held == "null" || known)
      mustNot_ = fmt::format(R"(,{{"key":{},"range":{{"gt":{}}}}})", quoted(flush_.fields.lastUsed), quoted(change_.lastUsed));
    else if (text)
      must_ += valueGuard(flush_.fields.lastUsed, *held);
  }

  const MetricChange& change_;
  const JsonObject& stored_;
  const Flush& flush_;
  JsonObject payload_;
  std::string must_, counterGuards_, mustNot_;
  std::optional<CounterValue> onlyCounter_{};  // as it was read
};

std::string filterText(const std::vector<std::size_t>& positions, const GuardedOperation::Rung& rung, std::span<const MetricChange> changes,
                       const Flush& flush) {
  std::string out = R"({"must":[{"has_id":[)";
  for (const auto position : positions) {
    if (out.back() != '[') out += ',';
    codec::appendPointId(out, changes[position].id);
  }
  out += fmt::format("]}}{}]", rung.must);
  if (!flush.indexedOnly)
    out += fmt::format(R"(,"must_not":[{{"key":{},"range":{{"gte":{}}}}}{}])", quoted(flush.markKey()), flush.sequence, rung.mustNot);
  return out + '}';
}

}  // namespace

std::vector<std::string> keysToRead(std::span<const MetricChange> changes, const Flush& flush) {
  std::set<std::string> keys{flush.markKey(), std::string(stampKey)};
  for (const auto& change : changes) {
    // A name that cannot be a counter's could be read as a path; its change is refused later.
    for (const auto& [name, by] : change.increments) {
      if (isCounterName(name)) keys.insert(name);
    }
    if (!change.lastUsed.empty()) keys.insert(flush.fields.lastUsed);
  }
  return {keys.begin(), keys.end()};
}

GuardedOperation guardedOperation(const MetricChange& change, const JsonObject& stored, const Flush& flush, unsigned rungs) {
  return OperationBuilder(change, stored, flush).built(rungs);
}

std::vector<SharedOperation> sharedOperations(std::span<const std::pair<std::size_t, GuardedOperation>> operations,
                                              std::span<const MetricChange> changes, const Flush& flush) {
  std::vector<SharedOperation> shared;
  std::vector<const GuardedOperation::Rung*> firsts;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& [position, operation] : operations) {
    for (const auto& rung : operation.rungs) {
      // Guards are empty or begin with a comma, a payload begins with a brace; the guard of `must_not` follows from the payload.
      const auto place = places.try_emplace(rung.must + rung.payload + rung.mustNot, shared.size()).first->second;
      if (place == shared.size()) {
        shared.emplace_back();
        firsts.push_back(&rung);
      }
      shared[place].positions.push_back(position);
    }
  }
  for (std::size_t i = 0; i < shared.size(); ++i)
    shared[i].operation = codec::SetPayload{firsts[i]->payload, filterText(shared[i].positions, *firsts[i], changes, flush)};
  return shared;
}

codec::BatchOperation barrier(const PointId& somePoint) {
  std::string id;
  codec::appendPointId(id, somePoint);
  return codec::SetPayload{fmt::format(R"({{"{}":"barrier"}})", stampKey),
                           fmt::format(R"({{"must":[{{"has_id":[{0}]}}],"must_not":[{{"has_id":[{0}]}}]}})", id)};
}

}  // namespace qbatch::metrics
