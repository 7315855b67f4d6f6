#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/fake_qdrant_store.hpp"

namespace qbatch::test::fake {

/// One operation that changes points, as it stands in /points/batch; the other endpoints take one each.
struct Update {
  enum class Kind { upsert, deletePoints, setPayload, overwritePayload, deletePayload, clearPayload, updateVectors, deleteVectors };
  struct Input {
    PointId id{0};
    std::map<std::string, std::vector<float>> vectors{};
    JsonTree payload = JsonTree::object();
  };

  Kind kind{};
  std::vector<Input> points{};  ///< of upsert and updateVectors
  /// Of the others. With both, the filter is passed over, as the server does.
  std::optional<std::vector<PointId>> ids{};
  std::optional<local::FilterTree> filter{};
  JsonTree::Object payload{};
  std::optional<PayloadPath> key{};
  std::vector<PayloadPath> keys{};
  std::vector<std::string> vectorNames{};
  std::optional<local::FilterTree> updateFilter{};
  std::string mode = "upsert";
};

/// "upsert", "delete", "set_payload", …; nullopt for another word.
[[nodiscard]] std::optional<Update::Kind> updateKind(std::string_view name);
/// Reads an operation. Throws Failure.
[[nodiscard]] Update parseUpdate(Update::Kind kind, Element body);
/// Reads the whole body of /points/batch.
[[nodiscard]] std::vector<Update> parseUpdates(Element body);

/// Carries an operation out, and returns its number. What it throws with `inShard` may have been carried out in part.
std::uint64_t applyUpdate(Collection& collection, const Update& update, const Version& version);

}  // namespace qbatch::test::fake
