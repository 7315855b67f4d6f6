#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "codec/decode_error.hpp"
#include "qbatch/backend.hpp"

// Collections and aliases in answers of Qdrant's REST API; see decode_answers.hpp for what all decoders promise.
namespace qbatch::codec {

/// GET /collections/{}
struct CollectionDescription {
  struct Vector {
    std::string name{};  ///< empty: the unnamed vector
    std::size_t dimension{};
    Distance distance = Distance::cosine;
    bool multi = false;  ///< a multivector, which qbatch cannot fill
  };
  std::vector<Vector> vectors{};  ///< dense ones, in the answer's order
  std::string embedder{};         ///< metadata "qbatch_embedder"
  std::size_t points{};
  std::size_t replicationFactor = 1;
  bool customSharding = false;
  CollectionLimits limits{};  ///< of strict mode, where it is on
};
[[nodiscard]] CollectionDescription decodeCollection(std::string& body);
/// GET /collections: the names in the answer's order.
[[nodiscard]] std::vector<std::string> decodeCollectionNames(std::string& body);
/// GET /aliases: alias, collection.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> decodeAliases(std::string& body);

}  // namespace qbatch::codec
