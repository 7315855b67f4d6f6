#include "metrics/guarded_operation.hpp"

#include <fmt/core.h>

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

  GuardedOperation built() {
    setMembers();
    for (const auto& [name, by] : change_.increments) increment(name, by);
    setSuccessRate();
    setLastUsed();
    if (payload_.empty()) return {};
    payload_.set(flush_.markKey(), std::to_string(flush_.sequence));
    payload_.set(stampKey, quoted(fmt::format("{}.{}", flush_.writer, flush_.sequence)));
    return {std::move(guards_), payload_.text()};
  }

 private:
  void setMembers() {
    if (change_.setJson.empty()) return;
    try {
      payload_ = JsonObject::parse(change_.setJson);
    } catch (const ParseError& error) {
      reject(change_.id, fmt::format("what is to be set is no valid JSON object: {}", error.what()));
    }
    for (const auto& [name, raw] : payload_.members()) {
      if (name.starts_with(ownPrefix)) reject(change_.id, fmt::format("the name `{}` is kept for qbatch itself: use another", name));
    }
  }

  void increment(const std::string& name, std::int64_t by) {
    if (!isCounterName(name)) {
      reject(change_.id,
             fmt::format("`{}` cannot be a counter's name: use 1 to 48 letters, digits and `_`, not beginning with `_qbatch`", name));
    }
    try {
      const auto* fresh = payload_.find(name);
      const auto value = counterValue(name, fresh != nullptr ? fresh : stored_.find(name));
      const auto sum = counterSum(name, value, by);
      if (fresh == nullptr) guards_ += value.number ? valueGuard(name, std::to_string(*value.number)) : emptyGuard(name);
      payload_.set(name, std::to_string(sum));
    } catch (const CounterProblem& problem) {
      reject(change_.id, problem.what());
    }
    if (name != flush_.fields.usageCount) payload_.set("_qbatch_counter_" + name, "true");
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
    // Another may write a later time meanwhile: then this one has to be compared with that.
    if (fresh == nullptr && (held == nullptr || *held == "null")) guards_ += emptyGuard(flush_.fields.lastUsed);
    if (fresh == nullptr && text) guards_ += valueGuard(flush_.fields.lastUsed, *held);
    payload_.set(flush_.fields.lastUsed, quoted(change_.lastUsed));
  }

  const MetricChange& change_;
  const JsonObject& stored_;
  const Flush& flush_;
  JsonObject payload_;
  std::string guards_;
};

std::string filterText(const std::vector<std::size_t>& positions, const std::string& guards, std::span<const MetricChange> changes,
                       const Flush& flush) {
  std::string out = R"({"must":[{"has_id":[)";
  for (const auto position : positions) {
    if (out.back() != '[') out += ',';
    codec::appendPointId(out, changes[position].id);
  }
  out += fmt::format(R"(]}}{}],"must_not":[{{"key":{},"range":{{"gte":{}}}}}]}})", guards, quoted(flush.markKey()), flush.sequence);
  return out;
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

GuardedOperation guardedOperation(const MetricChange& change, const JsonObject& stored, const Flush& flush) {
  return OperationBuilder(change, stored, flush).built();
}

std::vector<SharedOperation> sharedOperations(std::span<const std::pair<std::size_t, GuardedOperation>> operations,
                                              std::span<const MetricChange> changes, const Flush& flush) {
  std::vector<SharedOperation> shared;
  std::vector<const GuardedOperation*> firsts;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& [position, operation] : operations) {
    // Guards are empty or begin with a comma, a payload begins with a brace: the pair can be read back from the joined text.
    const auto place = places.try_emplace(operation.guards + operation.payload, shared.size()).first->second;
    if (place == shared.size()) {
      shared.emplace_back();
      firsts.push_back(&operation);
    }
    shared[place].positions.push_back(position);
  }
  for (std::size_t i = 0; i < shared.size(); ++i)
    shared[i].operation = codec::SetPayload{firsts[i]->payload, filterText(shared[i].positions, firsts[i]->guards, changes, flush)};
  return shared;
}

}  // namespace qbatch::metrics
