#include "batch/stored_content.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>

#include "codec/json_equal.hpp"
#include "codec/json_object.hpp"
#include "codec/kept_member.hpp"

namespace qbatch::batch {

namespace {

using codec::JsonObject;
using Wanted = std::function<bool(std::string_view)>;

bool missing(const std::string* raw) { return raw == nullptr || *raw == "null"; }

bool oneWay(const JsonObject& a, const JsonObject& b, const Wanted& counts) {
  return std::all_of(a.members().begin(), a.members().end(), [&](const auto& member) {
    if (!counts(member.first) || member.second == "null") return true;
    const auto* other = b.find(member.first);
    return !missing(other) && codec::jsonEqual(member.second, *other);
  });
}

bool samePayload(const JsonObject& a, const JsonObject& b, const Wanted& counts) { return oneWay(a, b, counts) && oneWay(b, a, counts); }

double lengthOf(std::span<const float> vector) {
  double sum = 0;
  for (const double value : vector) sum += value * value;
  return std::sqrt(sum);
}

// What was looked up may lack the texts, which are long.
bool asBefore(const PointBefore& before, std::string_view payload, const ContentRules& rules) {
  const auto then = JsonObject::ofPayload(before.payload), now = JsonObject::ofPayload(payload);
  if (rules.existing != Existing::keepMetrics) return samePayload(then, now, [](std::string_view) { return true; });
  const auto& fields = rules.fields;
  return samePayload(then, now, [&](std::string_view name) {
    const bool text = name == fields.description || name == fields.code || name == fields.language;
    return !codec::isKept(name, now, fields) && !(text && then.find(name) == nullptr);
  });
}

// A condition that nothing fulfils (its member is none of those that comparing passes over): what somebody else has written is not to be
// overwritten, whatever else it has in common with before.
Found overwritten(std::optional<PointBefore>& before) {
  before = PointBefore{true, R"({"qbatch:superseded":true})"};
  return Found::superseded;
}

}  // namespace

bool sameVector(std::span<const float> sent, std::span<const float> stored, const ContentRules& rules) {
  if (sent.size() != stored.size()) return false;
  // A zero vector cannot be normalised, and stays as it is.
  const double length = rules.distance == Distance::cosine ? lengthOf(sent) : 1;
  const double scale = length > 0 ? 1 / length : 1;
  double largest = 0;
  for (const double value : sent) largest = std::max(largest, std::abs(value * scale));
  const double tolerance = static_cast<double>(rules.tolerance) * largest;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const double difference = std::abs(static_cast<double>(sent[i]) * scale - static_cast<double>(stored[i]));
    if (!(difference <= tolerance)) return false;
  }
  return true;
}

bool samePayload(std::string_view sent, std::string_view stored, const ContentRules& rules) {
  const auto wanted = JsonObject::ofPayload(sent), there = JsonObject::ofPayload(stored);
  const bool all = rules.existing == Existing::replace;
  return samePayload(wanted, there, [&](std::string_view name) { return all || !codec::isKept(name, there, rules.fields); });
}

bool sameContent(const PointView& sent, const StoredPoint& stored, const ContentRules& rules) {
  return sameVector(sent.vector, stored.vector, rules) && samePayload(sent.payload, stored.payload, rules);
}

Found upserted(const PointView& sent, const StoredPoint* stored, std::optional<PointBefore>& before, const ContentRules& rules) {
  if (stored == nullptr) {
    if (before && before->exists) return overwritten(before);
    before = PointBefore();
    return Found::untouched;
  }
  if (rules.existing == Existing::skip || sameContent(sent, *stored, rules)) return Found::asSent;
  if (before && !(before->exists && asBefore(*before, stored->payload, rules))) return overwritten(before);
  before = PointBefore{true, stored->payload};
  return Found::untouched;
}

Found deleted(const StoredPoint* stored, std::optional<PointBefore>& before) {
  if (stored == nullptr) return Found::asSent;
  if (before && !codec::jsonEqual(before->payload, stored->payload)) return overwritten(before);
  before = PointBefore{true, stored->payload};
  return Found::untouched;
}

}  // namespace qbatch::batch
