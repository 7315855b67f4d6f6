#include "qbatch/filter.hpp"

#include <algorithm>
#include <cmath>

#include "codec/json_check.hpp"
#include "codec/json_object.hpp"
#include "codec/json_walk.hpp"
#include "codec/json_writer.hpp"
#include "codec/utf8.hpp"
#include "qbatch/error.hpp"

namespace qbatch {
namespace {

std::string jsonString(std::string_view text) {
  std::string out;
  codec::appendString(out, text);
  return out;
}

/// The key as a JSON string. Throws ConfigError where it can be none.
std::string keyText(std::string_view condition, std::string_view key) {
  const std::string where = "filter, " + std::string(condition) + ": ";
  if (key.empty()) throw ConfigError({where + "the key is empty; name a payload member"});
  if (const auto bad = codec::findInvalidUtf8(key)) {
    throw ConfigError({where + "the key is not valid UTF-8 at byte " + std::to_string(*bad)});
  }
  return jsonString(key);
}

/// A string, an integer or a boolean as JSON. Throws ConfigError for anything else.
std::string valueText(const std::string& where, const Payload::Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (const auto bad = codec::findInvalidUtf8(*text)) {
      throw ConfigError({where + ": the text is not valid UTF-8 at byte " + std::to_string(*bad)});
    }
    return jsonString(*text);
  }
  const bool null = std::holds_alternative<std::nullptr_t>(value);
  throw ConfigError({where + (null ? ": null is never matched; use isEmpty" : ": floating-point numbers are never matched; use range")});
}

void appendBound(std::string& out, std::string_view name, std::optional<double> bound) {
  if (!bound) return;
  if (!std::isfinite(*bound)) {
    throw ConfigError({"filter, range: the bound " + std::string(name) + " is not finite; leave it out where there is none"});
  }
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
  codec::appendDouble(out, *bound);
}

/// A clause of Qdrant's filter: an array of conditions, one condition, or null for none.
std::vector<std::string> conditions(std::string_view name, const codec::JsonWalk::Entry& clause) {
  const std::size_t begin = clause.end - clause.value.size();
  const auto refuse = [&](std::string_view value, std::size_t offset) {
    throw ParseError("filter: " + std::string(name) + " must hold conditions, which are JSON objects; this is of the kind " +
                         std::string(codec::kindName(value)),
                     offset);
  };
  const std::string_view kind = codec::kindName(clause.value);
  if (kind == "null") return {};
  if (kind == "object") return {codec::checkJson(clause.value)};
  if (kind != "array") refuse(clause.value, begin);
  std::vector<std::string> found;
  codec::JsonWalk walk(clause.value);
  while (const auto element = walk.next()) {
    if (codec::kindName(element->value) != "object") refuse(element->value, begin + element->begin);
    found.push_back(codec::checkJson(element->value));
  }
  return found;
}

std::string minShould(const codec::JsonWalk::Entry& member) {
  const std::string_view kind = codec::kindName(member.value);
  if (kind == "null") return {};
  if (kind == "object") return codec::checkJson(member.value);
  throw ParseError("filter: min_should must be an object with conditions and min_count; this is of the kind " + std::string(kind),
                   member.end - member.value.size());
}

void appendClause(std::string& out, std::string_view name, const std::vector<std::string>& conditions) {
  if (conditions.empty()) return;
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":[";
  for (const auto& condition : conditions) {
    if (out.back() != '[') out += ',';
    out += condition;
  }
  out += ']';
}

}  // namespace

Condition match(std::string_view key, Payload::Value value) {
  const std::string name = keyText("match", key);
  return Condition("{\"key\":" + name + ",\"match\":{\"value\":" + valueText("filter, match of " + name, value) + "}}");
}

Condition matchAny(std::string_view key, std::vector<Payload::Value> values) {
  const std::string name = keyText("matchAny", key);
  std::string list;
  for (const auto& value : values) {
    if (value.index() != values.front().index() || std::holds_alternative<bool>(value)) {
      throw ConfigError({"filter, matchAny of " + name + ": the values must be all strings or all integers"});
    }
    if (!list.empty()) list += ',';
    list += valueText("filter, matchAny of " + name, value);
  }
  return Condition("{\"key\":" + name + ",\"match\":{\"any\":[" + list + "]}}");
}

Condition range(std::string_view key, std::optional<double> gte, std::optional<double> lt) {
  std::string json = "{\"key\":" + keyText("range", key) + ",\"range\":{";
  if (!gte && !lt) throw ConfigError({"filter, range: both bounds are missing; give gte, lt or both"});
  appendBound(json, "gte", gte);
  appendBound(json, "lt", lt);
  return Condition(json + "}}");
}

Condition hasId(std::vector<PointId> ids) {
  std::string json = "{\"has_id\":[";
  for (const auto& id : ids) {
    if (json.back() != '[') json += ',';
    json += id.isNumber() ? id.toString() : jsonString(id.toString());
  }
  return Condition(json + "]}");
}

Condition isEmpty(std::string_view key) { return Condition("{\"is_empty\":{\"key\":" + keyText("isEmpty", key) + "}}"); }

Filter::Filter() = default;

Filter Filter::json(std::string_view text) {
  const std::string compact = codec::checkJson(text);
  if (compact.front() != '{') {
    throw ParseError("a filter must be a JSON object, this is of the kind " + std::string(codec::kindName(compact)),
                     text.find_first_not_of(" \t\n\r"));
  }
  Filter filter;
  std::vector<std::string> seen;
  codec::JsonWalk walk(text);  // not the compact text, so that offsets are those of the caller's
  while (const auto member = walk.next()) {
    const std::string name = codec::unescape(member->name);
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) throw ParseError("filter: '" + name + "' stands twice", member->begin);
    seen.push_back(name);
    if (name == "must") {
      filter.must_ = conditions(name, *member);
    } else if (name == "should") {
      filter.should_ = conditions(name, *member);
    } else if (name == "must_not") {
      filter.mustNot_ = conditions(name, *member);
    } else if (name == "min_should") {
      filter.minShould_ = minShould(*member);
    } else {
      throw ParseError("filter: unknown member '" + name + "'; known are must, should, must_not and min_should", member->begin);
    }
  }
  return filter;
}

Filter& Filter::must(Condition condition) {
  must_.push_back(std::move(condition.json_));
  return *this;
}

Filter& Filter::should(Condition condition) {
  should_.push_back(std::move(condition.json_));
  return *this;
}

Filter& Filter::mustNot(Condition condition) {
  mustNot_.push_back(std::move(condition.json_));
  return *this;
}

bool Filter::empty() const noexcept { return must_.empty() && should_.empty() && mustNot_.empty() && minShould_.empty(); }

std::string Filter::json() const {
  std::string out = "{";
  appendClause(out, "must", must_);
  appendClause(out, "should", should_);
  appendClause(out, "must_not", mustNot_);
  if (!minShould_.empty()) out += (out.size() > 1 ? ",\"min_should\":" : "\"min_should\":") + minShould_;
  return out + '}';
}

}  // namespace qbatch
