#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/filter_tree.hpp"
#include "local/json_tree.hpp"
#include "serve/given_vectors.hpp"

namespace qbatch::serve {

/// One operation that changes points, as it stands in /points/batch; the other endpoints take one each.
struct PointUpdate {
  enum class Kind { upsert, deletePoints, setPayload, overwritePayload, deletePayload, clearPayload, updateVectors, deleteVectors };
  enum class Mode { upsert, insertOnly, updateOnly };
  struct Input {
    PointId id{0};
    GivenVectors vectors{};
    std::string payload = "{}";
  };

  Kind kind{};
  std::vector<Input> points{};  ///< of upsert and updateVectors
  /// Which points the others change. With both, the filter is passed over, as by the server.
  std::optional<std::vector<PointId>> ids{};
  std::optional<local::FilterTree> filter{};
  local::JsonTree payload{};                ///< the object of setPayload and overwritePayload
  std::optional<local::PayloadPath> key{};  ///< where in the payload it is set
  std::vector<local::PayloadPath> keys{};   ///< of deletePayload
  std::vector<std::string> vectorNames{};   ///< of deleteVectors
  std::optional<local::FilterTree> updateFilter{};
  Mode mode = Mode::upsert;
};

// All throw RequestError. `context` is for filters.

/// Reads the body of an endpoint that takes one operation.
[[nodiscard]] PointUpdate readUpdate(PointUpdate::Kind kind, Element body, const local::FilterTree::Context& context);
/// Reads the body of /points/batch.
[[nodiscard]] std::vector<PointUpdate> readUpdates(Element body, const local::FilterTree::Context& context);

}  // namespace qbatch::serve
