#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "http/transport.hpp"
#include "qbatch/point_id.hpp"
#include "support/http_exchange.hpp"

// A request to Qdrant's API, as far as a server that goes wrong on purpose has to understand it.
namespace qbatch::test {

struct Parcel {
  enum class Kind {
    read,
    upsert,        ///< may be applied in part
    otherUpdate,   ///< of points: deletes, changes of payloads, batches
    ofCollection,  ///< makes or drops one
  };
  Exchange exchange{};
  Kind kind = Kind::read;
  std::vector<PointId> ids{};  ///< of the points that it names
  std::size_t operations = 0;  ///< of a batch; 0: no batch
  bool badQuery = false;       ///< holds a query for which a server refuses all of them
  std::size_t queries = 0;
  std::size_t number = 0;  ///< of the request, from 1
  std::size_t at = 0;      ///< when it was received

  [[nodiscard]] bool writesPoints() const noexcept { return kind == Kind::upsert || kind == Kind::otherUpdate; }
  [[nodiscard]] bool waits() const;
};

/// The first value of a query's vector that makes it a bad one.
constexpr float badQueryMark = 777;

[[nodiscard]] Parcel parcelOf(const http::Request& request);
/// The same upsert with fewer points; an empty text where none is left.
[[nodiscard]] std::string keepPoints(const std::string& upsert, const std::function<bool(const PointId&)>& keep);
/// A write of points by somebody else.
[[nodiscard]] Exchange exchangeOf(std::string method, std::string path, std::string body);

}  // namespace qbatch::test
