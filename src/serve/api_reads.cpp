#include "serve/api_reads.hpp"

#include <array>
#include <utility>

#include "serve/collection_requests.hpp"
#include "serve/point_query.hpp"
#include "serve/point_reads.hpp"

namespace qbatch::serve {
namespace {

using PointRead = std::string (*)(const local::Names&, const std::string&, Element);

constexpr std::array<std::pair<std::string_view, PointRead>, 9> pointReads{
    {{"POST /collections/*/points", retrievePoints},
     {"POST /collections/*/points/scroll", scrollPoints},
     {"POST /collections/*/points/count", countPoints},
     {"POST /collections/*/facet", facetPoints},
     {"POST /collections/*/points/query", queryPoints},
     {"POST /collections/*/points/query/batch", queryPointsBatch},
     {"POST /collections/*/points/recommend", recommendPoints},
     {"POST /collections/*/points/search", searchPoints},
     {"POST /collections/*/points/search/batch", searchPointsBatch}}};

}  // namespace

std::optional<std::string> readResult(const ApiCall& call, const Body& body, const local::Names& names) {
  if (call.is("GET /collections")) return listCollections(names);
  if (call.is("GET /aliases")) return listAliases(names, {});
  if (call.path.size() < 2 || call.path[0] != "collections") return std::nullopt;
  const std::string& name = call.path[1];
  if (call.is("GET /collections/*")) {
    checkNameLength(name);
    return describeCollection(names, name);
  }
  if (call.is("GET /collections/*/exists")) return collectionExists(names, name);
  if (call.is("GET /collections/*/aliases")) return listAliases(names, name);
  if (call.is("GET /collections/*/points/*")) {
    checkNameLength(name);
    return retrievePoint(names, name, call.path[3]);
  }
  for (const auto& [route, read] : pointReads) {
    if (!call.is(route)) continue;
    checkNameLength(name);
    static_cast<void>(waitsFor(call));  // `timeout` is checked there
    return read(names, name, body.root());
  }
  return std::nullopt;
}

}  // namespace qbatch::serve
