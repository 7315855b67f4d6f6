#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "batch/batch_machine.hpp"
#include "batch/index_map.hpp"
#include "batch/report_builder.hpp"
#include "qbatch/backend.hpp"
#include "run/client_core.hpp"
#include "run/embed_stage.hpp"
#include "run/kept_exception.hpp"
#include "run/progress_reporter.hpp"

namespace qbatch::run {

/// A float in JSON takes about this many bytes; the budget covers text and binary form alike.
inline constexpr std::size_t bytesOfFloat = 11;

/// What every verb's call has in common.
struct CallOptions {
  std::string collection;
  milliseconds deadline{};
  std::stop_token stop;
  ChunkOptions chunk;  // maxItems resolved
  std::function<void(const Progress&)> progress;
  bool prepaid = false;             // whoever calls has taken the items' bytes from the budget
  std::function<void()> throttled;  // called on a sender thread when the server asks for less
  std::function<void()> ended;      // called once at the end, when result() is there, on some thread of the client's, without a lock
};

/// A range of the plan under way: the request's views and what they refer to. Which of them are filled is the verb's affair.
struct Chunk {
  batch::Range plan;            // in the plan (what is to be sent), including what then failed to embed
  std::size_t firstPosition{};  // of the first good item, in the machine
  std::size_t unsettled{};
  std::size_t bytes{};                          // taken from the budget
  std::vector<std::size_t> items;               // the caller's indices of the good items
  std::vector<std::span<const float>> vectors;  // one a good item, where the verb has vectors
  std::shared_ptr<EmbedJob> embedding;          // owns the embedded vectors
  std::string text;                             // owns the payloads
  std::vector<PointView> points;
  std::vector<PointId> ids;
  std::vector<MetricChange> changes;
  std::vector<std::optional<PointBefore>> before;  // one an item, or empty: what is known of what stood there
  std::shared_ptr<const Chunk> whole;              // of which this is some items
};

/// One batch call, from its items to its report: prepares (dimension, collection), plans, embeds, sends, settles. Thread and clock around
/// the batch machine, which decides. A verb derives from it and says what its requests and answers are.
///
/// Made by make_shared, started once. Everything below runs under one mutex but the verb's textOf, encode, carryOut, answered and found.
class BatchRun : public std::enable_shared_from_this<BatchRun> {
 public:
  struct Traits {
    bool embeds = false;
    EmbedRole role = EmbedRole::passage;
    bool writes = true;
    bool resendAmbiguous = true;
    bool readsBack = false;  // what was written can be read back
    bool inOrder = false;    // a chunk is made only when the one before is settled
    bool follows = false;    // what the server only has in its log, too, until it is applied
    Verb verb = Verb::read;
  };

  BatchRun(ClientCore& core, CallOptions options, Traits traits);
  BatchRun(const BatchRun&) = delete;
  BatchRun& operator=(const BatchRun&) = delete;
  virtual ~BatchRun();

  void start();
  void cancel(const Error& why);
  void wait();
  [[nodiscard]] bool waitFor(milliseconds time);
  /// Job::whenDone. The functions are called on the callbacks' thread; the core lives until the last of them has returned.
  void whenEnded(std::function<void()> listener);
  [[nodiscard]] Progress progress() const;
  /// The report's data; throws what the run ended with instead (ConfigError). After wait().
  [[nodiscard]] std::shared_ptr<const ReportData> result() const;

 protected:
  struct ResolveDimension {};
  /// The next step before items can be planned; monostate: none.
  using Preparation = std::variant<std::monostate, ResolveDimension, Request>;
  virtual Preparation nextPreparation() { return {}; }
  /// May throw ConfigError, or call refusePreparation.
  virtual void prepared(const Answer&) {}
  /// The last preparation ended with this error; true where the call goes on without its answer.
  virtual bool goesOnWithout(const Error&) { return false; }
  /// Ends the call: every item that is not at fault itself fails with this.
  void refusePreparation(const Error& error) { preparationError_ = error; }

  /// The number of the caller's items; known once preparation has ended.
  [[nodiscard]] virtual std::size_t items() const = 0;
  /// Settles what is not to be sent, and returns the rest.
  virtual batch::IndexMap plan(batch::ReportBuilder& report) = 0;
  /// The item's estimated bytes in a request, its vector apart.
  [[nodiscard]] virtual std::size_t bytesOf(std::size_t index) const = 0;
  /// The most items of one request; asked when preparation has ended.
  [[nodiscard]] virtual std::size_t maxItems() const { return options_.chunk.maxItems; }
  /// An empty span where the item is to be embedded.
  [[nodiscard]] virtual std::span<const float> readyVector(std::size_t) const { return {}; }
  virtual void textOf(std::size_t, std::string&) const {}
  /// Fills the chunk's views for chunk.items.
  virtual void encode(Chunk&) const {}
  /// The request for a part of the chunk's good items.
  [[nodiscard]] virtual Request request(const Chunk& chunk, batch::Range part) const = 0;
  /// The request that reads that part back.
  [[nodiscard]] virtual Request readBack(const Chunk&, batch::Range) const { return {}; }
  /// What the points that were read back show of each item. `before`, one an item, is brought up to date.
  using Before = std::span<std::optional<PointBefore>>;
  [[nodiscard]] virtual std::vector<batch::Found> found(const Chunk&, batch::Range, const std::vector<StoredPoint>&, Before) const {
    return {};
  }
  /// Makes one attempt at a request, as Backend::run.
  virtual void carryOut(const Request& request, CallLimits limits, Completion completion);
  /// Takes over the answer to that request; false where it is not what was asked for.
  [[nodiscard]] virtual bool answered(const Chunk&, batch::Range, Answer&) { return true; }
  /// What the answers lack of what was asked for: items that were carried out end `failed` with it. No error: nothing.
  [[nodiscard]] virtual Error shortcoming() const { return {}; }
  /// Adds the verb's own results.
  virtual void complete(ReportData&) {}

