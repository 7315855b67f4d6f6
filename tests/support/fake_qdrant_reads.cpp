#include "support/fake_qdrant_reads.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "local/distance.hpp"
#include "qbatch/error.hpp"
#include "support/fake_qdrant_selection.hpp"

namespace qbatch::test::fake {
namespace {

constexpr std::size_t usualLimit = 10;

std::size_t limitOf(Object body, const std::string& where) {
  const auto wish = member(body, "limit");
  const std::size_t limit = wish ? sizeOf(*wish) : usualLimit;
  if (limit == 0) throw Failure{422, "Validation error in JSON body: [" + where + ".limit: value 0 invalid, must be 1 or larger]", false};
  return limit;
}

local::FilterTree optionalFilter(Object body, const std::string& where) {
  const auto filter = member(body, "filter");
  return filter ? filterOf(*filter, where) : local::FilterTree();
}

void appendItem(std::string& list, const std::string& item) {
  if (list.size() > 1) list += ',';
  list += item;
}

/// One query, read and checked before any is carried out.
struct Query {
  std::vector<float> vector{};
  std::optional<PointId> example{};
  bool scored = false;  ///< false: points by id, all with the score 1
  std::string usingName{};
  local::FilterTree filter{};
  std::optional<double> threshold{};
  std::size_t limit = usualLimit, offset = 0;
  Selection selection;
};

void readTarget(Element value, Query& query) {
  query.scored = true;
  if (value.is_array()) {
    query.vector = floatsOf(value);
  } else if (value.is_object()) {
    const Object object(value);
    const auto nearest = member(object, "nearest");
    if (!nearest || object.size() != 1) throw formatError("the fake server knows no other query than `nearest`");
    readTarget(*nearest, query);
  } else {
    query.example = idOf(value);
  }
}

Query readQuery(Element value, const std::string& where) {
  const Object body = objectOf(value);
  Query query{{}, {}, false, {}, {}, {}, 0, 0, Selection(body, false)};
  for (const char* name : {"prefetch", "lookup_from"}) {
    if (member(body, name)) throw formatError("the fake server does not know `" + std::string(name) + "`");
  }
  query.limit = limitOf(body, where);
  if (const auto offset = member(body, "offset")) query.offset = sizeOf(*offset);
  if (const auto usingName = member(body, "using")) query.usingName = stringOf(*usingName);
  query.filter = optionalFilter(body, where);
  if (const auto threshold = member(body, "score_threshold")) {
    double number = 0;
    if (threshold->get_double().get(number) != simdjson::SUCCESS) throw formatError("score_threshold: expected f32");
    query.threshold = number;
  }
  if (const auto target = member(body, "query")) readTarget(*target, query);
  return query;
}

struct Hit {
  const PointId* id;
  const Point* point;
  float score;
};

/// The points that have the vector and pass, with their scores, the best first.
std::vector<Hit> ranked(const Collection& collection, const Query& query) {
  const auto space = collection.vectors.find(query.usingName);
  if (space == collection.vectors.end()) throw wrongInput("Not existing vector name error: " + query.usingName);
  const auto& [size, distance] = space->second;
  std::vector<float> target = query.vector;
  if (query.example) {
    const auto found = collection.points.find(*query.example);
    if (found == collection.points.end()) throw Failure{404, "Not found: No point with id " + query.example->toString() + " found", false};
    const auto vector = found->second.vectors.find(query.usingName);
    if (vector != found->second.vectors.end()) target = vector->second;
  }
  if (target.size() != size) {
    throw wrongInput("Vector dimension error: expected dim: " + std::to_string(size) + ", got " + std::to_string(target.size()));
  }
  target = local::prepared(distance, target);
  const local::Kernel kernel = local::plainKernelFor(distance);
  const bool larger = local::largerIsBetter(distance);
  std::vector<Hit> hits;
  for (const auto& [id, point] : collection.points) {
    const auto vector = point.vectors.find(query.usingName);
    if (vector == point.vectors.end() || (query.example && id == *query.example) || !passes(query.filter, id, point)) continue;
    const float score = local::scoreOf(distance, kernel(target.data(), vector->second.data(), size));
    const auto limit = static_cast<float>(query.threshold.value_or(0));
    if (!query.threshold || (larger ? score >= limit : score <= limit)) hits.push_back({&id, &point, score});
  }
  std::stable_sort(hits.begin(), hits.end(),
                   [larger](const Hit& a, const Hit& b) { return larger ? a.score > b.score : a.score < b.score; });
  return hits;
}

std::string carryOut(const Collection& collection, const Query& query) {
  std::vector<Hit> hits;
  if (query.scored) {
    hits = ranked(collection, query);
  } else {
    for (const auto& [id, point] : collection.points) {
      if (passes(query.filter, id, point)) hits.push_back({&id, &point, 1});
    }
  }
  std::string list = "[";
  for (std::size_t i = query.offset; i < hits.size() && i - query.offset < query.limit; ++i) {
    std::string score = ",\"version\":" + std::to_string(query.scored ? hits[i].point->version : 0) + ",\"score\":";
    appendFloatOrNull(score, hits[i].score);
    appendItem(list, query.selection.show(*hits[i].id, *hits[i].point, score));
  }
  return "{\"points\":" + list + "]}";
}

}  // namespace

std::string retrievePoints(const Collection& collection, Element value) {
  const Object body = objectOf(value);
  const auto ids = member(body, "ids");
  if (!ids) throw formatError("missing field `ids`");
  const Selection selection(body, true);
  std::set<PointId> shown;
  std::string list = "[";
  for (const PointId& id : idsOf(*ids)) {
    const auto found = collection.points.find(id);
    if (found != collection.points.end() && shown.insert(id).second) appendItem(list, selection.show(id, found->second));
  }
  return list + "]";
}

std::string retrievePoint(const Collection& collection, const std::string& text) {
  std::optional<PointId> id;
  try {
    id = PointId::parse(text);
  } catch (const ParseError&) {
    throw wrongInput("Can not recognize \"" + text + "\" as point id");
  }
  const auto found = collection.points.find(*id);
  if (found == collection.points.end()) throw Failure{404, "Not found: Point with id " + text + " does not exists!", false};
  return Selection::all().show(*id, found->second);
}

std::string scrollPoints(const Collection& collection, Element value) {
  const Object body = objectOf(value);
  const std::size_t limit = limitOf(body, "scroll_request");
  const auto filter = optionalFilter(body, "scroll_request");
  const Selection selection(body, true);
  const auto offset = member(body, "offset");
  std::string list = "[", next = "null";
  std::size_t shown = 0;
  for (auto at = offset ? collection.points.lower_bound(idOf(*offset)) : collection.points.begin(); at != collection.points.end(); ++at) {
    if (!passes(filter, at->first, at->second)) continue;
    if (shown++ == limit) {
      next = idText(at->first);
      break;
    }
    appendItem(list, selection.show(at->first, at->second));
  }
  return "{\"points\":" + list + "],\"next_page_offset\":" + next + "}";
}

std::string countPoints(const Collection& collection, Element value) {
  const auto filter = optionalFilter(objectOf(value), "count_request");
  const auto count = std::count_if(collection.points.begin(), collection.points.end(),
                                   [&](const auto& entry) { return passes(filter, entry.first, entry.second); });
  return "{\"count\":" + std::to_string(count) + "}";
}

std::string queryPoints(const Collection& collection, Element body) { return carryOut(collection, readQuery(body, "internal")); }

std::string queryPointsBatch(const Collection& collection, Element value) {
  if (value.is_array()) throw formatError("invalid length 0, expected struct QueryRequestBatch with 1 element");
  const auto searches = member(objectOf(value), "searches");
  if (!searches) throw formatError("missing field `searches`");
  std::vector<Query> queries;
  for (const Element search : arrayOf(*searches)) {
    queries.push_back(readQuery(search, "searches[" + std::to_string(queries.size()) + "].internal"));
  }
  std::string list = "[";
  for (const Query& query : queries) appendItem(list, carryOut(collection, query));
  return list + "]";
}

}  // namespace qbatch::test::fake
