#include "local/reads.hpp"

#include <cmath>
#include <unordered_set>
#include <utility>

#include "local/distance.hpp"
#include "local/filter_tree.hpp"
#include "local/refusal.hpp"
#include "local/request_checks.hpp"
#include "local/scan.hpp"
#include "local/search.hpp"

namespace qbatch::local {
namespace {

CollectionInfo infoOf(const Names& names, const CollectionEntry& entry, std::string_view vectorName) {
  CollectionInfo info = entry.config->info(vectorName);
  info.aliases = names.aliasesOf(info.name);
  const auto lock = entry.shelf->lock.read();
  info.points = entry.shelf->points.size();
  return info;
}

FilterTree parsedFilter(const std::string& filter) {
  try {
    return FilterTree::parse(filter);
  } catch (const RequestError& error) {
    throw refuseAll(error.error());
  }
}

std::optional<std::size_t> columnFor(const Shelf& shelf, bool wanted, std::string_view vectorName) {
  if (!wanted) return std::nullopt;
  return checkedColumn(shelf.points.layout(), vectorName);
}

void checkLimit(std::size_t limit) {
  if (limit == 0) throw refuseAll(Error(Errc::refused, Origin::server, "limit: value 0 invalid, must be 1 or larger", 422));
}

/// Without its vector where there is no `column`.
StoredPoint pointAt(const Collection& points, std::size_t row, bool withPayload, std::optional<std::size_t> column) {
  StoredPoint point;
  point.id = points.id(row);
  if (withPayload) point.payload = points.payload(row);
  if (column) {
    const auto vector = points.dense(row, *column);
    point.vector.assign(vector.begin(), vector.end());
  }
  return point;
}

}  // namespace

Answer describe(const Names& names, const DescribeCollection& request) {
  const CollectionEntry* entry = names.find(request.collection);
  if (entry == nullptr) return std::optional<CollectionInfo>();
  return std::optional<CollectionInfo>(infoOf(names, *entry, request.vectorName));
}

Answer list(const Names& names) {
  std::vector<CollectionInfo> infos;
  infos.reserve(names.collections.size());
  for (const auto& [name, entry] : names.collections) infos.push_back(infoOf(names, entry, ""));
  return infos;
}

Answer retrieve(const Names& names, const RetrievePoints& request) {
  const auto shelf = names.at(request.collection).shelf;
  const auto column = columnFor(*shelf, request.withVector, request.vectorName);
  std::vector<StoredPoint> points;
  std::unordered_set<PointId> seen;
  const auto lock = shelf->lock.read();
  for (const PointId& id : request.ids) {
    const auto row = shelf->points.find(id);
    if (row && seen.insert(id).second) points.push_back(pointAt(shelf->points, *row, request.withPayload, column));
  }
  return points;
}

Answer query(const Names& names, const QueryPoints& request, const Interrupt& interrupt) {
  const auto shelf = names.at(request.collection).shelf;
  const std::size_t column = checkedColumn(shelf->points.layout(), request.vectorName);
  const DenseParams& params = shelf->points.layout().dense[column];
  checkLimit(request.limit);
  if (request.minScore && std::isnan(*request.minScore)) {
    throw refuseAll(Error(Errc::refused, Origin::server, "score_threshold: it is not a number", 400));
  }
  const FilterTree filter = parsedFilter(request.filter);
  std::vector<std::vector<float>> queries;
  queries.reserve(request.vectors.size());
  for (const auto vector : request.vectors) {
    checkVector(params, vector);
    queries.push_back(prepared(params.distance, vector));
  }
  SearchTask task;
  task.column = column;
  task.queries = queries;
  task.limit = request.limit;
  task.offset = request.offset;
  task.minScore = request.minScore;
  const auto lock = shelf->lock.read();
  std::vector<std::vector<StoredPoint>> answer;
  answer.reserve(queries.size());
  for (const auto& hits : search(shelf->points, filter, task, interrupt)) {
    auto& points = answer.emplace_back();
    points.reserve(hits.size());
    for (const SearchHit& hit : hits)
      points.push_back(pointAt(shelf->points, hit.row, true, std::nullopt)), points.back().score = hit.score;
  }
  return answer;
}

Answer scroll(const Names& names, const ScrollPoints& request, const Interrupt& interrupt) {
  const auto shelf = names.at(request.collection).shelf;
  const auto column = columnFor(*shelf, request.withVector, request.vectorName);
  checkLimit(request.limit);
  const FilterTree filter = parsedFilter(request.filter);
  ScrollPage page;
  const auto lock = shelf->lock.read();
  const Collection& points = shelf->points;
  scan(points, filter, request.from, interrupt, [&](std::size_t row) {
    if (page.points.size() == request.limit) {
      page.next = points.id(row);
      return false;
    }
    page.points.push_back(pointAt(points, row, request.withPayload, column));
    return true;
  });
  return page;
}

Answer count(const Names& names, const CountPoints& request, const Interrupt& interrupt) {
  const auto shelf = names.at(request.collection).shelf;
  const FilterTree filter = parsedFilter(request.filter);
  const auto lock = shelf->lock.read();
  if (filter.empty()) return shelf->points.size();
  std::size_t passed = 0;
  scan(shelf->points, filter, std::nullopt, interrupt, [&](std::size_t) {
    ++passed;
    return true;
  });
  return passed;
}

}  // namespace qbatch::local
