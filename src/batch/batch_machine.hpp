#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "batch/chunk_plan.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::batch {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

struct MachineOptions {
  RetryOptions retry{};
  std::size_t maxInFlight = 8;
  bool adaptive = true;
  /// False where sending again after `maybeApplied` could apply twice (increments): such items end as `unknown`.
  bool resendAmbiguous = true;
  /// False where nothing can have been applied (queries): `maybeApplied` is ignored.
  bool writes = true;
  std::uint64_t seed = 1;
};

/// How positions [range) ended. `attempts` counts requests that carried them.
struct Settlement {
  Range range;
  Outcome outcome{};
  Error error{};
  unsigned attempts{};
};

/// All policy of a batch call, without thread, clock or network: events in, actions out. Positions are 0..n in the order in which add()
/// brought them. See docs/adr/0003 and design: "the batch machine".
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

  /// The next `count` positions are ready to be sent as one chunk. Not after close().
  void add(std::size_t count);
  /// No more chunks will come.
  void close();
  /// What to do now. Each Send counts as in flight until settled().
  [[nodiscard]] Action next(TimePoint now);
  /// What came of a request.
  void settled(std::uint64_t id, const Verdict& verdict, TimePoint now);
  /// Stops the batch (caller or deadline): what waits ends at once; what is in flight when it is settled. `why` becomes its error.
  void cancel(const Error& why, TimePoint now);

  struct Counters {
    std::size_t sends{}, retries{}, splits{};
  };
  [[nodiscard]] const Counters& counters() const noexcept;
  [[nodiscard]] std::size_t inFlight() const noexcept;
  [[nodiscard]] std::size_t waiting() const noexcept;  // chunks and pieces that are ready or delayed
  /// Why the batch stopped as a whole: a fatal verdict, or what cancel() was given. No error otherwise.
  [[nodiscard]] const Error& stopped() const noexcept;
};

}  // namespace qbatch::batch
