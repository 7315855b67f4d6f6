#pragma once
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "qbatch/embedder.hpp"

namespace qbatch {
class ClientCore;
}

namespace qbatch::run {

/// The texts of one chunk on their way to vectors.
struct EmbedJob {
  std::size_t rows{};
  /// Appends row's text. Called on pool threads, several at once.
  std::function<void(std::size_t row, std::string& out)> textOf;
  /// Called once, on a pool or sender thread, when every row is embedded, failed or dropped.
  std::function<void()> finished;
  /// Called after each slice, on a pool thread, several at once, with the slice's rows and what failed of them; may be empty.
  std::function<void(std::size_t first, std::size_t count, const std::vector<RowFailure>& failures)> sliced;

  // Filled by the stage; to be read from `finished` on.
  std::vector<float> matrix;         // rows × dimension
  std::vector<RowFailure> failures;  // ascending rows
  bool dropped = false;              // stop() came before all rows were embedded
};

/// Cuts jobs into slices and embeds them on the client's pool: in order, no more slices at once than the pool has threads, each small
/// enough that every thread works. Thread-safe.
class EmbedStage : public std::enable_shared_from_this<EmbedStage> {
 public:
  /// `hungry` is called on pool threads, without a lock, when fewer slices wait than threads could take.
  EmbedStage(ClientCore& core, EmbedRole role, std::size_t dimension, std::stop_token stop, std::function<void()> hungry);
  /// Fewer slices wait than threads could take.
  [[nodiscard]] bool hungry() const;

  void submit(std::shared_ptr<EmbedJob> job);
  /// Drops what has not begun. Jobs end when the embedder's current calls return.
  void stop();
  /// Summed over the embedder's calls.
  [[nodiscard]] std::chrono::nanoseconds busy() const;

 private:
  struct Slice {
    std::shared_ptr<EmbedJob> job;
    std::size_t first{}, count{};
  };
  struct Pending {  // a job's slices that have not ended
    std::shared_ptr<EmbedJob> job;
    std::size_t left{};
  };

  void startSlices();
  void runNext();
  void run(const Slice& slice);
  void embed(const Slice& slice, std::vector<RowFailure>& failures);
  void ended(const Slice& slice, std::vector<RowFailure> failures);

  ClientCore& core_;
  const EmbedRole role_;
  const std::size_t dimension_;
  const std::stop_token stop_;
  const std::function<void()> onHungry_;
  Embedder::Traits traits_;
  std::size_t maxActive_;

  mutable std::mutex mutex_;
  std::deque<Slice> queue_;
  std::deque<Pending> pending_;
  // Tasks in the pool that will take a slice when they begin, and slices that have begun. What no task has taken can still be dropped.
  std::size_t tasks_ = 0, active_ = 0;
  bool stopped_ = false;
  std::chrono::nanoseconds busy_{};
};

}  // namespace qbatch::run
