#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <variant>

#include "batch/chunk_plan.hpp"
#include "batch/concurrency.hpp"
#include "batch/isolation.hpp"
#include "batch/item_verdicts.hpp"
#include "batch/patience.hpp"
#include "batch/pieces.hpp"
#include "batch/positions.hpp"
#include "batch/retry.hpp"
#include "batch/size_limit.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::batch {

struct MachineOptions {
  RetryOptions retry{};
  std::size_t maxInFlight = 8;
  bool adaptive = true;
  /// False where sending again after `maybeApplied` could apply twice (increments): such items end as `unknown`.
  bool resendAmbiguous = true;
  /// False where nothing can have been applied (queries): `maybeApplied` is ignored.
  bool writes = true;
  std::uint64_t seed = 1;
  /// True where the server has answered before: `connectPatience` is over.
  bool answered = false;
  /// True where what was written can be read back. Only with `writes` and `resendAmbiguous`.
  bool readBack = false;
  /// True where acknowledged items are to be read back until they are applied. Only with `readBack`.
  bool followAccepted = false;
  /// Items that are known to be too many for one request; 0: not known.
  std::size_t tooMany = 0;
  /// Of repeats, shared with other batches; null: one of its own.
  std::shared_ptr<RetryBudget> budget{};
};

/// What reading an item back shows of a write that is not known to have been applied.
enum class Found : std::uint8_t {
  asSent,      // what was sent stands there
  untouched,   // what stood there before does, or nothing
  superseded,  // a third thing: somebody else has written meanwhile
};

/// How positions [range) ended. `attempts` counts requests that carried them, without those that were refused for their size and divided.
struct Settlement {
  Range range;
  Outcome outcome{};
  Error error{};
  unsigned attempts{};
  bool superseded = false;  // done, but what somebody else wrote later stands there
};

/// All policy of a batch call, without thread, clock or network: events in, actions out. Positions are 0..n in the order in which add()
/// brought them. What it decides, and which invariants it keeps: docs/adr/0003-batch-machine.md.
class BatchMachine {
 public:
  struct Send {
    std::uint64_t id{};  // names the request; to be given back to settled() exactly once
    Positions positions;
    unsigned attempt{};     // 1 for the first
    bool readBack = false;  // only to be read: to be given back to lookedBack() instead
    bool again = false;     // must not change what others wrote since the first attempt
  };
  struct Wait {  // nothing to send now; call next() again at `until`, or after any event. TimePoint::max(): only after an event
    TimePoint until;
  };
  struct Done {};
  using Action = std::variant<Send, Wait, Done>;
  using Sink = std::function<void(const Settlement&)>;

  /// `sink` is called from within settled(), cancel(), next() and close(), exactly once for every position.
  BatchMachine(const MachineOptions& options, Sink sink);

  /// The next `count` positions are ready to be sent as one chunk (0: nothing). Throws std::logic_error after close(). In a batch that was
  /// stopped they are settled by the following next() or close().
  void add(std::size_t count);
  /// No more chunks will come.
  void close();
  /// What to do now. Each Send counts as in flight until settled().
  [[nodiscard]] Action next(TimePoint now);
  /// What came of a request. Throws std::logic_error where no request of this id is in flight.
  void settled(std::uint64_t id, const Verdict& verdict, TimePoint now);
  /// What reading back has brought: where `verdict` is completed, `found` says it for each of the request's positions.
  void lookedBack(std::uint64_t id, const Verdict& verdict, std::span<const Found> found, TimePoint now);
  /// Stops the batch (caller or deadline): what waits ends at once; what is in flight when it is settled. `why` becomes its error. Without
  /// effect where the batch was stopped already.
  void cancel(const Error& why, TimePoint now);

  struct Counters {
    std::size_t sends{};    // requests
    std::size_t retries{};  // of them, those that repeat one after a passing fault
    std::size_t splits{};   // divisions in two
    std::size_t looks{};    // read-backs, which are no sends
  };
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::size_t inFlight() const noexcept { return inFlight_.size(); }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }  // chunks and pieces that are ready or delayed
  /// Why the batch stopped as a whole: a fatal verdict, patience that ran out, or what cancel() was given. No error otherwise.
  [[nodiscard]] const Error& stopped() const noexcept { return stopped_; }
  /// Items that are known to be too many for one request; 0: not known.
  [[nodiscard]] std::size_t tooMany() const noexcept { return sizeLimit_.tooMany(); }

 private:
  static constexpr unsigned mostRounds = 3;  // answers in a row, for one item, that settle nothing

  struct Flight {
    Piece piece;
    TimePoint sentAt;
  };

  [[nodiscard]] Action whenNothingToSend(TimePoint now);
  [[nodiscard]] Send send(Piece piece, TimePoint now);
  [[nodiscard]] Send repeat(Piece piece, TimePoint now);
  [[nodiscard]] bool inFlightOf(std::size_t chunk) const;
  [[nodiscard]] Piece takeSendable();
  [[nodiscard]] Flight land(std::uint64_t id);

  void carriedOut(const Piece& piece, const Verdict& verdict, TimePoint now);
  void partCarriedOut(Piece piece, const Part& part, const Verdict& verdict, TimePoint now);
  void refused(Piece piece, const Verdict& verdict, bool ambiguous);
  void tooLarge(Piece piece, const Verdict& verdict, bool ambiguous);
  void repeatLater(Piece piece, TimePoint now);
  void observeFault(std::uint64_t id, TimePoint sentAt, const Verdict& verdict, TimePoint now);

  // Reading back (batch_machine_looks.cpp).
  [[nodiscard]] bool canLook() const noexcept { return options_.readBack && !stopped_; }
  void lookOutcome(Piece piece);
  void follow(Piece piece, TimePoint now);
  [[nodiscard]] TimePoint nextLook(Piece& piece, TimePoint now);
  void lookAfterRefusal(Piece piece);
  void end(Piece piece, Outcome outcome, const Error& why);
  void overwritten(const Piece& piece);
  void notFound(Piece piece, TimePoint now);
  void notRead(Piece piece, const Verdict& verdict, TimePoint now);
  void withoutLooking(Piece piece, TimePoint now);

  void divide(const Piece& piece);
  void stop(const Error& why);
  void giveUp();
  void settleWaiting();
  void settle(const Piece& piece, Outcome outcome, const Error& error, bool superseded = false);
  void settleUnapplied(const Piece& piece, const Error& error);

  MachineOptions options_;
  Sink sink_;
  Jitter jitter_;
  std::shared_ptr<RetryBudget> budget_;
  Patience patience_;
  Window window_;
  SizeLimit sizeLimit_;
  Isolation isolation_;
  Pieces waiting_;
  std::map<std::uint64_t, Flight> inFlight_;
  Counters counters_;
  TimePoint holdUntil_ = TimePoint::min();  // the server asked for silence until then
  std::size_t added_ = 0;
  std::uint64_t nextId_ = 1;
  Error lastFault_;
  Error stopped_;
  bool closed_ = false;
  bool followedLast_ = false;  // the last request was to look at items that are only followed
};

}  // namespace qbatch::batch
