#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <variant>

#include "batch/chunk_plan.hpp"
#include "batch/concurrency.hpp"
#include "batch/isolation.hpp"
#include "batch/patience.hpp"
#include "batch/pieces.hpp"
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
};

/// How positions [range) ended. `attempts` counts requests that carried them, without those that were refused for their size and divided.
struct Settlement {
  Range range;
  Outcome outcome{};
  Error error{};
  unsigned attempts{};
};

/// All policy of a batch call, without thread, clock or network: events in, actions out. Positions are 0..n in the order in which add()
/// brought them. What it decides, and which invariants it keeps: docs/adr/0003-batch-machine.md.
class BatchMachine {
 public:
  struct Send {
    std::uint64_t id{};  // names the request; to be given back to settled() exactly once
    Range range;
    unsigned attempt{};  // 1 for the first
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
  /// Stops the batch (caller or deadline): what waits ends at once; what is in flight when it is settled. `why` becomes its error. Without
  /// effect where the batch was stopped already.
  void cancel(const Error& why, TimePoint now);

  struct Counters {
    std::size_t sends{};    // requests
    std::size_t retries{};  // of them, those that repeat one after a passing fault
    std::size_t splits{};   // divisions in two
  };
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::size_t inFlight() const noexcept { return inFlight_.size(); }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }  // chunks and pieces that are ready or delayed
  /// Why the batch stopped as a whole: a fatal verdict, patience that ran out, or what cancel() was given. No error otherwise.
  [[nodiscard]] const Error& stopped() const noexcept { return stopped_; }

 private:
  struct Flight {
    Piece piece;
    TimePoint sentAt;
  };

  [[nodiscard]] Action whenNothingToSend(TimePoint now);
  [[nodiscard]] Send send(Piece piece, TimePoint now);
  [[nodiscard]] Piece takeSendable();

  void carriedOut(const Piece& piece, const Verdict& verdict, TimePoint now);
  void refused(Piece piece, const Verdict& verdict, bool ambiguous);
  void tooLarge(Piece piece, const Verdict& verdict, bool ambiguous);
  void repeatLater(Piece piece, TimePoint now);
  void observeFault(std::uint64_t id, TimePoint sentAt, const Verdict& verdict, TimePoint now);

  void divide(const Piece& piece);
  void stop(const Error& why);
  void giveUp();
  void settleWaiting();
  void settle(const Piece& piece, Outcome outcome, const Error& error);
  void settleUnapplied(const Piece& piece, const Error& error);

  MachineOptions options_;
  Sink sink_;
  Jitter jitter_;
  RetryBudget budget_;
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
};

}  // namespace qbatch::batch
