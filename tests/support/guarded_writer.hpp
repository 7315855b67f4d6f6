#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metrics/guarded_update.hpp"
#include "metrics/old_marks.hpp"
#include "metrics/point_memory.hpp"
#include "support/guarded_rig.hpp"
#include "support/guarded_server.hpp"

// A client that sends one flush after another to a GuardedServer, with every kind of luck.
namespace qbatch::test {

class GuardedWriter {
 public:
  /// What a flush said of its changes.
  struct Ended {
    FlushName flush{};
    std::vector<MetricChange> changes{};
    Verdict verdict{};
    std::vector<PointId> marks{};
    std::size_t at{};
  };
  struct Luck {
    unsigned faults = 30;  ///< of a hundred requests
    unsigned rounds = 20;
    bool poison = true;
    bool removeMarks = true;
    std::size_t waitedFor = 64;
  };

  GuardedWriter(std::string name, unsigned flushes, Luck luck, GuardedServer& server, Random& random)
      : name_(std::move(name)), left_(flushes), luck_(luck), server_(server), random_(random) {}

  [[nodiscard]] bool through() const { return left_ == 0 && !update_; }
  [[nodiscard]] const std::vector<Ended>& ended() const { return ended_; }
  /// How often something happened that a campaign has to come by.
  [[nodiscard]] const std::map<std::string, std::size_t>& tally() const { return tally_; }
  void endFaults() { luck_.faults = 0; }

  /// One action of the flush under way, or the beginning of the next.
  void step(std::size_t pointCount) {
    if (!update_) return begin(pointCount);
    if (luck_.faults > 0 && random_.chance(1)) update_->giveUp(Error(Errc::deadlineExceeded, Origin::caller, "no time left"));
    const auto action = update_->next();
    if (const auto* read = std::get_if<metrics::GuardedUpdate::Read>(&action)) return answer(*read);
    if (const auto* write = std::get_if<metrics::GuardedUpdate::Write>(&action)) return answer(*write);
    if (std::holds_alternative<metrics::GuardedUpdate::Finished>(action)) end();
  }

 private:
  using Operations = std::vector<codec::BatchOperation>;

  void begin(std::size_t pointCount) {
    --left_;
    changes_.clear();
    for (std::uint64_t id = 1; id <= pointCount; ++id) {
      if (!random_.chance(70)) continue;
      MetricChange change;
      change.id = id;
      const auto by = static_cast<std::int64_t>(random_.between(1, 3)) * (random_.chance(40) ? -1 : 1);
      change.increments = {{"usage_count", by}};
      if (random_.chance(20)) change.increments.emplace_back("shown", by);
      if (random_.chance(10)) change.lastUsed = "2025-06-01T12:00:00Z";
      if (luck_.poison && random_.chance(8)) change.setJson = R"({"poison":)" + std::to_string(id) + "}";
      changes_.push_back(std::move(change));
    }
    flush_ = {name_, flush_.second + random_.between(1, 9)};
    metrics::GuardedUpdate::Options options{.writer = name_, .sequence = flush_.second, .rounds = luck_.rounds, .collection = "patterns"};
    options.waitedFor = luck_.waitedFor;
    for (const auto& change : changes_) options.known.push_back(memory_.take("patterns", change.id));
    unread_ = true;
    update_ = std::make_unique<metrics::GuardedUpdate>(changes_, std::move(options));
  }

  void answer(const metrics::GuardedUpdate::Read& read) {
    unread_ = false;
    if (random_.chance(luck_.faults)) return update_->readFailed(failure(false));
    auto found = server_.points().read(read.ids, read.keys);
    if (random_.chance(50)) std::reverse(found.begin(), found.end());
    update_->read(found);
  }

  void answer(const metrics::GuardedUpdate::Write& write) {
    const auto& operations = write.operations;
    if (std::exchange(unread_, false)) ++tally_["written from memory"];
    if (operations.size() > changes_.size()) ++tally_["rungs"];
    server_.carryOutLog();
    waits_ = write.wait;
    if (!random_.chance(luck_.faults)) return carryOut(operations, operations.size());
    switch (random_.below(4)) {
      case 0:
        return update_->writeFailed(failure(false));  // it never left
      case 1:
        return lose(operations);
      case 2: {  // the server asks to come later after the first few
        auto verdict = failure(false);
        verdict.kind = random_.chance(50) ? Verdict::Kind::throttled : Verdict::Kind::tooLarge;
        verdict.error = Error(Errc::throttled, Origin::server, "later", 429);
        applySome(operations);
        return update_->writeFailed(verdict);
      }
      default:
        carryOut(operations, random_.below(operations.size() + 1));
    }
  }

