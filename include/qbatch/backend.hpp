#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "qbatch/error.hpp"
#include "qbatch/export.hpp"
#include "qbatch/filter.hpp"
#include "qbatch/options.hpp"
#include "qbatch/payload.hpp"
#include "qbatch/point_id.hpp"
#include "qbatch/report.hpp"

/// The second seam: where points are kept. A backend carries out one request in one attempt and says what came of it; all policy
/// (chunks, retries, splitting) is the library's. Most users only pass on what makeLocalBackend returns.
namespace qbatch {

enum class Distance { cosine, dot, euclid, manhattan };
/// As in Qdrant's API: "Cosine", "Dot", "Euclid", "Manhattan".
[[nodiscard]] QBATCH_EXPORT std::string_view toString(Distance) noexcept;
/// Without regard to case; nullopt for any other word.
[[nodiscard]] QBATCH_EXPORT std::optional<Distance> parseDistance(std::string_view) noexcept;

/// What a collection allows one request, where its owner switched Qdrant's strict mode on. 0: as much as anybody likes.
struct CollectionLimits {
  std::size_t upsertPoints{};   ///< points an upsert
  std::size_t searchQueries{};  ///< queries a request
  std::size_t searchLimit{};    ///< hits that a query asks for
  bool exactSearch = true;      ///< false: a query must not ask for an exact search
  friend bool operator==(const CollectionLimits&, const CollectionLimits&) = default;
};

/// A collection as it is, or is to be created.
struct CollectionInfo {
  std::string name{};
  std::string vectorName{};  ///< empty: the unnamed vector
  std::size_t dimension{};
  Distance distance = Distance::cosine;
  std::string embedder{};  ///< the identity of the embedder that filled it; empty: not known
  std::size_t points{};
  std::vector<std::string> aliases{};
  CollectionLimits limits{};  ///< only of a collection that is described
};

/// One point to write. Views: whoever sends keeps what they refer to alive until the completion was called.
struct PointView {
  PointId id{0};
  std::span<const float> vector{};
  std::string_view payload{};  ///< a JSON object
};

struct StoredPoint {
  PointId id{0};
  float score{};                ///< only of queries
  std::string payload{};        ///< a JSON object; empty where it was not asked for
  std::vector<float> vector{};  ///< empty where it was not asked for
  /// True where the payload is one valid JSON object without white space between tokens and without a name twice, as Payload keeps it: then
  /// it is read without being checked again. A backend that sets it answers for that.
  bool payloadChecked = false;
};

/// What stood in a point's place before the first attempt to write it.
struct PointBefore {
  bool exists = false;
  std::string payload{};  ///< a JSON object; the pattern's texts may be missing in it
};

// Requests. `collection` may be an alias in all but CreateCollection and DropCollection. Spans: see PointView.

struct DescribeCollection {
  std::string collection{};
  std::string vectorName{};  ///< which of its vectors to describe
};                           // answers std::optional<CollectionInfo>: nullopt where it is absent
struct CreateCollection {
  CollectionInfo info{};
};  // answers bool: false where it existed already and agrees in vector name, dimension and distance; otherwise collectionMismatch
struct DropCollection {
  std::string collection{};
};                          // answers bool: false where there was none
struct ListCollections {};  // answers std::vector<CollectionInfo>, by name
struct SetAlias {
  std::string alias{}, collection{};
};  // answers bool: true. An alias that exists is moved
struct UpsertPoints {
  std::string collection{}, vectorName{};
  std::span<const PointView> points{};
  Existing existing = Existing::keepMetrics;
  Durability durability = Durability::applied;
  FieldNames fields{};  ///< the metrics that keepMetrics keeps, beside `_qbatch…` keys and the counters that they name
  /// Empty, or one a point: then a point that is no longer as it says is left alone, as far as the backend can do that, and the verdict
  /// is `conditional` unless that cannot have happened.
  std::span<const PointBefore> before{};
};  // answers nothing
struct RetrievePoints {
  std::string collection{}, vectorName{};
  std::span<const PointId> ids{};
  bool withPayload = true, withVector = false;
};  // answers std::vector<StoredPoint>: in the order of ids, absent ones left out
struct QueryPoints {
  std::string collection{}, vectorName{};
  std::span<const std::span<const float>> vectors{};
  std::size_t limit = 10, offset = 0;
  std::string filter{};             ///< Qdrant's JSON; empty: every point
  std::optional<float> minScore{};  ///< at most, for Euclid and Manhattan
  std::optional<bool> exact{};
};  // answers std::vector<std::vector<StoredPoint>>: with payload, a list for each vector, the best first
struct ScrollPoints {
  std::string collection{}, vectorName{};
  std::string filter{};
  std::size_t limit = 1000;
  std::optional<PointId> from{};  ///< the first id to look at; ids ascend
  bool withPayload = false, withVector = false;
};  // answers ScrollPage
struct ScrollPage {
  std::vector<StoredPoint> points{};
  std::optional<PointId> next{};  ///< nullopt: that was the last page
};
struct CountPoints {
  std::string collection{};
  std::string filter{};
};  // answers std::size_t, exact
struct DeletePoints {
  std::string collection{};
  std::span<const PointId> ids{};
  std::span<const PointBefore> before{};  ///< as of UpsertPoints
};                                        // answers nothing; absent ids are no error
/// One point's change; each id stands once in a request.
struct MetricChange {
  PointId id{0};
  std::vector<std::pair<std::string, std::int64_t>> increments{};  ///< by payload key
  std::string successRateJson{};                                   ///< a JSON number; empty: unchanged
  std::string lastUsed{};  ///< RFC 3339; empty: unchanged. An earlier time than the stored one changes nothing
  std::string setJson{};   ///< a JSON object whose members are set; empty: none
};
/// Adds and sets atomically, point by point. A backend without atomic increments answers `unsupported`.
struct UpdateMetrics {
  std::string collection{};
  std::span<const MetricChange> changes{};
  FieldNames fields{};
};  // answers nothing; an absent point, a counter that holds no integer and an overflow are ItemVerdicts, the rest is applied

/// Removes the marks that updates left on a collection's points, where the client that is to remove them is gone: each client removes its
/// own. A mark that goes while a copy of its update may still arrive lets that update count twice, hence the age. A mark that its client
/// renews meanwhile stays.
struct SweepMarks {
  std::string collection{};
  std::chrono::hours olderThan{24};  ///< by the time in the mark; 24 at least, or the request is refused
};  // answers std::size_t: how many marks went, those that were renewed in that moment among them; also where it ended early

using Request = std::variant<DescribeCollection, CreateCollection, DropCollection, ListCollections, SetAlias, UpsertPoints, RetrievePoints,
                             QueryPoints, ScrollPoints, CountPoints, DeletePoints, UpdateMetrics, SweepMarks>;
using Answer = std::variant<std::monostate, bool, std::size_t, std::optional<CollectionInfo>, std::vector<CollectionInfo>,
                            std::vector<StoredPoint>, std::vector<std::vector<StoredPoint>>, ScrollPage>;

/// One item of an answered request that went another way than the rest.
struct ItemVerdict {
  std::size_t position{};  ///< in the request's points, ids, vectors or changes
  Outcome outcome{};
  Error error{};
};

/// What came of one attempt, in the words that the batch policy decides by.
struct Verdict {
  enum class Kind {
    completed,     ///< carried out; `items` names the exceptions
    acknowledged,  ///< in the server's log, not yet applied
    itemAtFault,   ///< refused because of some item, not known which: worth dividing
    tooLarge,      ///< refused because of its size: worth dividing
    fatal,         ///< nothing of this batch can succeed: unauthorised, no such collection, disk full, certificate
    throttled,     ///< asked to come later (`retryAfter`)
    unavailable,   ///< no connection, no answer or a passing fault
  };
  Kind kind = Kind::completed;
  Error error{};
  /// True where some or all of the request may have been applied although the answer does not say so.
  bool maybeApplied = false;
  /// True where nothing left at all, because the request was stopped before, or is known to be too large: it counts as no attempt.
  bool neverSent = false;
  /// True where not even a connection was had.
  bool neverConnected = false;
  std::optional<std::chrono::milliseconds> retryAfter{};
  std::vector<ItemVerdict> items{};
  /// True where the connection broke while the request's body was still being sent: twice in a row, its size is suspected.
  bool bodyBroken = false;
  /// True where it was carried out only for points that were as the request's `before` says: which these were is to be read back.
  bool conditional = false;
  /// True where the backend honours `before`.
  bool honoursBefore = false;
};

struct Reply {
  Verdict verdict{};
  Answer answer{};
  std::size_t bytesSent{}, bytesReceived{};
  std::size_t requests = 1;  ///< for Stats::requests: 0 where the answer was at hand, more where the attempt took several
  /// Of an upsert that was not carried out: the points that stood there before it, where it looked; with payload, without vector.
  std::optional<std::vector<StoredPoint>> before{};
  std::size_t lostRounds{};  ///< for Stats::lostRounds
};

struct CallLimits {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::stop_token stop{};
};
using Completion = std::function<void(Reply)>;

/// Called by several threads at once. The request, and what it refers to, lives until the completion was called.
class QBATCH_EXPORT Backend {
 public:
  virtual ~Backend() = default;
  /// Carries out one request in one attempt, and calls `completion` exactly once: from any thread, possibly before run() returns, and
  /// promptly after `limits.stop` or `limits.deadline`. Must not throw. A request that it does not know is answered with Errc::unsupported.
  virtual void run(const Request& request, CallLimits limits, Completion completion) = 0;
};

/// A Qdrant server (1.10 or later), or the nodes of a cluster, over its REST API, with connections and threads of its own: for several
/// clients to share, or for requests about collections. A client with a `url` makes its own. Of the options url, endpoints, apiKey,
/// allowKeyOverPlainHttp, tls, rest, flow.maxInFlight and log count. Throws ConfigError for options that cannot work, and RequestError
/// where no transport can be set up. Must not be destroyed by one of its own completions.
[[nodiscard]] QBATCH_EXPORT std::shared_ptr<Backend> makeRestBackend(const ClientOptions& options);

}  // namespace qbatch
