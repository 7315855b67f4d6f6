#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qbatch/filter.hpp"

namespace qbatch {
using std::chrono::milliseconds;

class Embedder;
class Backend;
class Journal;

/// When to give up on passing faults. Waits are drawn uniformly between 0 and a bound that doubles from firstDelay to maxDelay.
struct RetryOptions {
  milliseconds firstDelay{50}, maxDelay{5000};
  milliseconds patience{120000};       ///< give up after this long without progress
  milliseconds connectPatience{5000};  ///< the same before the first answer ever
};
struct ChunkOptions {
  std::size_t maxItems{};            ///< items a request; 0: the verb's limit
  std::size_t maxBytes = 24u << 20;  ///< bytes a request, estimated before encoding
};
struct FlowOptions {
  std::size_t maxInFlight = 8;                ///< requests at once a call
  bool adaptive = true;                       ///< fewer while the server asks for less
  std::size_t maxBufferedBytes = 256u << 20;  ///< vectors and payloads held by all calls of a client; one chunk a call always fits
};
/// The most items that one request carries, by verb. A larger call is split.
struct Limits {
  std::size_t store = 1000, search = 100, update = 500;
};
struct TlsOptions {
  std::string caFile{}, clientCertificate{}, clientKey{};
  bool verify = true;
};
/// The payload's member names, for collections that exist already. Metrics are top-level names of [A-Za-z0-9_]{1,48}.
struct FieldNames {
  std::string description = "description", code = "code", language = "language";
  std::string usageCount = "usage_count", successRate = "success_rate", lastUsed = "last_used";
  friend bool operator==(const FieldNames&, const FieldNames&) = default;
};
/// How a cluster orders writes among replicas; Qdrant's `ordering`.
enum class WriteOrdering { serverDefault, weak, medium, strong };

/// The way to a Qdrant server, beside `url`, `apiKey` and `tls`.
struct RestOptions {
  milliseconds connectTimeout{5000};
  milliseconds idleTimeout{60000};            ///< an exchange in which nothing moves for this long is given up; 0: never
  std::size_t connections{};                  ///< at once; 0: flow.maxInFlight
  std::size_t maxResponseBytes = 512u << 20;  ///< of one answer, unpacked; a longer one is refused while it comes
  WriteOrdering ordering = WriteOrdering::serverDefault;
  std::string consistency{};     ///< of reads: "majority", "quorum", "all" or a number of replicas; empty: the server's default
  std::string shardKey{};        ///< for collections with custom sharding; empty: none
  milliseconds serverTimeout{};  ///< how long the server may work on one request, in whole seconds; 0: the server's default
  std::vector<std::pair<std::string, std::string>> headers{};  ///< sent with every request
  /// Asked for each request, from any thread, several at once; its answer is sent as `Authorization: Bearer …`. Instead of `apiKey`.
  std::function<std::string()> bearerToken{};
  std::string proxy{};      ///< a URL; empty: as the environment says (https_proxy, http_proxy, no_proxy). Never for loopback
  std::string userAgent{};  ///< empty: "qbatch/" and the version
  /// Request bodies of at least so many bytes are packed with gzip; 0: none. Halves a body of vectors and takes a core some 50 µs a point
  /// of 384 floats, so it pays on links below some 300 Mbit/s (docs/performance.md). Qdrant unpacks it.
  std::size_t gzipFrom{};
};

enum class LogLevel { debug, info, warning, error };

/// How far a call is. `done` and `failed` count items that are settled.
struct Progress {
  std::size_t done{}, total{}, failed{}, bytes{};
  double itemsPerSecond{};
  std::optional<std::chrono::seconds> remaining{};
  std::optional<double> share{};  ///< of the input that has been read, from 0 to 1; only of imports, where it is known
};

/// What this version does not honour yet is a ConfigError, never ignored (see README, "What works today").
struct ClientOptions {
  std::string url{};                     ///< of a Qdrant server, as http://localhost:6333; a path in front of its API may follow
  std::vector<std::string> endpoints{};  ///< URLs of further nodes of the same cluster; requests go to each in turn
  std::string apiKey{};                  ///< sent with every request; never logged
  std::string collection = "patterns";
  std::string vectorName{};              ///< empty: the unnamed vector
  std::shared_ptr<Embedder> embedder{};  ///< may be absent where every pattern and query brings its vector
  std::shared_ptr<Backend> backend{};    ///< instead of a url
  std::size_t threads{};         ///< of the pool that embeds and runs callbacks; 0: one a core. As many at most, and one, send and wait
  bool createCollection = true;  ///< where a store finds none
  bool allowKeyOverPlainHttp = false;  ///< otherwise a key is sent over https or to this very machine only
  milliseconds timeout{60000};         ///< of one request
  Limits limits{};
  RetryOptions retry{};
  FlowOptions flow{};
  TlsOptions tls = TlsOptions();  // as `{}`, g++ 12 would warn wrongly in users' code at -O3
  /// Called from any thread, several at once; silent where empty.
  std::function<void(LogLevel, std::string_view)> log{};
  std::shared_ptr<Journal> journal{};
  bool allowOtherEmbedder = false;  ///< search and fill collections that another embedder filled
  FieldNames fields{};
  RestOptions rest = RestOptions();
  /// Items and calls are checked against the collection's description before anything is embedded or sent: the vector's name, lengths of
  /// vectors, finite floats, what strict mode allows. Otherwise that is left to the server, whose refusals are dealt with: the item at
  /// fault is found by dividing requests. What only qbatch can know is checked always (see the guide, "Local checks").
  bool localChecks = true;
};

/// applied: the call returns when the server has applied the writes; queued: when they are in its log.
enum class Durability { applied, queued };
/// What storing does with a point that exists: keepMetrics replaces all but its usage metrics; skip leaves it as it is.
enum class Existing { keepMetrics, replace, skip };

// The per-call options. An empty collection is the client's; a deadline of 0 is none, and runs on the steady clock. `progress` is called
// on a thread of the client's own, one call at a time for the whole client, never under a lock; what it throws is caught and counted.

struct StoreOptions {
  std::string collection{};
  milliseconds deadline{};
  std::stop_token stop{};
  ChunkOptions chunk{};
  std::function<void(const Progress&)> progress{};
  Durability durability = Durability::applied;
  Existing existing = Existing::keepMetrics;
};
struct SearchOptions {
  std::string collection{};
  milliseconds deadline{};
  std::stop_token stop{};
  ChunkOptions chunk{};
  std::function<void(const Progress&)> progress{};
  std::size_t limit = 10, offset = 0;
  Filter filter = Filter();
  std::optional<float> minScore{};  ///< at least; for Euclid and Manhattan, where smaller is nearer, at most
  std::optional<bool> exact{};
  /// Searched together, instead of `collection`, each with the same vectors: every query is answered by the hits of all of them, merged by
  /// rank, as scores of different collections do not compare: first the best hit of each, in this order, then the second ones.
  /// A collection that cannot be searched (absent, filled by another embedder) makes its queries fail, with the others' hits beside.
  std::vector<std::string> collections{};
};
struct UpdateOptions {
  std::string collection{};
  milliseconds deadline{};
  std::stop_token stop{};
  ChunkOptions chunk{};
  std::function<void(const Progress&)> progress{};
  std::string operationId{};  ///< with a journal: repeating an id counts nothing twice
};
struct DeleteOptions {
  std::string collection{};
  milliseconds deadline{};
  std::stop_token stop{};
  ChunkOptions chunk{};
  std::function<void(const Progress&)> progress{};
};
struct ReadOptions {
  std::string collection{};
  milliseconds deadline{};
  std::stop_token stop{};
};

}  // namespace qbatch