  /// Carried out, or put into the server's log, from where it is carried out behind the answer.
  void take(const codec::BatchOperation& operation) {
    if (waits_)
      server_.apply(operation, flush_);
    else
      server_.append(operation, flush_);
  }
  static bool poisoned(const Operations& operations) {
    return std::any_of(operations.begin(), operations.end(), [](const auto& operation) {
      return std::get<codec::SetPayload>(operation).payload.find("poison") != std::string::npos;
    });
  }

  /// The first `healthy` operations are carried out, unless one is poisoned; the next, if there is one, is refused.
  void carryOut(const Operations& operations, std::size_t healthy) {
    const bool twice = luck_.faults > 0 && random_.chance(10);
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const bool poison = poisoned({operations[i]});
      if (i == healthy || poison) {
        Verdict verdict;
        verdict.kind = Verdict::Kind::itemAtFault;
        verdict.maybeApplied = random_.chance(50);
        verdict.error = Error(Errc::refused, Origin::server, "poison", 400);
        if (!poison && random_.chance(50)) applySome({operations[i]});
        if (!waits_) ++tally_["refused behind a log"];
        return update_->writeFailed(verdict);
      }
      take(operations[i]);
      if (twice) take(operations[i]);
    }
    if (waits_) return update_->written();
    ++tally_["barriers"];
    update_->queued();
  }

  /// As on several shards: some points take it, some not. A single change is taken as a whole or not at all.
  void applySome(const Operations& operations) {
    if (operations.size() == 1 && GuardedPoints::idsOf(operations[0]).size() == 1) return;
    for (const auto& operation : operations) {
      if (!waits_ && random_.chance(40)) server_.append(operation, flush_);
      if (!waits_) continue;
      for (const auto& id : GuardedPoints::idsOf(operation)) {
        if (random_.chance(40)) server_.apply(operation, flush_, id);
      }
    }
  }

  /// No answer, or one that promises nothing: any part is applied now, any part later, once or several times.
  void lose(const Operations& operations) {
    for (const auto& operation : operations) {
      if (random_.chance(40)) server_.apply(operation, flush_);
      for (auto copies = random_.below(3); copies > 0; --copies) server_.keepForLater(operation, flush_);
    }
    if (random_.chance(10)) return update_->giveUp(Error(Errc::cancelled, Origin::caller, "stop"));
    update_->writeFailed(failure(true));
  }

  Verdict failure(bool maybeApplied) {
    using Kind = Verdict::Kind;
    Verdict verdict;
    verdict.maybeApplied = maybeApplied;
    const auto kind = random_.below(20);
    verdict.kind = kind == 0                  ? Kind::fatal
                   : kind < 3                 ? Kind::tooLarge
                   : kind < 6                 ? Kind::throttled
                   : maybeApplied && kind < 9 ? Kind::acknowledged
                                              : Kind::unavailable;
    verdict.error = Error(Errc::unavailable, Origin::transport, "a fault");
    return verdict;
  }

  void end() {
    auto learnt = update_->learnt();
    tally_["lost rounds"] += update_->lostRounds();
    tally_["replaced"] += update_->replaced();
    ended_.push_back({flush_, changes_, update_->verdict(), settledMarks(learnt), server_.now()});
    for (auto& point : learnt) memory_.giveBack("patterns", std::move(point), flush_.second, TimePoint());
    update_.reset();
    if (!luck_.removeMarks || random_.chance(50)) return;
    if (const auto removal = memory_.due(TimePoint())) remove(*removal);
  }

  /// As late, and as often, as any other write.
  void remove(const metrics::PointMemory::Removal& removal) {
    const metrics::MarkRemoval marks{"_qbatch_" + name_, removal.upTo, removal.ids};
    const codec::BatchOperation deletion = marks.operation(0, marks.ids.size());
    const FlushName none{name_, 0};
    const bool unanswered = random_.chance(luck_.faults);
    if (!unanswered || random_.chance(40)) server_.apply(deletion, none);
    if (unanswered) server_.keepForLater(deletion, none);
    memory_.removed(removal, !unanswered);
    ++tally_[unanswered ? "removals unanswered" : "removals"];
  }

  using TimePoint = metrics::PointMemory::TimePoint;
  std::string name_;
  unsigned left_;
  Luck luck_;
  GuardedServer& server_;
  Random& random_;
  FlushName flush_{};
  std::vector<MetricChange> changes_;
  std::unique_ptr<metrics::GuardedUpdate> update_;
  bool waits_ = true;    // the write under way
  bool unread_ = false;  // the flush under way has read nothing yet
  std::map<std::string, std::size_t> tally_;
  std::vector<Ended> ended_;
  metrics::PointMemory memory_{{.idle = std::chrono::minutes(0)}};  // marks may go as soon as they are settled
};

}  // namespace qbatch::test
