#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string_view>

#include "batch/retry.hpp"
#include "qbatch/backend.hpp"
#include "qbatch/embedder.hpp"
#include "qbatch/options.hpp"
#include "run/byte_budget.hpp"
#include "run/worker_pool.hpp"

namespace qbatch {

namespace run {

/// What a call is for, as far as the server's limits differ by it.
enum class Verb { store, search, update, remove, read, collections };

/// Counts the foreign threads (a backend's, a stop source's) that are inside the client, so that it is not destroyed under them.
class Gate {
 public:
  class Pass {
   public:
    explicit Pass(std::shared_ptr<Gate> gate) : gate_(std::move(gate)) { ++gate_->inside_; }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      --gate_->inside_;
      gate_->inside_.notify_all();
    }

   private:
    std::shared_ptr<Gate> gate_;
  };
  void waitUntilEmpty() noexcept {
    for (auto inside = inside_.load(); inside != 0; inside = inside_.load()) inside_.wait(inside);
  }

 private:
  std::atomic<int> inside_{0};
};

}  // namespace run

/// What all runs of one client share: options, pool, byte budget, embedder. Thread-safe.
class ClientCore {
 public:
  /// Makes the backend where the options have none; `post` carries out tasks on the senders' threads.
  using Connect = std::function<std::shared_ptr<Backend>(const ClientOptions&, std::function<void(std::function<void()>)> post)>;

  /// Starts the pool's threads. The options must have been checked.
  ClientCore(ClientOptions options, const Connect& connect);
  ClientCore(const ClientCore&) = delete;
  ClientCore& operator=(const ClientCore&) = delete;
  ~ClientCore();

  /// A shared core that is deleted rightly wherever the last pointer goes: never joined from its own pool, left alone after a fork.
  [[nodiscard]] static std::shared_ptr<ClientCore> make(ClientOptions options, const Connect& connect);

  [[nodiscard]] const ClientOptions& options() const noexcept { return options_; }
  [[nodiscard]] Backend& backend() const noexcept { return *backend_; }
  [[nodiscard]] Embedder* embedder() const noexcept { return options_.embedder.get(); }
  /// For the embedder, which may block. As many threads as the options say.
  [[nodiscard]] run::WorkerPool& pool() noexcept { return pool_; }
  /// For what only computes: requests, answers, encoding. So an embedder that keeps the whole pool busy holds up no request.
  [[nodiscard]] run::WorkerPool& senders() noexcept { return senders_; }
  /// For the caller's functions, so that they come in time while the embedder is busy, and block nothing else.
  [[nodiscard]] run::WorkerPool& callbacks() noexcept { return callbacks_; }
  /// For timers, which must fire whatever else is going on.
  [[nodiscard]] run::WorkerPool& clock() noexcept { return clock_; }
  /// True on any of these threads.
  [[nodiscard]] bool onOwnThread() const noexcept;
  [[nodiscard]] run::ByteBudget& budget() noexcept { return budget_; }
  /// Of repeats, for all runs together.
  [[nodiscard]] const std::shared_ptr<batch::RetryBudget>& repeats() const noexcept { return repeats_; }
  /// Items that a run has found to be too many for one request of this verb; 0: not known.
  [[nodiscard]] std::size_t tooMany(run::Verb verb) const noexcept { return tooMany_[static_cast<std::size_t>(verb)]; }
  void learnTooMany(run::Verb verb, std::size_t items) noexcept { tooMany_[static_cast<std::size_t>(verb)] = items; }
  /// For a run's jitter: the system's own source of chance costs more than a small run.
  [[nodiscard]] std::uint64_t nextSeed() noexcept { return seed_.fetch_add(0xD1B54A32D192ED03u); }
  [[nodiscard]] const std::shared_ptr<run::Gate>& gate() const noexcept { return gate_; }
  /// Held around embed() where the embedder is not concurrent.
  [[nodiscard]] std::mutex& embedMutex() noexcept { return embedMutex_; }

  /// The embedder's dimension where it is known already; 0 otherwise.
  [[nodiscard]] std::size_t knownDimension() const;
  /// Asks the embedder for it, once for all runs. Blocks; throws what the embedder throws. 0: it does not know either.
  [[nodiscard]] std::size_t resolveDimension(std::stop_token stop);

  /// Throws ConfigError after a fork.
  void refuseAfterFork(std::string_view verb) const;
  /// Throws ConfigError after a fork, and inside this client's callbacks and embedder, where waiting would never end.
  void refuseBlocking(std::string_view verb) const;
  [[nodiscard]] bool forked() const noexcept;

  /// True once the backend has answered anything at all.
  [[nodiscard]] bool answered() const noexcept { return answered_; }
  void noteAnswer() noexcept { answered_ = true; }

  void log(LogLevel level, std::string_view text) const noexcept;

  void runStarted();
  void runEnded();
  void waitForRuns();

 private:
  const ClientOptions options_;
  const int processId_;
  std::shared_ptr<run::Gate> gate_;
  run::ByteBudget budget_;
  const std::shared_ptr<batch::RetryBudget> repeats_;
  std::array<std::atomic<std::size_t>, 6> tooMany_{};  // by Verb
  std::mutex embedMutex_;
  std::mutex resolveMutex_;
  std::atomic<std::size_t> dimension_{0};
  std::atomic<std::uint64_t> seed_;
  std::atomic<bool> answered_{false};
  std::mutex runsMutex_;
  std::condition_variable runsChanged_;
  std::size_t runs_ = 0;
  // The order in which they end: the pool first, whose tasks lead to the others.
  run::WorkerPool clock_, callbacks_, senders_, pool_;
  std::shared_ptr<Backend> backend_;  // goes first: it may post to the pools
};

}  // namespace qbatch
