#include "serve/query_request.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "local/body_errors.hpp"
#include "serve/given_vectors.hpp"
#include "serve/point_reads.hpp"

namespace qbatch::serve {
namespace {

QueryRequest::Example exampleOf(Element value, const std::string& place) {
  if (value.is_string() || value.is_int64() || value.is_uint64()) return idOf(value);
  GivenVector vector = readVector(value, place);
  if (auto* dense = std::get_if<std::vector<float>>(&vector)) return std::move(*dense);
  throw local::unsupportedRefusal("searching sparse vectors");
}

QueryRequest::Examples nearest(Element value, const std::string& place) { return {{exampleOf(value, place)}, {}}; }

/// `positive`, `negative` and `strategy`, as they stand in the older request and in the newer query.
QueryRequest::Examples recommendationOf(Object body, const std::string& place) {
  QueryRequest::Examples examples;
  const auto read = [&](const char* name, std::vector<QueryRequest::Example>& list) {
    const auto given = member(body, name);
    if (!given) return;
    for (const Element value : arrayOf(*given)) list.push_back(exampleOf(value, place + "." + name));
  };
  read("positive", examples.positive);
  read("negative", examples.negative);
  if (const auto strategy = member(body, "strategy"); strategy && stringOf(*strategy) != "average_vector")
    throw local::unsupportedRefusal(fmt::format("the strategy `{}` in recommendations", stringOf(*strategy)));
  if (examples.positive.empty()) throw local::refusal(400, "Bad request: At least one positive vector ID required with this strategy");
  return examples;
}

/// `query` as a vector, an id, or an object that names its kind; kinds that are missing here are named in what they are refused with.
void readTarget(Element value, QueryRequest& query, const std::string& place) {
  if (!value.is_object() || member(Object(value), "indices")) {
    query.target = nearest(value, place + ".query");
    return;
  }
  const Object object(value);
  if (const auto wanted = member(object, "nearest")) {
    if (member(object, "mmr")) throw local::unsupportedRefusal("`mmr` in queries");
    query.target = nearest(*wanted, place + ".query.nearest");
    return;
  }
  if (const auto recommend = member(object, "recommend")) {
    const Object given = objectOf(*recommend);
    if (!member(given, "positive") && !member(given, "negative"))
      throw invalid(place + ".query.recommend", "Validation error: At least one positive or negative vector/id must be provided [{}]");
    query.target = recommendationOf(given, place + ".query.recommend");
    return;
  }
  if (const auto order = member(object, "order_by")) {
    query.target = local::parseOrderBy(*order);
    return;
  }
  for (const auto entry : object) {
    constexpr std::array<std::string_view, 7> known{"discover", "context", "fusion", "rrf", "formula", "sample", "relevance_feedback"};
    for (const std::string_view name : known) {
      if (entry.key == name) throw local::unsupportedRefusal(fmt::format("`{}` queries", name));
    }
  }
  static_cast<void>(readVector(value, place));  // texts and images have an error of their own
  throw local::badFormat("data did not match any variant of untagged enum QueryInterface");
}

/// What both forms share.
QueryRequest readCommon(Object body, const local::FilterTree::Context& context, const std::string& place) {
  if (member(body, "lookup_from")) throw local::unsupportedRefusal("`lookup_from` in queries");
  QueryRequest query;
  query.limit = limitOf(body, place);
  if (const auto name = member(body, "using")) query.vectorName = stringOf(*name);
  if (const auto offset = member(body, "offset")) query.offset = sizeOf(*offset);
  if (const auto threshold = member(body, "score_threshold")) query.minScore = floatOf(*threshold);
  local::FilterTree::Context placed = context;
  placed.place = place + ".filter";
  query.filter = filterOf(body, std::move(placed));
  if (const auto params = member(body, "params")) static_cast<void>(objectOf(*params));
  query.selection = Selection(body, false);
  return query;
}

}  // namespace

QueryRequest readQuery(Element value, const local::FilterTree::Context& context, const std::string& place) {
  const Object body = objectOf(value);
  QueryRequest query = readCommon(body, context, place);
  const auto target = member(body, "query"), prefetch = member(body, "prefetch");
  if (prefetch && !(prefetch->is_array() && Array(*prefetch).size() == 0)) {
    if (!target) {
      throw local::refusal(400, "Bad request: A query is needed to merge the prefetches. Can't have prefetches without defining a query.");
    }
    throw local::unsupportedRefusal("`prefetch` in queries");
  }
  if (target) readTarget(*target, query, place);
  if (query.minScore && std::holds_alternative<std::monostate>(query.target)) {
    throw local::refusal(400,
                         "Bad request: A query is needed to use the score_threshold. Can't have score_threshold without defining a query.");
  }
  if (query.minScore && std::holds_alternative<local::OrderBy>(query.target))
    throw local::refusal(400, "Bad request: Can't use score_threshold with an order_by query.");
  return query;
}

QueryRequest readRecommend(Element value, const local::FilterTree::Context& context, const std::string& place) {
  const Object body = objectOf(value);
  static_cast<void>(needed(body, "limit"));
  QueryRequest query = readCommon(body, context, place);
  query.target = recommendationOf(body, place);
  return query;
}

QueryRequest readSearch(Element value, const local::FilterTree::Context& context, const std::string& place) {
  const Object body = objectOf(value);
  const Element given = needed(body, "vector");
  static_cast<void>(needed(body, "limit"));
  QueryRequest query = readCommon(body, context, place);
  if (given.is_array()) {
    query.target = nearest(given, place + ".vector");
    return query;
  }
  const Object named = objectOf(given);
  const auto name = member(named, "name"), vector = member(named, "vector");
  if (!name || !vector) throw local::badFormat("data did not match any variant of untagged enum NamedVectorStruct");
  query.vectorName = stringOf(*name);
  query.target = nearest(*vector, place + ".vector");
  return query;
}

}  // namespace qbatch::serve
