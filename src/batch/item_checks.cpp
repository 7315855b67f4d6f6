#include "batch/item_checks.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "codec/json_object.hpp"
#include "codec/timestamp.hpp"
#include "codec/utf8.hpp"

namespace qbatch::batch {
namespace {

using Problem = std::optional<std::string>;
using Member = std::pair<std::string, std::string>;  // key and raw JSON value

constexpr std::string_view ownPrefix = "_qbatch";
constexpr std::int64_t mostAmount = std::int64_t{1} << 53;
constexpr std::string_view timestampAdvice = "give a time as in RFC 3339, for example 2025-01-15T12:00:00Z, or leave it out";

std::optional<Error> invalid(Problem problem) {
  if (!problem) return std::nullopt;
  return Error(Errc::invalidItem, Origin::caller, std::move(*problem));
}

/// A name or value for a message: readable whatever its bytes are, and not long.
std::string quoted(std::string_view text) {
  constexpr std::size_t most = 60;
  return text.size() <= most ? '"' + codec::toValidUtf8(text) + '"' : '"' + codec::toValidUtf8(text.substr(0, most)) + "...\"";
}

Problem checkText(std::string_view field, std::string_view text) {
  if (const auto bad = codec::findInvalidUtf8(text)) {
    return std::string(field) + ": the text is not valid UTF-8 at byte " + std::to_string(*bad) + "; convert it to UTF-8";
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return std::string(field) + ": the text has a NUL at byte " + std::to_string(nul) + "; remove it";
  }
  return std::nullopt;
}

bool isBlank(std::string_view text) noexcept { return text.find_first_not_of(" \t\n\r\f\v") == std::string_view::npos; }

/// Without branches, so that several are looked at at once: no float that is not finite is smaller by its bits than infinity.
bool allFinite(std::span<const float> vector) noexcept {
  std::int32_t largest = 0;
  for (const float value : vector) largest = std::max(largest, std::bit_cast<std::int32_t>(value) & 0x7FFF'FFFF);
  return largest < 0x7F80'0000;
}

Problem checkFinite(std::span<const float> vector) {
  if (allFinite(vector)) return std::nullopt;
  const auto bad = std::find_if(vector.begin(), vector.end(), [](float value) { return !std::isfinite(value); });
  return "vector: the value at position " + std::to_string(bad - vector.begin()) + " is " + (std::isnan(*bad) ? "NaN" : "infinite") +
         "; every value must be a finite float";
}

bool isTimestamp(std::string_view rawJson) {
  const auto text = codec::stringValue(rawJson);
  return text && codec::parseTimestamp(*text);
}

/// What is wrong with a member of metadata whose name means something to qbatch. Metadata calls the metrics by their documented names,
/// whatever the collection calls them.
Problem checkMetadataMember(const Member& member, const FieldNames& fields) {
  static const FieldNames documented;
  const auto& [key, value] = member;
  const auto where = "metadata: " + quoted(key);
  if (key == fields.description) return where + " is kept for the pattern's description; give it there, or rename the member";
  if (key == fields.code) return where + " is kept for the pattern's code; give it there, or rename the member";
  if (key == fields.language) return where + " is kept for the pattern's language; give it there, or rename the member";
  if (key == fields.usageCount || key == documented.usageCount)
    return where + " is kept for the usage count, which only updateMetrics changes; rename the member";
  if (key == fields.successRate && key != documented.successRate)
    return where + " is where the success rate is stored; call it success_rate";
  if (key == fields.lastUsed && key != documented.lastUsed)
    return where + " is where the time of the last use is stored; call it last_used";
  if (key.starts_with(ownPrefix)) return where + " begins with _qbatch, which is kept for qbatch's own members; rename the member";
  const auto kind = codec::kindName(value);
  if (kind == "null") return std::nullopt;
  if (key == documented.successRate && kind != "number") {
    return where + " is the success rate and must be a number or null; it is " + (kind == "array" || kind == "object" ? "an " : "a ") +
           std::string(kind);
  }
  if (key == documented.lastUsed && !isTimestamp(value))
    return where + " is the time of the last use and is not one; " + std::string(timestampAdvice);
  return std::nullopt;
}

Problem checkMetadata(const Payload& metadata, const FieldNames& fields) {
  if (metadata.empty()) return std::nullopt;
  const auto object = codec::JsonObject::parse(metadata.json());
  for (const auto& member : object.members()) {
    if (auto problem = checkMetadataMember(member, fields)) return problem;
  }
  return std::nullopt;
}

Problem patternProblem(const Pattern& pattern, const FieldNames& fields) {
  if (auto problem = checkText("description", pattern.description)) return problem;
  if (auto problem = checkText("code", pattern.code)) return problem;
  if (auto problem = checkText("language", pattern.language)) return problem;
  if (!pattern.id && pattern.description.empty() && pattern.code.empty()) {
    return "the pattern has neither text nor id: it needs description or code, or an id, because the id is made from the texts";
  }
  if (pattern.vector.empty() && isBlank(pattern.description) && isBlank(pattern.code)) {
    return "there is nothing to embed: description and code are empty or white space; give a text or a vector";
  }
  return checkMetadata(pattern.metadata, fields);
}

Problem queryProblem(const Query& query) {
  if (auto problem = checkText("text", query.text)) return problem;
  if (query.vector.empty() && isBlank(query.text))
    return "there is nothing to search for: the text is empty or white space; give a text or a vector";
  return std::nullopt;
}

Problem checkAmount(std::string_view field, std::int64_t amount) {
  if (amount >= -mostAmount && amount <= mostAmount) return std::nullopt;
  return std::string(field) + ": " + std::to_string(amount) + " is beyond 2^53, the most that a counter can hold exactly";
}

Problem checkCounterName(std::string_view name, const FieldNames& fields) {
  const auto where = "increments: " + quoted(name);
  if (!isMetricName(name)) {
    return where + " cannot be a counter's name; use 1 to 48 of A-Z, a-z, 0-9 and _, not beginning with _qbatch";
  }
  if (name == fields.successRate) return where + " is no counter; use successRate";
  if (name == fields.lastUsed) return where + " is no counter; use lastUsed";
  if (name == fields.description || name == fields.code || name == fields.language)
    return where + " holds a text of the pattern and is no counter; use another name";
  return std::nullopt;
}

Problem checkIncrements(const MetricUpdate& update, const FieldNames& fields) {
  if (auto problem = checkAmount("incrementUsage", update.incrementUsage)) return problem;
  std::vector<std::string_view> names;
  for (const auto& [name, amount] : update.increments) {
    if (auto problem = checkCounterName(name, fields)) return problem;
    if (auto problem = checkAmount("increments: " + quoted(name), amount)) return problem;
    if (name == fields.usageCount && update.incrementUsage != 0) {
      return "increments: " + quoted(name) + " is what incrementUsage adds to; use one of the two";
    }
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return std::nullopt;
  return "increments: " + quoted(*twice) + " stands twice; add the amounts up";
}

Problem checkSetMember(std::string_view key, const MetricUpdate& update, const FieldNames& fields) {
  const auto where = "set: " + quoted(key);
  for (const auto* text : {&fields.description, &fields.code, &fields.language}) {
    if (key == *text) return where + " holds a text of the pattern, whose vector would no longer fit; store the pattern again instead";
  }
  if (key == fields.usageCount) return where + " is the usage count; use incrementUsage";
  if (key == fields.successRate) return where + " is the success rate; use successRate";
  if (key == fields.lastUsed) return where + " is the time of the last use; use lastUsed";
  if (key.starts_with(ownPrefix)) return where + " begins with _qbatch, which is kept for qbatch's own members; use another name";
  const auto incremented = [&](const auto& increment) { return increment.first == key; };
  if (std::any_of(update.increments.begin(), update.increments.end(), incremented)) {
    return where + " is incremented by the same update; use increments or set, not both";
  }
  return std::nullopt;
}

Problem updateProblem(const MetricUpdate& update, const FieldNames& fields) {
  if (auto problem = checkIncrements(update, fields)) return problem;
  if (update.successRate && !std::isfinite(*update.successRate)) return "successRate: the value is not finite; give a finite number";
  if (update.lastUsed && !codec::parseTimestamp(*update.lastUsed))
    return "lastUsed: " + quoted(*update.lastUsed) + " is no time; " + std::string(timestampAdvice);
  if (update.set.empty()) return std::nullopt;
  const auto object = codec::JsonObject::parse(update.set.json());
  for (const auto& member : object.members()) {
    if (auto problem = checkSetMember(member.first, update, fields)) return problem;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Error> checkPattern(const Pattern& pattern, const FieldNames& fields) { return invalid(patternProblem(pattern, fields)); }

std::optional<Error> checkQuery(const Query& query) { return invalid(queryProblem(query)); }

std::optional<Error> checkUpdate(const MetricUpdate& update, const FieldNames& fields) { return invalid(updateProblem(update, fields)); }

std::optional<Error> checkVector(std::span<const float> vector, std::size_t dimension) {
  if (dimension != 0 && vector.size() != dimension) {
    return invalid("vector: it has " + std::to_string(vector.size()) + " values and the collection's dimension is " +
                   std::to_string(dimension) + "; give a vector made by the embedder that filled the collection");
  }
  return invalid(checkFinite(vector));
}

bool isMetricName(std::string_view name) noexcept {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= 48 && std::all_of(name.begin(), name.end(), allowed) && !name.starts_with(ownPrefix);
}

}  // namespace qbatch::batch
