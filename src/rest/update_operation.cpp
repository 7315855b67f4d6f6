#include "rest/update_operation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "codec/decode_answers.hpp"
#include "codec/encode_requests.hpp"
#include "metrics/guarded_update.hpp"

namespace qbatch::rest {

namespace {

using Clock = std::chrono::steady_clock;
using Kind = Verdict::Kind;
using metrics::GuardedUpdate;

// A server that still has a write of it may be anything by then, but not the one that it was sent to.
constexpr std::chrono::hours oldestFlush{1};

Error tooLate(const CallLimits& limits) {
  if (limits.stop.stop_requested()) return Error(Errc::cancelled, Origin::caller, "stopped before the update was known to be applied");
  return Error(Errc::unavailable, Origin::transport, "the time for this request ran out before the update was known to be applied");
}

class UpdateOperation : public Operation {
 public:
  UpdateOperation(std::shared_ptr<Stage> stage, const UpdateMetrics& request, CallLimits limits, Completion completion)
      : Operation(std::move(stage), std::move(limits), std::move(completion)), request_(request) {}
  ~UpdateOperation() override { freePoints(); }

 private:
  std::shared_ptr<UpdateOperation> self() { return std::static_pointer_cast<UpdateOperation>(shared_from_this()); }

  void start() override {
    std::vector<PointId> ids;
    for (const auto& change : request_.changes) ids.push_back(change.id);
    const auto turn = std::make_shared<Turn>();
    ticket_ = stage().locks.acquire(ids, [turn] {
      turn->granted = true;
      turn->wake.request_stop();
    });
    if (turn->granted) return flush();
    // Whoever holds the points lets go within its own limits; ours may end before.
    onStop_.emplace(limits().stop, [turn] { turn->wake.request_stop(); });
    channel().wakeAt(limits().deadline, turn->wake.get_token(), [self = self()] { self->guarded([&] { self->turnOrEnd(); }); });
  }

  void turnOrEnd() {
    onStop_.reset();
    if (!stage().locks.withdraw(ticket_)) return flush();
    endUnsent();
  }

  void endUnsent() {
    if (update_) giveBack();
    Verdict verdict;
    verdict.kind = Kind::unavailable;
    verdict.neverSent = true;
    verdict.error = tooLate(limits());
    finish(std::move(verdict));
  }

  void flush() {
    if (const auto unresolved = stage().marks.tooManyUnresolved()) return endRefused(*unresolved);
    const auto name = stage().writer.next(std::chrono::system_clock::now());
    GuardedUpdate::Options options;
    options.fields = request_.fields;
    options.collection = request_.collection;
    options.writer = name.writer;
    options.sequence = sequence_ = name.sequence;
    options.indexedOnly = stage().facts.wantsIndexes(request_.collection, Clock::now());
    options.known = stage().marks.take(request_.collection, request_.changes);
    end_ = std::min(limits().deadline, Clock::now() + oldestFlush);
    update_.emplace(request_.changes, std::move(options));
    advance();
  }

  void endRefused(std::size_t unresolved) {
    Verdict verdict;
    verdict.kind = Kind::fatal;
    verdict.neverSent = true;
    verdict.error =
        Error(Errc::unavailable, Origin::caller,
              fmt::format("updates of {} points have ended `unknown` in this client, and each has to be remembered: find out why the "
                          "server's answers do not come, and go on with a new client",
                          unresolved));
    finish(std::move(verdict));
  }

  void advance() {
    if (limits().stop.stop_requested() || Clock::now() >= end_) {
      if (!begun_) return endUnsent();
      update_->giveUp(tooLate(limits()));
    }
    begun_ = true;
    auto action = update_->next();
    if (auto* read = std::get_if<GuardedUpdate::Read>(&action)) return carryOut(*read);
    if (auto* write = std::get_if<GuardedUpdate::Write>(&action)) return carryOut(*write);
    if (const auto* pause = std::get_if<GuardedUpdate::Pause>(&action)) return carryOut(*pause);
    end();
  }

  void end() {
    trustVerdict();  // marks tell what a write that lost to others has not done
    lostRounds(update_->lostRounds());
    if (update_->indexedOnly()) stage().facts.learnWantsIndexes(request_.collection, Clock::now());
    if (const auto replaced = update_->replaced(); replaced > 0) warnOf(replaced);
    giveBack();
    freePoints();
    const bool goOn = update_->verdict().kind == Kind::completed && !limits().stop.stop_requested() && Clock::now() < limits().deadline;
    const auto removal = goOn ? stage().marks.due() : std::nullopt;
    if (!removal) return finish(update_->verdict());
    ask(Marks::removalCall(*removal, stage().writer.name(), channel()), [this, removal](Answered& answered) {
      stage().marks.removed(*removal, answered);
      finish(update_->verdict());
    });
  }

