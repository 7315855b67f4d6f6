#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "qbatch/point_id.hpp"

namespace qbatch::metrics {

inline constexpr unsigned mostRungs = 8;

/// What is known of a point before a flush.
struct KnownPoint {
  std::string payload{};  ///< the members that the last flush read, absent ones as null; empty: not known
  bool trusted = false;   ///< nobody else seems to write them: they can be written upon without a read
  unsigned rungs = 1;     ///< how many counts a write should be ready for
};

/// What a flush has learnt of a point.
struct FlushedPoint {
  PointId id{0};
  std::string payload{};           ///< as of KnownPoint, after the flush
  std::optional<bool> foreseen{};  ///< where something was known before: whether it was so
  unsigned lost = 0;               ///< rounds
  bool marked = false;             ///< it has the flush's mark
  bool open = false;               ///< a write may still take effect, or may have, unseen
  bool gone = false;               ///< there is no such point
};

/// What one writer remembers of the points that it has updated: their last known counts, how contended they are, and the marks that it
/// left there and has to remove. Bounded: the least recently used is forgotten first. What may still be applied is never forgotten, and its
/// mark never removed, since without the mark a late copy would count twice. Not thread-safe.
class PointMemory {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Limits {
    std::size_t points = 50'000;       ///< remembered, those unresolved apart; twice as many while marks cannot be removed
    std::size_t unresolved = 100'000;  ///< points
    std::chrono::minutes idle{10};     ///< until a mark may go
    std::size_t removal = 1'000;       ///< points, at most, of one removal
  };
  /// Marks to be removed, as far as they are not above `upTo`.
  struct Removal {
    std::string collection{};
    std::vector<PointId> ids{};
    std::uint64_t upTo{};
  };

  PointMemory() : PointMemory(Limits()) {}
  explicit PointMemory(Limits limits) : limits_(limits) {}

  /// For a flush of this point, which is to be given back when it has ended: until then its mark is not removed.
  [[nodiscard]] KnownPoint take(const std::string& collection, const PointId& id);
  void giveBack(const std::string& collection, FlushedPoint point, std::uint64_t sequence, TimePoint now);

  /// Somebody writes or deletes the whole point: its counts and its mark are known no more.
  void replaced(const std::string& collection, const PointId& id);

  /// True where so much is unresolved that nothing more should be begun.
  [[nodiscard]] bool full() const { return unresolved_.size() >= limits_.unresolved; }
  [[nodiscard]] std::size_t unresolved() const { return unresolved_.size(); }
  [[nodiscard]] std::size_t size() const { return settled_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// Marks of points that were idle for long, or are too many, where there are enough of them to be worth a request. Answered by removed().
  [[nodiscard]] std::optional<Removal> due(TimePoint now);
  /// The request for it was carried out, or may still be.
  void removed(const Removal& removal, bool carriedOut);
  /// At the end of the writer: the next marks that may go, which are forgotten at once; nullopt when there are no more.
  [[nodiscard]] std::optional<Removal> last();

 private:
  struct Key {
    std::string collection{};
    PointId id{0};
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<std::string>{}(key.collection) * 31 + std::hash<PointId>{}(key.id);
    }
  };
  struct Entry {
    Key key{};
    std::string payload{};
    std::uint64_t sequence{};
    TimePoint used{};
    unsigned rungs = 1;
    unsigned agreed = 0;  // times in a row that the point was as known, since it was not
    bool disagreed = false;
    bool marked = false, taken = false;
    bool leaving = false;  // its mark was asked to go, and may do so at any time
    bool unresolved = false;
  };
  using Entries = std::list<Entry>;  // the least recently used first

  Entries::iterator entryOf(const std::string& collection, const PointId& id);
  void forget(Entries::iterator entry);
  void shrink();

  Limits limits_;
  double agreement_ = 1;  // how often points lately were as known, 1: always
  Entries settled_, unresolved_;
  std::unordered_map<Key, Entries::iterator, KeyHash> entries_;
};

}  // namespace qbatch::metrics
