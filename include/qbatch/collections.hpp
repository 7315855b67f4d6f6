#pragma once
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "qbatch/backend.hpp"
#include "qbatch/export.hpp"
#include "qbatch/job.hpp"
#include "qbatch/options.hpp"
#include "qbatch/report.hpp"

namespace qbatch {

class ClientCore;

/// One change: create a collection (`info.limits`, `.points` and `.aliases` do not count), drop one, or let an alias stand for one.
using CollectionChange = std::variant<CreateCollection, DropCollection, SetAlias>;

struct CollectionsOptions {
  milliseconds deadline{};  ///< 0: none
  std::stop_token stop{};
};

/// Creates, drops, aliases and lists collections of a Qdrant server or of the embedded engine. Passing faults are repeated as of any batch
/// call. Any number of threads may use one object; copies share threads and connections.
class QBATCH_EXPORT Collections {
 public:
  /// As of a BatchClient; what concerns points and embedders does not count. Throws ConfigError. Sends nothing.
  explicit Collections(ClientOptions options);

  /// Carries out the changes one after the other, in order, each with an outcome of its own: one that is refused (`rejected`: another kind
  /// of collection has that name, an alias of a collection that is not there) does not stop the rest. Throws ConfigError for misuse only.
  [[nodiscard]] CollectionsReport apply(std::span<const CollectionChange> changes, const CollectionsOptions& = {});
  [[nodiscard]] Job<CollectionsReport> applyAsync(std::vector<CollectionChange> changes, CollectionsOptions = {});

  // The same for changes of one kind.
  [[nodiscard]] CollectionsReport create(std::span<const CollectionInfo> collections, const CollectionsOptions& = {});
  [[nodiscard]] CollectionsReport drop(std::span<const std::string> names, const CollectionsOptions& = {});
  [[nodiscard]] CollectionsReport alias(std::span<const SetAlias> aliases, const CollectionsOptions& = {});

  /// By name. Throws RequestError where no answer could be had.
  [[nodiscard]] std::vector<CollectionInfo> list(const CollectionsOptions& = {});

 private:
  friend class BatchClient;
  explicit Collections(std::shared_ptr<ClientCore> core) noexcept;
  std::shared_ptr<ClientCore> core_;
};

/// status, summary, and `results` with an entry a change: action, collection (or alias and collection), outcome, and changed or error.
[[nodiscard]] QBATCH_EXPORT std::string toJson(const CollectionsReport&, std::span<const CollectionChange> changes);

}  // namespace qbatch
