#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "qbatch/answer_store.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch::local {

/// Milliseconds since 1970, by the system's clock.
using WallTime = std::int64_t;

/// How long, and how much, is remembered.
struct AnswerLimits {
  WallTime keep = 24 * 3600 * 1000;
  std::size_t maxBytes = 0;  ///< of keys and answers; 0: no limit

  /// True where what was written at that time is forgotten by now.
  [[nodiscard]] bool over(WallTime written, WallTime now) const noexcept { return written <= now - keep; }
};

/// Somebody who wants a request carried out. The turn comes without a claim.
struct AnswerAsker {
  PointId request{0};  ///< its hash
  bool repeatable = true;
  std::function<void(AnswerStore::Turn)> then{};
};

/// What is known of a key that nobody is carrying out.
struct KnownAnswer {
  PointId request{0};
  std::optional<std::string> answer{};  ///< absent: it was begun
};

/// Which requests are being carried out, who waits for them, and what could not be written to the file: nothing else is held in memory.
/// Pure: no threads, no file, no clock.
class AnswerTurns {
 public:
  explicit AnswerTurns(AnswerLimits limits) : limits_(limits) {}

  /// What somebody is told who asks when nobody is carrying the key out.
  [[nodiscard]] static AnswerStore::Turn turnFor(const PointId& request, const std::optional<KnownAnswer>& known);

  struct Running {
    PointId request{0};
    bool begun = false;  ///< the file says that it was begun
    std::deque<AnswerAsker> waiting{};
  };
  /// Null where nobody is carrying it out.
  [[nodiscard]] const Running* running(std::string_view key) const;
  void start(const std::string& key, const PointId& request, bool begun);
  /// Lets it wait for the one that is running; false where its request is another one, and then it is left as it is.
  [[nodiscard]] bool wait(std::string_view key, AnswerAsker& asker);
  /// Nobody is carrying it out any more; gives those who waited.
  [[nodiscard]] std::deque<AnswerAsker> finish(std::string_view key);
  /// The first who waits carries it out in place of the one who dropped it; none where nobody waits, and then nobody does any more.
  [[nodiscard]] std::optional<AnswerAsker> pass(std::string_view key, bool begun);
  /// Keys that are being carried out.
  [[nodiscard]] std::size_t size() const noexcept { return running_.size(); }
  /// Takes away everyone who waits.
  [[nodiscard]] std::deque<AnswerAsker> takeWaiting();

  // What could not be written.
  struct Unwritten {
    std::string key{};
    PointId request{0};
    std::optional<std::string> answer{};  ///< absent: the file says that it was begun, but it was dropped
    WallTime at = 0;
  };
  /// Takes the place of what was there for the key. The oldest are forgotten where there is too much.
  void addUnwritten(Unwritten entry);
  [[nodiscard]] const Unwritten* unwritten(std::string_view key) const;
  void dropUnwritten(std::string_view key);
  /// Forgets those whose time is over.
  void expire(WallTime now);
  /// Oldest first.
  [[nodiscard]] const std::list<Unwritten>& unwritten() const noexcept { return unwritten_; }

 private:
  AnswerLimits limits_;
  std::map<std::string, Running, std::less<>> running_;
  std::list<Unwritten> unwritten_;
  std::map<std::string, std::list<Unwritten>::iterator, std::less<>> places_;
  std::size_t bytes_ = 0;  // of what is unwritten
};

}  // namespace qbatch::local