  // While the points are held: what is given back must not be older than what another flush finds.
  void giveBack() { stage().marks.giveBack(request_.collection, update_->learnt(), sequence_); }

  void freePoints() {
    if (ticket_ != 0) stage().locks.release(std::exchange(ticket_, 0));
  }

  void warnOf(std::size_t replaced) const {
    channel().log(
        LogLevel::warning,
        fmt::format("collection `{}`: the payloads of {} points were replaced since this client last updated them, and what it had "
                    "counted there may be gone; let who replaces payloads keep the members that begin with `_qbatch`",
                    request_.collection, replaced));
  }

  void carryOut(const GuardedUpdate::Read& read) {
    const auto text = channel().buffer();
    codec::PayloadChoice choice;
    choice.kind = codec::PayloadChoice::Kind::only;
    choice.keys = read.keys;
    codec::appendRetrieve(*text, read.ids, choice, false, {}, channel().options().shardKey);
    Call call;
    call.method = "POST";
    call.path = collectionPath(request_.collection, "/points");
    call.query = channel().readParameters();
    call.body = text;
    // Before anything was written, the whole flush can be divided; later its points are to be read, come what may.
    call.items = std::exchange(firstRead_, false) ? read.ids.size() : 1;
    ask(std::move(call), [this](Answered& answered) {
      if (answered.verdict.kind == Kind::completed) {
        try {
          update_->read(codec::decodePoints(answered.body, {}));
        } catch (const codec::DecodeError&) {
          update_->readFailed(answered.unreadable);
        }
      } else {
        noteAbsence(answered.verdict);
        update_->readFailed(answered.verdict);
      }
      advance();
    });
  }

  void carryOut(const GuardedUpdate::Write& write) {
    firstRead_ = false;
    auto call = batchCall(channel(), request_.collection, write.operations);
    call.query = channel().writeParameters(write.wait, replicated());
    call.items = write.parts;
    ask(std::move(call), [this, wait = write.wait](Answered& answered) {
      auto verdict = answered.verdict;
      noteAbsence(verdict);
      if (verdict.kind == Kind::completed) {
        try {
          const auto status = codec::decodeBatchWrite(answered.body);
          if (status == codec::WriteStatus::completed) {
            update_->written();
            return advance();
          }
          if (status == codec::WriteStatus::acknowledged && !wait) {
            update_->queued();
            return advance();
          }
          verdict = writeVerdict(status);
          verdict.maybeApplied = true;
        } catch (const codec::DecodeError&) {
          verdict = answered.unreadable;
        }
      }
      update_->writeFailed(verdict);
      advance();
    });
  }

  // Half of the waits are spread over, so that writers who lost to each other do not meet again.
  void carryOut(const GuardedUpdate::Pause& pause) {
    constexpr unsigned doublings = 6;
    const std::chrono::microseconds first = pause.outOfStep ? std::chrono::milliseconds(1) : std::chrono::milliseconds(20);
    const auto bound = first * (1u << std::min(pause.attempt, doublings));
    static thread_local std::minstd_rand chance{std::random_device{}()};
    const std::chrono::microseconds wait(std::uniform_int_distribution<std::int64_t>(1, bound.count())(chance));
    const auto until = std::min(Clock::now() + pause.atLeast + wait, end_);
    channel().wakeAt(until, limits().stop, [self = self()] { self->guarded([&] { self->advance(); }); });
  }

  void noteAbsence(const Verdict& verdict) {
    if (verdict.error.code() == Errc::collectionNotFound) stage().facts.forgetCollection(request_.collection);
  }

  // Replicas that apply writes in different orders would come to different counts.
  bool replicated() const {
    const auto known = stage().facts.collection(request_.collection, Clock::now());
    return !channel().oneServer() || !known || known->replicationFactor > 1;
  }

  struct Turn {
    std::atomic<bool> granted{false};
    std::stop_source wake;
  };

  const UpdateMetrics& request_;
  PointLocks::Ticket ticket_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> onStop_;
  std::optional<GuardedUpdate> update_;
  std::uint64_t sequence_ = 0;
  Clock::time_point end_{};
  bool begun_ = false, firstRead_ = true;
};

}  // namespace

std::shared_ptr<Operation> makeUpdateOperation(std::shared_ptr<Stage> stage, const UpdateMetrics& request, CallLimits limits,
                                               Completion completion) {
  return std::make_shared<UpdateOperation>(std::move(stage), request, std::move(limits), std::move(completion));
}

}  // namespace qbatch::rest
