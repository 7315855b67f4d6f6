#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "qbatch/error.hpp"
#include "qbatch/export.hpp"
#include "qbatch/pattern.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch {

/// What became of one item; every item ends in exactly one of these.
enum class Outcome : std::uint8_t {
  done,      ///< confirmed: applied, or answered
  accepted,  ///< in the server's log, not yet applied: it may still be declined
  rejected,  ///< the item is at fault: sending it again cannot help
  failed,    ///< gave up; known not to have been applied by any attempt
  unknown,   ///< some attempt may have been applied, and reading back was not possible
  unsent,    ///< zero attempts: cancelled, past the deadline, or the batch was stopped before it left
};
/// The enumerator's name.
[[nodiscard]] QBATCH_EXPORT std::string_view toString(Outcome) noexcept;

/// One item that is neither done nor accepted.
struct ItemFailure {
  std::size_t index{};  ///< the caller's index
  Outcome outcome{};
  Error error{};
  unsigned attempts{};  ///< requests that carried the item
};

/// What else is worth knowing of an item that is done.
struct ItemNote {
  enum class Kind {
    sameAs,      ///< the same point as the earlier item `other`
    superseded,  ///< what item `other`, or somebody else, wrote later stands instead (`other` == `index` for somebody else)
  };
  std::size_t index{};
  Kind kind{};
  std::size_t other{};
};

struct Stats {
  std::size_t items{};     ///< what the caller handed over
  std::size_t points{};    ///< different points among the items that are done or accepted; for a search, the hits
  std::size_t requests{};  ///< requests to the backend, look-ups and repeats included
  std::size_t retries{}, splits{};
  std::size_t bytesSent{}, bytesReceived{};  ///< request and answer bodies; 0 where the backend has none
  std::size_t accepted{};
  std::chrono::nanoseconds total{};      ///< wall time of the call
  std::chrono::nanoseconds embedding{};  ///< summed over the embedder's calls, so it can exceed `total`
  std::chrono::nanoseconds sending{};    ///< summed over the requests
  std::size_t callbackErrors{};          ///< exceptions out of the progress callback
  std::size_t lostRounds{};              ///< of updates: writes of a point that came too late, as somebody else had changed its counts
};

struct ReportData;
struct ReportAccess;

/// What became of every item of one call, by the caller's index. Cheap to copy; safe to read from any thread.
class QBATCH_EXPORT BatchReport {
 public:
  /// The report of an empty call.
  BatchReport();
  explicit BatchReport(std::shared_ptr<const ReportData> data) noexcept;

  [[nodiscard]] std::size_t size() const noexcept;
  /// True where every item is done or accepted and the batch was not stopped (a delete by filter that could not even read its ids has no
  /// items).
  [[nodiscard]] bool ok() const noexcept;
  [[nodiscard]] std::size_t count(Outcome) const noexcept;
  /// Throws std::out_of_range.
  [[nodiscard]] Outcome outcome(std::size_t index) const;
  /// By index; valid as long as a copy of the report lives.
  [[nodiscard]] std::span<const ItemFailure> failures() const noexcept;
  [[nodiscard]] std::span<const ItemNote> notes() const noexcept;
  [[nodiscard]] const Stats& stats() const noexcept;
  /// Why the batch as a whole stopped early (unreachable, unauthorised, no such collection, cancelled, deadline); no error where it
  /// was carried out.
  [[nodiscard]] const Error& stopped() const noexcept;

 private:
  friend struct ReportAccess;
  std::shared_ptr<const ReportData> data_;
};

class QBATCH_EXPORT StoreReport : public BatchReport {
 public:
  using BatchReport::BatchReport;
  /// The id under which item `index` is stored, or would have been. Throws std::out_of_range.
  [[nodiscard]] PointId id(std::size_t index) const;
};

class QBATCH_EXPORT SearchReport : public BatchReport {
 public:
  using BatchReport::BatchReport;
  /// The best first. Where the query failed it is empty, but for a search in several collections: then it has the hits of those that could
  /// be searched. Throws std::out_of_range. Valid as long as a copy of the report lives.
  [[nodiscard]] std::span<const Hit> hits(std::size_t query) const;
};

class QBATCH_EXPORT UpdateReport : public BatchReport {
 public:
  using BatchReport::BatchReport;
};

class QBATCH_EXPORT DeleteReport : public BatchReport {
 public:
  using BatchReport::BatchReport;
  /// The id of item `index`, given by the caller or found by the filter. Throws std::out_of_range.
  [[nodiscard]] PointId id(std::size_t index) const;
};

class QBATCH_EXPORT ReadReport : public BatchReport {
 public:
  using BatchReport::BatchReport;
  /// What is stored under item `index`'s id; nullptr where there is no such point, or where it was not read. Throws std::out_of_range.
  /// Valid as long as a copy of the report lives.
  [[nodiscard]] const Hit* pattern(std::size_t index) const;
};

/// What became of each change to the collections.
class QBATCH_EXPORT CollectionsReport : public BatchReport {
 public:
  using BatchReport::BatchReport;
  /// False where nothing had to be done: the collection that was to be created is there as asked for, the one to be dropped is not.
  /// After a lost answer that may have been this call's own work. Throws std::out_of_range.
  [[nodiscard]] bool changed(std::size_t index) const;
};

/// The documented response as JSON: status, summary, ids, errors. `patterns` are those of the call.
[[nodiscard]] QBATCH_EXPORT std::string toJson(const StoreReport&, std::span<const Pattern> patterns);
/// The documented response as JSON: status, batch_results. `queries` are those of the call.
[[nodiscard]] QBATCH_EXPORT std::string toJson(const SearchReport&, std::span<const Query> queries);
/// The documented response as JSON: status, summary, and `errors` where something failed.
[[nodiscard]] QBATCH_EXPORT std::string toJson(const UpdateReport&, std::span<const MetricUpdate> updates);
/// status, summary, ids, and `errors` where something failed.
[[nodiscard]] QBATCH_EXPORT std::string toJson(const DeleteReport&);
/// A stored pattern as JSON: id, description, code, language, and metadata, with its usage metrics, where there is any.
[[nodiscard]] QBATCH_EXPORT std::string toJson(const Hit&);
/// The report's figures as JSON: items, points, requests, retries, splits, lost_rounds, bytes_sent, bytes_received, seconds by stage,
/// outcomes by name.
[[nodiscard]] QBATCH_EXPORT std::string statsToJson(const BatchReport&);

}  // namespace qbatch
