#include "codec/item_lines.hpp"

#include <string_view>

namespace qbatch::codec {
namespace {

constexpr std::string_view aPattern = "a pattern", anUpdate = "an update", aQuery = "a query";
constexpr std::string_view patternNames[] = {"description", "code", "language", "metadata", "id", "vector"};
constexpr std::string_view updateNames[] = {"id", "increment_usage", "success_rate", "last_used", "set"};
constexpr std::string_view queryNames[] = {"text", "vector"};

bool take(Pattern& pattern, Member& member) {
  const auto name = member.name();
  if (name == "description") {
    pattern.description = member.text();
  } else if (name == "code") {
    pattern.code = member.text();
  } else if (name == "language") {
    pattern.language = member.text();
  } else if (name == "metadata") {
    pattern.metadata = member.object();
  } else if (name == "id") {
    pattern.id = member.id();
  } else if (name == "vector") {
    pattern.vector = member.vector();
  } else {
    return false;
  }
  return true;
}

bool take(MetricUpdate& update, bool& named, Member& member) {
  const auto name = member.name();
  if (name == "id") {
    update.id = member.id();
    named = true;
  } else if (name == "increment_usage") {
    update.incrementUsage = member.wholeNumberOrBool();
  } else if (name == "success_rate") {
    update.successRate = member.number();
  } else if (name == "last_used") {
    update.lastUsed = member.text();
  } else if (name == "set") {
    update.set = member.object();
  } else {
    return false;
  }
  return true;
}

bool take(Query& query, Member& member) {
  if (member.name() == "text") {
    query.text = member.text();
  } else if (member.name() == "vector") {
    query.vector = member.vector();
  } else {
    return false;
  }
  return true;
}

void requireId(bool named) {
  if (!named) throw LineError("\"id\" is missing: which point to update");
}

}  // namespace

Pattern readPattern(JsonLines& json, std::string& line) {
  Pattern pattern;
  json.read(
      line, [&](Member& member) { return take(pattern, member); }, aPattern, patternNames);
  return pattern;
}

Pattern patternOf(Member& member) {
  Pattern pattern;
  member.members([&](Member& inner) { return take(pattern, inner); }, aPattern, patternNames);
  return pattern;
}

MetricUpdate updateOf(Member& member) {
  MetricUpdate update;
  bool named = false;
  member.members([&](Member& inner) { return take(update, named, inner); }, anUpdate, updateNames);
  requireId(named);
  return update;
}

Query queryOf(Member& member) {
  Query query;
  member.members([&](Member& inner) { return take(query, inner); }, aQuery, queryNames);
  return query;
}

MetricUpdate readMetricUpdate(JsonLines& json, std::string& line) {
  MetricUpdate update;
  bool named = false;
  json.read(
      line, [&](Member& member) { return take(update, named, member); }, anUpdate, updateNames);
  requireId(named);
  return update;
}

Query readQuery(JsonLines& json, std::string& line) {
  Query query;
  json.read(
      line, [&](Member& member) { return take(query, member); }, aQuery, queryNames);
  return query;
}

}  // namespace qbatch::codec
