#include "serve/point_query.hpp"

#include <fmt/core.h>

#include <limits>
#include <utility>

#include "codec/json_writer.hpp"
#include "local/body_errors.hpp"
#include "local/distance.hpp"
#include "local/scan.hpp"
#include "local/search.hpp"
#include "serve/ordered_points.hpp"
#include "serve/point_reads.hpp"
#include "serve/query_request.hpp"

namespace qbatch::serve {
namespace {

using Context = local::FilterTree::Context;
using Reader = QueryRequest (*)(Element, const Context&, const std::string&);

std::string scoreText(std::uint64_t version, float score) {
  std::string out = fmt::format(",\"version\":{},\"score\":", version);
  appendFloatOrNull(out, score);
  return out;
}

/// What a query is compared with, as the collection keeps vectors; the example's own id is no hit.
struct Target {
  std::size_t column{};
  std::vector<float> vector{};
  std::vector<PointId> without{};
};

Target targetOf(const local::Collection& points, const QueryRequest& query, const QueryRequest::Example& example) {
  const auto& layout = points.layout();
  if (layout.sparseColumn(query.vectorName)) throw local::unsupportedRefusal("searching sparse vectors");
  const auto column = layout.denseColumn(query.vectorName);
  if (!column) throw local::noVectorName(query.vectorName);
  Target target{*column};
  std::span<const float> vector;
  if (const auto* id = std::get_if<PointId>(&example)) {
    const auto row = points.find(*id);
    if (!row) throw local::refusal(404, fmt::format("Not found: No point with id {} found", id->toString()));
    vector = points.dense(*row, *column);
    if (vector.empty()) {
      throw local::refusal(404, fmt::format("Not found: Vector with name {} not found for point {}", query.vectorName, id->toString()));
    }
    target.without.push_back(*id);
  } else {
    vector = std::get<std::vector<float>>(example);
  }
  const local::DenseParams& params = layout.dense[*column];
  if (vector.size() != params.dimension) throw local::wrongDimension(params.dimension, vector.size());
  target.vector = local::prepared(params.distance, vector);
  return target;
}

void showNearest(std::string& list, const local::Collection& points, const QueryRequest& query, const QueryRequest::Example& example) {
  const Target target = targetOf(points, query, example);
  const std::vector<std::vector<float>> queries{target.vector};
  local::SearchTask task;
  task.column = target.column;
  task.queries = queries;
  task.limit = query.limit;
  task.offset = query.offset;
  task.minScore = query.minScore;
  task.without = target.without;
  const auto hits = local::search(points, query.filter, task, local::Interrupt());
  for (const local::SearchHit& hit : hits.front()) {
    if (!list.empty()) list += ',';
    query.selection.show(list, points, hit.row, scoreText(points.version(hit.row), hit.score));
  }
}

void showById(std::string& list, const local::Collection& points, const QueryRequest& query) {
  std::size_t seen = 0;
  local::scan(points, query.filter, std::nullopt, local::Interrupt(), [&](std::size_t row) {
    if (seen++ < query.offset) return true;
    if (!list.empty()) list += ',';
    query.selection.show(list, points, row, scoreText(0, 1));
    return seen - query.offset < query.limit;
  });
}

/// The list of one query's hits, without brackets.
std::string carryOut(const local::CollectionEntry& entry, const QueryRequest& query) {
  const local::Collection& points = entry.shelf->points;
  const auto lock = entry.shelf->lock.read();
  query.selection.check(points.layout());
  std::string list;
  if (const auto* example = std::get_if<QueryRequest::Example>(&query.target)) {
    showNearest(list, points, query, *example);
  } else if (const auto* order = std::get_if<local::OrderBy>(&query.target)) {
    const std::size_t most = std::numeric_limits<std::size_t>::max();
    const auto ordered = orderedPoints(entry, *order, query.filter, query.limit > most - query.offset ? most : query.limit + query.offset);
    for (std::size_t i = query.offset; i < ordered.size(); ++i) {
      if (!list.empty()) list += ',';
      query.selection.show(list, points, ordered[i].row, scoreText(0, 1) + ",\"order_value\":" + ordered[i].valueText);
    }
  } else {
    showById(list, points, query);
  }
  return list;
}

std::string answerOne(const local::Names& names, const std::string& collection, Element body, Reader read, const std::string& place) {
  const QueryRequest query = read(body, filterContext(names, collection, {}), place);
  return "[" + carryOut(names.at(collection), query) + "]";
}

std::vector<std::string> answerAll(const local::Names& names, const std::string& collection, Element body, Reader read,
                                   const std::string& place) {
  const Context context = filterContext(names, collection, {});
  std::vector<QueryRequest> queries;
  for (const Element search : arrayOf(needed(objectOf(body), "searches")))
    queries.push_back(read(search, context, fmt::format("searches[{}]{}", queries.size(), place)));
  const local::CollectionEntry& entry = names.at(collection);
  std::vector<std::string> answers;
  answers.reserve(queries.size());
  for (const QueryRequest& query : queries) answers.push_back("[" + carryOut(entry, query) + "]");
  return answers;
}

}  // namespace

std::string queryPoints(const local::Names& names, const std::string& collection, Element body) {
  return "{\"points\":" + answerOne(names, collection, body, readQuery, "internal") + "}";
}

std::string queryPointsBatch(const local::Names& names, const std::string& collection, Element body) {
  if (body.is_array()) throw local::badFormat("invalid length 0, expected struct QueryRequestBatch with 1 element");
  std::string list;
  for (const std::string& answer : answerAll(names, collection, body, readQuery, ".internal"))
    list += (list.empty() ? "{\"points\":" : ",{\"points\":") + answer + "}";
  return "[" + list + "]";
}

std::string searchPoints(const local::Names& names, const std::string& collection, Element body) {
  return answerOne(names, collection, body, readSearch, "search_request");
}

std::string searchPointsBatch(const local::Names& names, const std::string& collection, Element body) {
  std::string list;
  for (const std::string& answer : answerAll(names, collection, body, readSearch, ".search_request"))
    list += (list.empty() ? "" : ",") + answer;
  return "[" + list + "]";
}

}  // namespace qbatch::serve
