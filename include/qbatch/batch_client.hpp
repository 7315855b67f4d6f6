#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qbatch/export.hpp"
#include "qbatch/filter.hpp"
#include "qbatch/import.hpp"
#include "qbatch/job.hpp"
#include "qbatch/options.hpp"
#include "qbatch/pattern.hpp"
#include "qbatch/point_id.hpp"
#include "qbatch/report.hpp"

namespace qbatch {

class ClientCore;
class Collections;

/// Stores, searches, updates and deletes many items in as few requests as the backend allows, and reports truthfully on each.
///
/// Any number of threads may call one client at once; runs share pool, connections and byte budget. A batch call never throws for what
/// happens to its items or on the way to the server: that is in its report. It throws ConfigError for misuse: options that cannot work, an
/// embedder that does not fit the collection, a blocking call from inside a callback or embedder of the same client, a call after a fork.
/// Blocking verbs read the caller's items in place, which must not change until they return; async verbs own their input.
class QBATCH_EXPORT BatchClient {
 public:
  /// Throws ConfigError, naming every bad field at once. Sends nothing.
  explicit BatchClient(ClientOptions options);
  BatchClient(BatchClient&&) noexcept;
  BatchClient& operator=(BatchClient&&) noexcept;
  /// Waits for detached jobs.
  ~BatchClient();

  /// Embeds what has no vector, and stores all in requests of at most 1000. A missing collection is created.
  [[nodiscard]] StoreReport storePatterns(std::span<const Pattern> patterns, const StoreOptions& = {});
  /// Stores what `source` gives, which may be more than memory holds: it is asked only as room frees under `flow.maxBufferedBytes`, while
  /// earlier items are embedded and sent. A later item with the id of an earlier one replaces it (within one window as storePatterns does).
  /// Throws ConfigError for misuse, another input than the checkpoint's among it, and RequestError where a file that the options name
  /// cannot be opened. Blocks; the source is asked on this thread.
  [[nodiscard]] ImportReport importPatterns(PatternSource& source, const ImportOptions& = {});
  [[nodiscard]] ImportReport importPatterns(std::function<std::optional<Pattern>()> generate, const ImportOptions& = {});
  /// Compares what `source` gives with what is stored: that each id is there, with this payload (metrics apart) and vector, all or a sample
  /// of them; and counts the collection's points. Of several items with one id the last one counts. Keeps some 24 bytes an item, and what
  /// is wrong. Throws ConfigError for misuse. Blocks; the source is asked on this thread.
  [[nodiscard]] VerifyReport verifyPatterns(PatternSource& source, const VerifyOptions& = {});
  /// Embeds what has no vector, and searches in requests of at most 100 queries.
  [[nodiscard]] SearchReport searchPatterns(std::span<const Query> queries, const SearchOptions& = {});
  [[nodiscard]] SearchReport searchPatterns(std::span<const std::string> queries, const SearchOptions& = {});
  /// Adds to counters, atomically point by point, and sets metrics, in requests of at most 500. Several updates of one point are merged.
  [[nodiscard]] UpdateReport updateMetrics(std::span<const MetricUpdate> updates, const UpdateOptions& = {});
  /// Absent ids are done.
  [[nodiscard]] DeleteReport deletePatterns(std::span<const PointId> ids, const DeleteOptions& = {});
  /// Reads the ids that match and deletes those. Throws ConfigError for an empty filter: it would delete everything.
  [[nodiscard]] DeleteReport deletePatterns(const Filter& filter, const DeleteOptions& = {});
  /// In the order of ids; nullopt where there is no such point. Throws RequestError where no answer could be had.
  [[nodiscard]] std::vector<std::optional<Hit>> getPatterns(std::span<const PointId> ids, const ReadOptions& = {});
  /// Exact. Throws RequestError where no answer could be had.
  [[nodiscard]] std::size_t countPatterns(const Filter& filter = Filter(), const ReadOptions& = {});

  [[nodiscard]] Job<StoreReport> storePatternsAsync(std::vector<Pattern> patterns, StoreOptions = {});
  /// As storePatternsAsync, but shares the patterns instead of owning them, for callers that need them again, as toJson does; nobody may
  /// change them.
  [[nodiscard]] Job<StoreReport> storeSharedAsync(std::shared_ptr<const std::vector<Pattern>> patterns, StoreOptions = {});
  [[nodiscard]] Job<SearchReport> searchPatternsAsync(std::vector<Query> queries, SearchOptions = {});
  [[nodiscard]] Job<UpdateReport> updateMetricsAsync(std::vector<MetricUpdate> updates, UpdateOptions = {});
  [[nodiscard]] Job<DeleteReport> deletePatternsAsync(std::vector<PointId> ids, DeleteOptions = {});
  [[nodiscard]] Job<DeleteReport> deletePatternsAsync(Filter filter, DeleteOptions = {});
  [[nodiscard]] Job<ReadReport> getPatternsAsync(std::vector<PointId> ids, ReadOptions = {});

  /// The collections of the server or file that this client works on. Shares the client's threads and connections, and keeps them alive.
  [[nodiscard]] Collections collections() const;

 private:
  std::shared_ptr<ClientCore> core_;
};

}  // namespace qbatch
