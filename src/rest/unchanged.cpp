#include "rest/unchanged.hpp"

#include <algorithm>

#include "codec/encode_requests.hpp"
#include "codec/json_object.hpp"
#include "codec/json_writer.hpp"

namespace qbatch::rest {

namespace {

void appendCondition(std::string& out, std::string_view path, std::string_view condition) {
  out += R"({"key":)";
  codec::appendString(out, path);
  out += condition;
}

void appendIds(std::string& out, std::span<const PointId> ids) {
  out += R"({"has_id":)";
  codec::appendPointIds(out, ids);
  out += '}';
}

bool comparable(const std::pair<std::string, std::string>& member) {
  constexpr std::size_t longest = 512;  // a text that somebody else replaced would hardly keep all the rest
  const bool named = !member.first.empty() && member.first.find('"') == std::string::npos;  // by a path
  return named && member.second.size() <= longest;
}

}  // namespace

std::string pathOf(std::string_view key) {
  const bool plain = std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return plain ? std::string(key) : '"' + std::string(key) + '"';
}

std::string idFilter(std::span<const PointId> ids) {
  std::string filter = R"({"must":[)";
  appendIds(filter, ids);
  filter += "]}";
  return filter;
}

void appendUnchanged(std::string& out, std::string_view key, const std::string* raw) {
  const auto path = pathOf(key);
  if (raw == nullptr || *raw == "null" || *raw == "[]") {
    out += R"(,{"is_empty":{"key":)";
    codec::appendString(out, path);
    out += "}}";
    return;
  }
  const auto kind = codec::kindName(*raw);
  if (kind == "array" || kind == "object") return;
  out += ',';
  if (kind == "number" && !codec::integerValue(*raw))
    appendCondition(out, path, R"(,"range":{"gte":)" + *raw + R"(,"lte":)" + *raw + "}}");
  else
    appendCondition(out, path, R"(,"match":{"value":)" + *raw + "}}");
}

std::string filterOf(const std::map<std::string, std::vector<PointId>>& pointsByConditions) {
  if (pointsByConditions.empty()) return idFilter({});
  std::string filter = R"({"should":[)";
  for (const auto& [conditions, ids] : pointsByConditions) {
    if (filter.back() != '[') filter += ',';
    filter += R"({"must":[)";
    appendIds(filter, ids);
    filter += conditions + "]}";
  }
  filter += "]}";
  return filter;
}

std::string unchangedFilter(std::span<const PointId> ids, std::span<const PointBefore> before) {
  std::map<std::string, std::vector<PointId>> asRead;  // points by the conditions that they share
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!before[i].exists) continue;
    std::string conditions;
    const auto object = codec::JsonObject::ofPayload(before[i].payload);
    for (const auto& member : object.members())
      if (comparable(member)) appendUnchanged(conditions, member.first, &member.second);
    asRead[conditions].push_back(ids[i]);
  }
  return filterOf(asRead);
}

}  // namespace qbatch::rest
