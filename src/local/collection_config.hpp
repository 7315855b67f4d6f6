#pragma once
#include <simdjson.h>

#include <map>
#include <string>
#include <string_view>

#include "codec/json_object.hpp"
#include "local/point_vectors.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::local {

/// What a collection was made with. A value that is never changed once it is published.
struct CollectionConfig {
  std::string name{};
  VectorLayout layout{};
  /// As the body of Qdrant's request that creates a collection, with what was changed since: `vectors`, `sparse_vectors`, `metadata`, and
  /// the settings that have no effect here.
  codec::JsonObject settings{};
  std::map<std::string, std::string, std::less<>> payloadSchema{};  ///< indexed payload path, its schema as JSON

  /// Reads the body of a request that creates a collection. Throws RequestError with a Qdrant server's words: a body that describes no
  /// collection, or one that the engine cannot keep.
  [[nodiscard]] static CollectionConfig parse(std::string name, std::string_view body);
  [[nodiscard]] static CollectionConfig parse(std::string name, simdjson::dom::element body);
  [[nodiscard]] static CollectionConfig of(const CollectionInfo& info);

  /// As the store file keeps it, without the name.
  [[nodiscard]] std::string text() const;
  /// The other way round. Throws RequestError or ParseError where it is no such text.
  [[nodiscard]] static CollectionConfig fromText(std::string name, std::string_view text);

  /// Seen from one of its dense vectors; where there is none of this name, from the first. Without points and aliases.
  [[nodiscard]] CollectionInfo info(std::string_view vectorName) const;
};

}  // namespace qbatch::local
