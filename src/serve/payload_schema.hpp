#pragma once
#include <map>
#include <string>

#include "local/staged_writes.hpp"
#include "local/text_query.hpp"
#include "serve/body.hpp"

// Indexes of payload fields: remembered, shown, and what order_by and facets need.
namespace qbatch::serve {

struct FieldSchema {
  std::string field{};   ///< a payload path, as PayloadPath::text() writes it
  std::string schema{};  ///< as given: a JSON string or object
};

/// Reads the body of the request that makes an index. Throws RequestError.
[[nodiscard]] FieldSchema readField(Element body);
std::string createIndex(local::StagedWrites& staged, const std::string& collection, const FieldSchema& field);
/// Without effect where there is no such index. Throws RequestError.
std::string dropIndex(local::StagedWrites& staged, const std::string& collection, const std::string& field);

/// The member `payload_schema` of a collection's description. The points are locked for reading.
[[nodiscard]] std::string shownSchema(const local::CollectionConfig& config, const local::Collection& points);
/// The fields whose texts are matched by words, and by which.
[[nodiscard]] std::map<std::string, local::WordRule, std::less<>> textFields(const local::CollectionConfig& config);

}  // namespace qbatch::serve
