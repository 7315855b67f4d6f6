#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "codec/decode_error.hpp"
#include "qbatch/backend.hpp"

// Points in answers of Qdrant's REST API; see decode_answers.hpp for what all decoders promise.
namespace qbatch::codec {

/// `result` as a list of points, in the answer's order. `vectorName`: which of named vectors to take; a point without it has none. Payloads
/// are kept as checked, compact JSON text; null in a vector (an infinite value) is infinity; sparse and multivectors are left out.
[[nodiscard]] std::vector<StoredPoint> decodePoints(std::string& body, std::string_view vectorName);
/// A list of scored points for each search. A score of null (of a vector that holds an infinite value) is the lowest float.
[[nodiscard]] std::vector<std::vector<StoredPoint>> decodeQueryBatch(std::string& body, std::string_view vectorName);
[[nodiscard]] ScrollPage decodeScroll(std::string& body, std::string_view vectorName);

}  // namespace qbatch::codec
