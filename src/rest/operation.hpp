#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/encode_requests.hpp"
#include "qbatch/backend.hpp"
#include "rest/channel.hpp"
#include "rest/marks.hpp"
#include "rest/point_locks.hpp"
#include "rest/server_facts.hpp"
#include "rest/writer.hpp"

namespace qbatch::rest {

/// What the operations of one backend share.
struct Stage {
  explicit Stage(metrics::PointMemory::Limits remembered = {}) : marks(remembered) {}

  std::shared_ptr<Channel> channel;
  ServerFacts facts;
  PointLocks locks;
  Writer writer;
  Marks marks;
};

/// One request of the library under way: one call of the server's API after the other, at the end one reply. Lives as long as a call is
/// under way. Its steps never run at the same time.
class Operation : public std::enable_shared_from_this<Operation> {
 public:
  Operation(std::shared_ptr<Stage> stage, CallLimits limits, Completion completion);
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  /// Once. What is thrown becomes the reply.
  void begin();

 protected:
  virtual void start() = 0;

  using Next = std::function<void(Answered&)>;
  /// Sends a call; `next` reads the answer. What is thrown there becomes the reply: a DecodeError as an unreadable answer.
  void ask(Call call, Next next);
  /// The same where only a carried-out call goes on; any other ends the operation with its verdict.
  void askFor(Call call, Next next);
  /// Goes on with the server's version at hand, asked for once a backend. It is 0.0 where the server does not say.
  void withVersion(std::function<void(const codec::ServerVersion&)> next);

  /// What stood there before an upsert, for a reply that is none of success.
  void stoodBefore(std::vector<StoredPoint> points) { reply_.before = std::move(points); }
  [[nodiscard]] const std::optional<std::vector<StoredPoint>>& stood() const noexcept { return reply_.before; }

  void lostRounds(std::size_t rounds) noexcept { reply_.lostRounds = rounds; }

  void finish(Verdict verdict, Answer answer = {});
  void finish(Answer answer) { finish(Verdict(), std::move(answer)); }

  [[nodiscard]] Stage& stage() const noexcept { return *stage_; }
  [[nodiscard]] Channel& channel() const noexcept { return *stage_->channel; }
  [[nodiscard]] const CallLimits& limits() const noexcept { return limits_; }
  /// True once a call that writes was sent that may have been applied, whatever was answered.
  [[nodiscard]] bool wrote() const noexcept { return wrote_; }
  /// The verdict to come says itself whether something may have been applied.
  void trustVerdict() noexcept { trusted_ = true; }
  /// Runs a step; what it throws becomes the reply.
  void guarded(const std::function<void()>& step) noexcept;

 private:
  const std::shared_ptr<Stage> stage_;
  const CallLimits limits_;
  Completion completion_;
  Reply reply_;
  bool wrote_ = false, trusted_ = false;
};

/// "/collections/NAME" and what follows.
[[nodiscard]] std::string collectionPath(std::string_view collection, std::string_view rest = {});

/// POST /points/batch of a collection; parameters and `items` are the caller's to set.
[[nodiscard]] Call batchCall(Channel& channel, std::string_view collection, std::span<const codec::BatchOperation> operations);

/// The server's word on a write: an acknowledged or waited-for one is not applied yet.
[[nodiscard]] Verdict writeVerdict(codec::WriteStatus status);

}  // namespace qbatch::rest
