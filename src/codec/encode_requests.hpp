#pragma once
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/encode_points.hpp"
#include "qbatch/backend.hpp"

// Bodies of Qdrant's REST API, beside those that write points (encode_points.hpp). Each function appends one whole JSON object. Filters and
// payloads are JSON that was checked before.
namespace qbatch::codec {

/// Which members of payloads an answer shall have.
struct PayloadChoice {
  enum class Kind { none, all, only, allBut };
  Kind kind = Kind::none;
  /// Of `only` and `allBut`: the server takes each as a path, so a key with a dot or bracket means a member within a member.
  std::vector<std::string> keys{};
};

/// POST /collections/{}/points
void appendRetrieve(std::string& out, std::span<const PointId> ids, const PayloadChoice& payload, bool withVector,
                    std::string_view vectorName, std::string_view shardKey);
/// POST /collections/{}/points/query/batch: one search for each vector, with whole payloads.
void appendQueryBatch(std::string& out, const QueryPoints& request, std::string_view shardKey);
/// POST /collections/{}/points/scroll
void appendScroll(std::string& out, const ScrollPoints& request, std::string_view shardKey);
/// The same with these members of payloads, whatever the request says.
void appendScroll(std::string& out, const ScrollPoints& request, const PayloadChoice& payload, std::string_view shardKey);
/// POST /collections/{}/points/count, exact
void appendCount(std::string& out, std::string_view filter, std::string_view shardKey);
/// POST /collections/{}/points/delete
void appendDelete(std::string& out, std::span<const PointId> ids, std::string_view shardKey);
/// The same for what a filter, a JSON object, lets pass.
void appendDeleteByFilter(std::string& out, std::string_view filter, std::string_view shardKey);

/// PUT /collections/{}: one vector, named or not; the embedder's identity, where there is one, as metadata "qbatch_embedder".
void appendCreateCollection(std::string& out, const CollectionInfo& info);
/// POST /collections/aliases: the alias is made, or moved in one step.
void appendSetAlias(std::string& out, std::string_view alias, std::string_view collection);

/// One operation of POST /collections/{}/points/batch.
struct SetPayload {
  std::string payload{};  ///< a JSON object; null removes a key
  std::string filter{};   ///< a JSON object: which points
};
struct DeletePayload {
  std::vector<std::string> keys{};
  std::string filter{};
};
using BatchOperation = std::variant<SetPayload, DeletePayload>;
void appendBatch(std::string& out, std::span<const BatchOperation> operations, std::string_view shardKey);

}  // namespace qbatch::codec
