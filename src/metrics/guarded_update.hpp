#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "codec/encode_requests.hpp"
#include "metrics/flush_ledger.hpp"
#include "metrics/guarded_operation.hpp"
#include "metrics/point_memory.hpp"
#include "metrics/seen_points.hpp"
#include "metrics/write_plan.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::metrics {

/// Adds and sets exactly once over a server without arithmetic, by guarded compare-and-set: reads counts, writes the sums under a filter
/// that holds only while the counts are as read and this flush has not been applied yet, and reads back which points have taken it. Pure:
/// actions out, events in. One flush of one client; no two flushes of one client may have a point in common at one time.
///
/// A point keeps, for each writer W, the number of its last flush under `_qbatch_W`, and under `_qbatch_last` a stamp of whoever wrote
/// last. Sending a write again is always safe: at most one copy of a flush takes effect on a point. What that rests on:
/// - W is one client's alone, and plain letters: two clients with one name would take each other's marks for their own, and a name with a
///   dot would be read as a path to a member within a member, where no mark is.
/// - A delta keeps its number until it is settled: under a new one, a late copy of the old would add it once more.
/// - A mark stays while a copy of its flush may arrive (PointMemory).
/// - Without marks as guards (indexedOnly) counts may only rise: a count that fell could again be what a late copy waits for.
class GuardedUpdate {
 public:
  struct Options {
    FieldNames fields{};
    std::string writer{};             ///< W: [A-Za-z0-9_], never used by another client
    std::uint64_t sequence{};         ///< s: above all earlier ones of this writer, below 2^53
    unsigned rounds = 20;             ///< writes, at most, for one point
    std::string collection{};         ///< for messages
    bool indexedOnly = false;         ///< see Flush
    std::size_t waitedFor = 64;       ///< operations, at most, of a Write that waits; more go behind a barrier, which is faster
    std::vector<KnownPoint> known{};  ///< one a change, or empty
  };
  struct Read {
    std::vector<PointId> ids{};
    std::vector<std::string> keys{};  ///< payload members to ask for
  };
  struct Write {
    std::vector<codec::BatchOperation> operations{};
    std::size_t parts = 1;  ///< points or operations, whichever are more: above 1, some may be carried out and others not
    bool wait = true;       ///< for the operations to be applied; otherwise for them to be in the server's log
  };
  /// Wait for a jittered time below a bound that grows with `attempt` (from 1), and for the time that the server asked for; then ask again.
  struct Pause {
    unsigned attempt = 1;
    std::chrono::milliseconds atLeast{};
    bool outOfStep = false;  ///< nothing is amiss but that others were faster: a far shorter time will do
  };
  struct Finished {};
  using Action = std::variant<Read, Write, Pause, Finished>;

  /// `changes` must outlive this object. Each id stands in it once. Throws std::invalid_argument for a writer's name that cannot be one.
  GuardedUpdate(std::span<const MetricChange> changes, Options options);

  /// What to do next. Asked once after construction and after each event; a Pause is its own event. Failed reads and writes that may have
  /// been applied are repeated until giveUp: when to stop is the caller's to know.
  [[nodiscard]] Action next();

  /// The answer to a Read: the points that exist, in any order.
  void read(std::span<const StoredPoint> points);
  /// It is asked again, unless it was refused: then what is known is all.
  void readFailed(const Verdict& verdict);
  /// The whole Write was answered as carried out, point by point as far as its guards held.
  void written();
  /// A Write that need not wait is in the server's log as a whole.
  void queued();
  /// The Write was answered otherwise, or not at all. Unless verdict.maybeApplied is false a copy of it may still take effect, now or
  /// later; `itemAtFault` alone is always taken as an answer after which nothing more arrives, whatever of it was applied. The same goes
  /// for a request to come later or with less (httpStatus given), if it was one for several points: the server may say so in the middle.
  /// Where it is `tooLarge` and was never sent, its halves go without another look.
  void writeFailed(const Verdict& verdict);
  /// No more time: what is not known ends as it stands. Where a Write is under way, its answer counts as lost.
  void giveUp(const Error& why);

  /// After Finished. Kinds: completed, with an ItemVerdict for each change that is not done; or, where it is known that nothing of this
  /// flush has been applied or ever will be, what a read or write failed with: all of it may be sent again under a new number.
  [[nodiscard]] const Verdict& verdict() const { return verdict_; }
  /// What was learnt of each change's point.
  [[nodiscard]] std::vector<FlushedPoint> learnt() { return seen_.learnt(flush_, ledger_); }
  /// How many writes of a point were answered and came too late, all points together.
  [[nodiscard]] std::size_t lostRounds() const { return ledger_.lostRounds(); }
  [[nodiscard]] std::size_t replaced() const { return ledger_.replaced(); }
  /// True where the collection turned out to want an index for each filter.
  [[nodiscard]] bool indexedOnly() const { return flush_.indexedOnly; }

 private:
  enum class Step { read, pause, write, barrier, finished };

  [[nodiscard]] Action write();
  /// Reads the unsettled points' payloads into the ledger; what is still to be written comes back.
  [[nodiscard]] WritePlan::Operations look(std::span<const StoredPoint> points);
  void plan(WritePlan::Operations operations);
  void goOn();
  void pause(unsigned attempt);
  void pauseForFault(std::optional<std::chrono::milliseconds> asked = {});
  void unbarred(const Verdict& verdict);
  void finishLog(const Verdict& verdict);
  void demandsIndex(const Verdict& verdict);
  void refused(const Verdict& verdict);
  void tooMuch(const Verdict& verdict);
  void comeLater(const Verdict& verdict);
  void hopeless(const Verdict& verdict);
  [[nodiscard]] bool tooManyRungs(const Verdict& verdict);
  [[nodiscard]] bool answeredInTheMiddle(const Verdict& verdict) const;
  void endAll(const Error& why);
  void endAsWhole(const Verdict& why);
  void finish();

  std::span<const MetricChange> changes_;
  Flush flush_;
  const std::size_t waitedFor_;
  SeenPoints seen_;
  FlushLedger ledger_;
  Step step_ = Step::read;
  Pause pause_{};
  unsigned faults_ = 0;            // pauses since a point was last settled
  unsigned patience_ = 0;          // reads to wait for what the server has in its log
  bool pauseBeforeWrite_ = false;  // what was read is not to be written at once
  Step afterPause_ = Step::read;
  bool waits_ = true;                    // the Write under way
  std::optional<Verdict> unfinished_{};  // how it ended, to be dealt with when what it left in the log is carried out
  bool oneRung_ = false;                 // more were too large
  bool lookedAtRefusal_ = false;         // points were read back after a refusal
  unsigned refusedInARow_ = 0;           // Writes, since one passed
  WritePlan plan_;
  std::optional<Error> ending_{};        // why the flush ends when it was read once more
  std::optional<Verdict> repeatable_{};  // what the flush ends with as a whole if the next read shows that nothing was applied
  Verdict verdict_{};
};

}  // namespace qbatch::metrics