  /// Asks for the points of that part, where the chunk has ids.
  [[nodiscard]] RetrievePoints retrieval(const Chunk& chunk, batch::Range part) const;

  [[nodiscard]] ClientCore& core() const noexcept { return core_; }
  [[nodiscard]] const CallOptions& call() const noexcept { return options_; }
  [[nodiscard]] std::size_t dimension() const noexcept { return dimension_; }  // the embedder's, after ResolveDimension

 private:
  enum class Stage { preparing, running, finished };
  struct Flight;
  using Flights = std::vector<std::shared_ptr<Flight>>;

  // The loop: what the machine says is carried out, what comes of it is told to the machine.
  void pump();
  void endAtDeadline();
  void step(Flights& flights);
  [[nodiscard]] bool noticeStop();
  void settle(const batch::Settlement& settlement);

  // One request on its way (batch_run_flights.cpp).
  [[nodiscard]] std::shared_ptr<Flight> makeFlight(const batch::BatchMachine::Send& send);
  [[nodiscard]] std::shared_ptr<Chunk> chunkOf(const batch::Positions& positions) const;
  void launch(const std::shared_ptr<Flight>& flight);
  void replied(const std::shared_ptr<Flight>& flight, Reply reply);
  void checkReply(Flight& flight, Reply& reply);
  [[nodiscard]] bool takeOver(Flight& flight, Reply& reply);
  void tellMachine(const Flight& flight, Reply& reply);

  // Before there is a plan (batch_run_preparation.cpp).
  void advancePreparation();
  void resolveDimension();
  void startRunning();
  void endWithoutRunning();
  void startMachine(bool writes, batch::BatchMachine::Sink sink);
  void countMachine();

  // From the plan to chunks that the machine can send (batch_run_chunks.cpp).
  [[nodiscard]] std::size_t estimate(std::size_t index) const;
  void startChunks();
  [[nodiscard]] bool roomForChunk() const;
  void startChunk(batch::Range range, std::size_t bytes);
  void chunkReady(const std::shared_ptr<Chunk>& chunk);
  void addChunk(const std::shared_ptr<Chunk>& chunk);
  void release(Chunk& chunk);
  void dropUnplanned();
  void closeIfPlanned();

  void finish();
  void signalEnd(std::size_t callbackErrors);
  void tell(std::vector<std::function<void()>>& listeners) const;
  [[nodiscard]] Progress snapshot() const;

  ClientCore& core_;
  const CallOptions options_;
  const Traits traits_;
  const batch::TimePoint began_ = batch::Clock::now();
  const batch::TimePoint deadline_;
  const std::shared_ptr<ProgressReporter> progress_;
  std::stop_source embedStop_, requestStop_;
  std::optional<std::stop_callback<std::function<void()>>> callerStop_;

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  Stage stage_ = Stage::preparing;
  bool signalled_ = false, resolving_ = false, cancelled_ = false, stopEmbedding_ = false;
  std::vector<std::function<void()>> listeners_;
  std::shared_ptr<BatchRun> self_;  // from start() to the end: a detached run has no other owner while it waits for a repeat
  KeptException exception_;
  Error stopReason_;  // cancelled, deadline, or what the machine stopped for
  // Gone when the run has finished: the pool may be gone before a backend lets go of the run.
  std::optional<WorkerPool::Timer> timer_, deadlineTimer_;

  Error preparationError_;
  std::optional<Request> preparation_;
  std::optional<Answer> preparationAnswer_;
  std::size_t dimension_ = 0;

  std::unique_ptr<batch::BatchMachine> machine_;
  std::unique_ptr<batch::ReportBuilder> report_;
  batch::IndexMap plan_;  // what is to be sent to the caller's indices
  std::size_t nextPlanned_ = 0, chunksInMaking_ = 0;
  bool waitingForBudget_ = false;
  batch::IndexMap positions_;                             // the machine's positions to the caller's indices
  std::map<std::size_t, std::shared_ptr<Chunk>> chunks_;  // by first position
  std::shared_ptr<EmbedStage> embedStage_;
  std::shared_ptr<ReportData> data_;
  Stats stats_;
  std::size_t successes_ = 0, settledBytes_ = 0, reported_ = 0;
};

}  // namespace qbatch::run
