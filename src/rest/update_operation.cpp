#include "rest/update_operation.hpp"

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

Error tooLate(const CallLimits& limits) {
  if (limits.stop.stop_requested()) return Error(Errc::cancelled, Origin::caller, "stopped before the update was known to be applied");
  return Error(Errc::unavailable, Origin::transport, "the time for this request ran out before the update was known to be applied");
}

class UpdateOperation : public Operation {
 public:
  UpdateOperation(std::shared_ptr<Stage> stage, const UpdateMetrics& request, CallLimits limits, Completion completion)
      : Operation(std::move(stage), std::move(limits), std::move(completion)), request_(request) {}
  ~UpdateOperation() override {
    if (ticket_ != 0) stage().locks.release(ticket_);
  }

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
    Verdict verdict;
    verdict.kind = Kind::unavailable;
    verdict.neverSent = true;
    verdict.error = tooLate(limits());
    finish(std::move(verdict));
  }

  void flush() {
    GuardedUpdate::Options options;
    options.fields = request_.fields;
    options.collection = request_.collection;
    options.writer = stage().writer;
    options.sequence = stage().sequence.next(std::chrono::system_clock::now());
    update_.emplace(request_.changes, std::move(options));
    advance();
  }

  void advance() {
    if (limits().stop.stop_requested() || Clock::now() >= limits().deadline) {
      if (!begun_) return endUnsent();
      update_->giveUp(tooLate(limits()));
    }
    begun_ = true;
    auto action = update_->next();
    if (auto* read = std::get_if<GuardedUpdate::Read>(&action)) return carryOut(*read);
    if (auto* write = std::get_if<GuardedUpdate::Write>(&action)) return carryOut(*write);
    if (const auto* pause = std::get_if<GuardedUpdate::Pause>(&action)) return carryOut(*pause);
    trustVerdict();  // marks tell what a write that lost to others has not done
    finish(update_->verdict());
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
    const auto text = channel().buffer();
    codec::appendBatch(*text, write.operations, channel().options().shardKey);
    Call call;
    call.method = "POST";
    call.path = collectionPath(request_.collection, "/points/batch");
    call.query = channel().writeParameters(true, replicated());
    call.body = text;
    call.writes = true;
    call.items = write.parts;
    ask(std::move(call), [this](Answered& answered) {
      auto verdict = answered.verdict;
      noteAbsence(verdict);
      if (verdict.kind == Kind::completed) {
        try {
          const auto status = codec::decodeBatchWrite(answered.body);
          if (status == codec::WriteStatus::completed) {
            update_->written();
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
    const auto bound = std::chrono::milliseconds(20) * (1u << std::min(pause.attempt, doublings));
    static thread_local std::minstd_rand chance{std::random_device{}()};
    const std::chrono::milliseconds wait(std::uniform_int_distribution<std::int64_t>(1, bound.count())(chance));
    const auto until = std::min(Clock::now() + pause.atLeast + wait, limits().deadline);
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
  bool begun_ = false, firstRead_ = true;
};

}  // namespace

std::shared_ptr<Operation> makeUpdateOperation(std::shared_ptr<Stage> stage, const UpdateMetrics& request, CallLimits limits,
                                               Completion completion) {
  return std::make_shared<UpdateOperation>(std::move(stage), request, std::move(limits), std::move(completion));
}

}  // namespace qbatch::rest
