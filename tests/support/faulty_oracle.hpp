#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "qbatch/report.hpp"
#include "support/faulty_findings.hpp"
#include "support/faulty_history.hpp"

namespace qbatch::test {

/// What a report says of one item.
struct Told {
  PointId id{0};
  std::size_t index{};
  Outcome outcome{};
  bool superseded = false;
  std::optional<unsigned> attempts{};  ///< of an item that is neither done nor accepted
  std::string message{};
  bool bad = false;  ///< the schedule calls it so
};

/// What a write that is repeated may find there and overwrite, of what others wrote after its first attempt.
enum class Repeats {
  never,      ///< nothing
  asFound,    ///< what it found when it looked for the first time
  unmetered,  ///< this is not looked at
};

/// Compares what is told with what was.
class Oracle {
 public:
  using AsSent = std::function<bool(const std::optional<Content>&)>;
  struct Call {
    std::size_t end{};
    bool well = false;    ///< every good item can be done
    bool queued = false;  ///< nobody waits: `accepted` is a good end, also of what the server will decline
    Repeats repeats = Repeats::never;
    /// True where a condition on what was read (the first) does not hold for what stands there when a write arrives (the second).
    std::function<bool(const Content&, const Content&)> guarded{};
  };

  Oracle(const FaultyServer& server, Call call, Findings& findings) : server_(server), call_(std::move(call)), findings_(findings) {}

  /// `asSent`: true for what the point holds once the item is carried out.
  void check(const Told& told, const AsSent& asSent);
  void checkCounts(const BatchReport& report, std::size_t items, std::size_t mostRequests);

 private:
  [[nodiscard]] bool held(const PointHistory& history, const AsSent& asSent) const;
  void checkDone(const Told& told, const PointHistory& history, const AsSent& asSent);
  [[nodiscard]] static bool undone(const PointHistory& history);
  [[nodiscard]] static bool appearedBeforeTheInsert(const PointHistory& history);
  void checkUnapplied(const Told& told, const PointHistory& history);
  [[nodiscard]] static bool writtenOver(const PointHistory& history);
  void checkUncertain(const Told& told, const PointHistory& history);
  void checkOverwritten(const Told& told, const PointHistory& history);
  [[nodiscard]] std::string overwriteProblem(const PointHistory& history, const PointState& before, const PointState& after) const;
  void problem(const std::string& kind, const Told& told, const PointHistory& history);

  const FaultyServer& server_;
  const Call call_;
  Findings& findings_;
};

/// What the report says of its items. `id` names each item's point.
std::vector<Told> toldBy(const BatchReport& report, const std::function<PointId(std::size_t)>& id, const std::set<PointId>& bad);

}  // namespace qbatch::test
