#include "rest/sweep_operation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "codec/decode_answers.hpp"
#include "codec/encode_requests.hpp"
#include "metrics/old_marks.hpp"

namespace qbatch::rest {

namespace {

using Kind = Verdict::Kind;

constexpr std::size_t mostPoints = 1000, mostOperations = 200;
// Every update leaves this stamp beside its mark: what nobody counted on is not read.
constexpr std::string_view updatedPoints = R"({"must_not":[{"is_empty":{"key":"_qbatch_last"}}]})";

// What strict mode says of a page that is too long is no `tooLarge`: to a search it is the caller's own limit.
bool asksForTooMuch(const Verdict& verdict) {
  return verdict.kind == Kind::tooLarge || verdict.error.serverMessage().find("for \"limit\"") != std::string::npos;
}

class SweepOperation : public Operation {
 public:
  SweepOperation(std::shared_ptr<Stage> stage, const SweepMarks& request, CallLimits limits, Completion completion)
      : Operation(std::move(stage), std::move(limits), std::move(completion)), request_(request) {
    page_.collection = request.collection;
    page_.filter = updatedPoints;
    page_.limit = mostPoints;
  }

 private:
  void start() override {
    if (auto problem = metrics::sweepProblem(request_)) {
      Verdict verdict;
      verdict.kind = Kind::fatal;
      verdict.error = std::move(*problem);
      return finish(std::move(verdict));
    }
    before_ = metrics::flushesBefore(std::chrono::system_clock::now(), request_.olderThan);
    readPage();
  }

  void readPage() {
    const auto text = channel().buffer();
    // Nobody can ask for all marks, but the longest members by far need not come along, where they have their usual names.
    const codec::PayloadChoice choice{codec::PayloadChoice::Kind::allBut, {"description", "code", "language"}};
    codec::appendScroll(*text, page_, choice, channel().options().shardKey);
    Call call;
    call.method = "POST";
    call.path = collectionPath(request_.collection, "/points/scroll");
    call.query = channel().readParameters();
    call.body = text;
    askOn(std::move(call), [this](Answered& answered) {
      if (answered.verdict.kind != Kind::completed) return pageRefused(std::move(answered.verdict));
      const auto page = codec::decodeScroll(answered.body, {});
      if (page.next && page.next == page_.from) throw codec::DecodeError("the next page begins where this one did");
      page_.from = page.next;
      removals_ = metrics::markRemovals(page.points, before_);
      removal_ = point_ = 0;
      goOn();
    });
  }

  void pageRefused(Verdict verdict) {
    if (asksForTooMuch(verdict) && page_.limit > 1) {
      page_.limit /= 2;
      return readPage();
    }
    // Strict mode may demand an index for every filter: then all points are read.
    if (verdict.error.code() == Errc::refused && !page_.filter.empty()) {
      page_.filter.clear();
      return readPage();
    }
    end(std::move(verdict));
  }

  void goOn() {
    if (removal_ < removals_.size()) return remove();
    if (page_.from) return readPage();
    Verdict verdict;
    verdict.kind = acknowledged_ ? Kind::acknowledged : Kind::completed;
    finish(std::move(verdict), removed_);
  }

  // As many removals as one request may have, from where the last one ended.
  void remove() {
    std::vector<codec::BatchOperation> operations;
    std::size_t removal = removal_, point = point_, marks = 0, longest = 0;
    while (removal < removals_.size() && operations.size() < operations_) {
      const auto& whole = removals_[removal];
      const auto count = std::min(ids_, whole.ids.size() - point);
      operations.emplace_back(whole.operation(point, count));
      marks += count;
      longest = std::max(longest, count);
      point += count;
      if (point < whole.ids.size()) continue;
      ++removal;
      point = 0;
    }
    auto call = batchCall(channel(), request_.collection, operations);
    // Replicas that took a removal and its owner's next update in different orders would come to different marks.
    call.query = channel().writeParameters(true, true);
    call.items = marks;
    askOn(std::move(call), [this, removal, point, marks, longest, sent = operations.size()](Answered& answered) {
      if (answered.verdict.kind == Kind::tooLarge && marks > 1) {
        if (sent > 1)
          operations_ = sent / 2;
        else
          ids_ = longest / 2;
        return remove();
      }
      if (answered.verdict.kind != Kind::completed) return end(std::move(answered.verdict));
      if (codec::decodeBatchWrite(answered.body) != codec::WriteStatus::completed) acknowledged_ = true;
      removed_ += marks;
      removal_ = removal;
      point_ = point;
      goOn();
    });
  }

  /// Asks; an answer that cannot be read ends it, too.
  void askOn(Call call, Next next) {
    ask(std::move(call), [this, next = std::move(next)](Answered& answered) {
      try {
        next(answered);
      } catch (const codec::DecodeError&) {
        if (removed_ == 0) throw;
        end(std::move(answered.unreadable));
      }
    });
  }

  void end(Verdict verdict) {
    const auto& error = verdict.error;
    if (error.code() == Errc::collectionNotFound) stage().facts.forgetCollection(request_.collection);
    if (removed_ > 0)
      verdict.error = Error(static_cast<Errc>(error.code().value()), error.origin(),
                            fmt::format("{}; {} removed before that: sweep again for the rest", error.message(),
                                        removed_ == 1 ? "1 mark was" : fmt::format("{} marks were", removed_)),
                            error.httpStatus(), error.serverMessage());
    finish(std::move(verdict), removed_);
  }

  const SweepMarks& request_;
  std::uint64_t before_ = 0;
  ScrollPoints page_;  // the next one
  std::vector<metrics::MarkRemoval> removals_;
  std::size_t removal_ = 0, point_ = 0;                         // where the next request begins
  std::size_t operations_ = mostOperations, ids_ = mostPoints;  // how much a request, and an operation, may have
  std::size_t removed_ = 0;
  bool acknowledged_ = false;
};

}  // namespace

std::shared_ptr<Operation> makeSweepOperation(std::shared_ptr<Stage> stage, const SweepMarks& request, CallLimits limits,
                                              Completion completion) {
  return std::make_shared<SweepOperation>(std::move(stage), request, std::move(limits), std::move(completion));
}

}  // namespace qbatch::rest
