#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "qbatch/backend.hpp"

// Points as Qdrant's REST API takes them. Each append… function of a body appends one whole JSON object; payloads and filters are JSON that
// was checked before.
namespace qbatch::codec {

/// Room for `more` bytes behind `out`, made so that many small growths together cost no more than a few.
void makeRoom(std::string& out, std::size_t more);

/// A number, or a UUID in quotes.
void appendPointId(std::string& out, const PointId& id);
/// A JSON array of ids.
void appendPointIds(std::string& out, std::span<const PointId> ids);
/// A JSON array of floats, each as the shortest text that Qdrant reads back as the same float. One that is not finite makes it
/// text that is no JSON, so that the server refuses the request as a whole before it writes anything.
void appendVector(std::string& out, std::span<const float> vector);
/// `,"shard_key":"…"`; nothing where it is empty.
void appendShardKey(std::string& out, std::string_view shardKey);

/// PUT /collections/{}/points
struct UpsertBody {
  std::span<const PointView> points{};  ///< an empty payload means {}
  std::string_view vectorName{};        ///< empty: the unnamed vector
  bool insertOnly = false;              ///< update_mode: points that exist stay as they are
  bool updateOnly = false;              ///< update_mode: points that are absent stay so
  std::string_view updateFilter{};      ///< points that exist are replaced only where they match; empty: always
  std::string_view shardKey{};          ///< empty: none
};
void appendUpsert(std::string& out, const UpsertBody& body);

/// PUT /collections/{}/points/vectors (a server before 1.16 that stores a known point again)
void appendUpdateVectors(std::string& out, std::span<const PointView> points, std::string_view vectorName, std::string_view shardKey);

}  // namespace qbatch::codec
