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

/// `query` as a vector, an id, {"nearest": …} or {"order_by": …}; the others are named in what they are refused with.
void readTarget(Element value, QueryRequest& query, const std::string& place) {
  if (!value.is_object() || member(Object(value), "indices")) {
    query.target = exampleOf(value, place + ".query");
    return;
  }
  const Object object(value);
  if (const auto nearest = member(object, "nearest")) {
    if (member(object, "mmr")) throw local::unsupportedRefusal("`mmr`");
    query.target = exampleOf(*nearest, place + ".query.nearest");
    return;
  }
  if (const auto order = member(object, "order_by")) {
    query.target = local::parseOrderBy(*order);
    return;
  }
  for (const auto entry : object) {
    constexpr std::array<std::string_view, 8> known{"recommend", "discover", "context", "fusion",
                                                    "rrf",       "formula",  "sample",  "relevance_feedback"};
    for (const std::string_view name : known) {
      if (entry.key == name) throw local::unsupportedRefusal(fmt::format("`{}` queries", name));
    }
  }
  static_cast<void>(readVector(value, place));  // texts and images have an error of their own
  throw local::badFormat("data did not match any variant of untagged enum QueryInterface");
}

/// What both forms share.
QueryRequest readCommon(Object body, const local::FilterTree::Context& context, const std::string& place) {
  QueryRequest query;
  query.limit = limitOf(body, place);
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
  for (const char* name : {"prefetch", "lookup_from"}) {
    const auto given = member(body, name);
    if (given && !(given->is_array() && Array(*given).size() == 0)) throw local::unsupportedRefusal(fmt::format("`{}` in queries", name));
  }
  QueryRequest query = readCommon(body, context, place);
  if (const auto name = member(body, "using")) query.vectorName = stringOf(*name);
  if (const auto target = member(body, "query")) readTarget(*target, query, place);
  return query;
}

QueryRequest readSearch(Element value, const local::FilterTree::Context& context, const std::string& place) {
  const Object body = objectOf(value);
  const Element given = needed(body, "vector");
  static_cast<void>(needed(body, "limit"));
  QueryRequest query = readCommon(body, context, place);
  if (given.is_array()) {
    query.target = exampleOf(given, place + ".vector");
    return query;
  }
  const Object named = objectOf(given);
  const auto name = member(named, "name"), vector = member(named, "vector");
  if (!name || !vector) throw local::badFormat("data did not match any variant of untagged enum NamedVectorStruct");
  query.vectorName = stringOf(*name);
  query.target = exampleOf(*vector, place + ".vector");
  return query;
}

}  // namespace qbatch::serve
