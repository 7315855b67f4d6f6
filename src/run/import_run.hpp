#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "batch/concurrency.hpp"
#include "qbatch/import.hpp"
#include "run/client_core.hpp"
#include "run/ids_on_the_way.hpp"
#include "run/import_embedding.hpp"
#include "run/import_keeper.hpp"
#include "run/import_tally.hpp"
#include "run/import_window.hpp"
#include "run/progress_reporter.hpp"
#include "run/worker_pool.hpp"
#include "stream/resume.hpp"
#include "stream/spool.hpp"

namespace qbatch::run {

/// importPatterns: pulls items from the source on the caller's thread, only as room frees, and moves them in windows through embedding,
/// sending and keeping, which overlap. Each window is a store of its own (StoreRun), which has the batch machine's rules; here is only what
/// concerns several of them. Record: docs/adr/0011.
///
/// Made by make_shared; run() once.
class ImportRun : public std::enable_shared_from_this<ImportRun> {
 public:
  /// `options` with collection and chunk.maxItems resolved. Opens the files; throws RequestError and ConfigError.
  ImportRun(ClientCore& core, ImportOptions options, PatternSource& source);
  ImportRun(const ImportRun&) = delete;
  ImportRun& operator=(const ImportRun&) = delete;
  ~ImportRun();

  /// Blocks. Throws ConfigError where nothing can be done at all, and RequestError where the files cannot be written to before anything is
  /// sent.
  [[nodiscard]] ImportReport run();

 private:
  using WindowPtr = std::shared_ptr<ImportWindow>;
  using Lock = std::unique_lock<std::mutex>;

  // On the caller's thread (import_run.cpp, import_run_place.cpp).
  void pull();
  [[nodiscard]] bool take(ImportItem item);
  [[nodiscard]] bool acquire(std::size_t bytes);
  [[nodiscard]] bool fits(const ImportItem& item) const;
  void seal();
  [[nodiscard]] WindowPtr claimOpen();
  void handOn(const WindowPtr& window);
  void fail(std::exception_ptr exception);
  void prepare(ImportWindow& window);
  void lookAtPlace(ImportWindow& window, bool embeds);
  void openEmbedding();
  [[nodiscard]] std::unique_ptr<stream::Spool> openSpool(std::size_t dimension) const;
  void clearSpool() noexcept;
  void enter(const WindowPtr& window);
  void drain();
  [[nodiscard]] ImportReport::Data report();
  void close(ImportReport::Data& data);

  // From stage to stage (import_run_stages.cpp).
  void advance();
  void embedded(const WindowPtr& window);
  void start(const WindowPtr& window);
  void throttled(std::size_t number);
  void arrived(const WindowPtr& window);
  void keepLoop();
  void keep(const WindowPtr& window);
  [[nodiscard]] bool misuse() const;
  void settleWindow(const WindowPtr& window, const StoreReport& report, std::size_t letters);
  void flushStale();

  // Ends early. Gracefully: nothing more is read, and what is on its way arrives. At once: it is cancelled.
  void stopReading(const Error& why);
  void stopAtOnce(const Error& why);

  [[nodiscard]] CallOptions callOptions() const;
  [[nodiscard]] std::size_t mostWindows() const noexcept { return core_.options().flow.maxInFlight + 4; }

  ClientCore& core_;
  const ImportOptions options_;
  PatternSource& source_;
  const std::chrono::steady_clock::time_point startedAt_ = std::chrono::steady_clock::now(), deadline_;
  const std::shared_ptr<ProgressReporter> progress_;
  std::unique_ptr<ImportKeeper> keeper_;
  std::stop_source sourceStop_, embedStop_;

  // The caller's thread alone.
  stream::Resume resume_;
  const bool resumes_;
  bool atEnd_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<WorkerPool::Timer> deadlineTimer_;
  Error stopped_;
  bool readingStopped_ = false, atOnce_ = false, sealing_ = false, drained_ = false;
  std::exception_ptr exception_;
  std::size_t budgetFreed_ = 0;  // times that the budget said that it has room again

  std::optional<CollectionInfo> place_;
  bool embedderKnown_ = false;
  std::string embedderRefusal_;
  std::shared_ptr<ImportEmbedding> embedding_;

  WindowPtr open_ = std::make_shared<ImportWindow>();
  std::map<std::size_t, WindowPtr> windows_;  // all on their way, by number
  IdsOnTheWay ids_;
  std::deque<WindowPtr> toEmbed_, toStart_, toKeep_;
  std::map<std::size_t, std::shared_ptr<StoreRun>> running_;
  std::atomic<std::size_t> dimension_;  // the embedder's; 0: not known
  std::size_t sending_ = 0;
  batch::Window flow_;

  ImportTally tally_;
  Progress last_;
  std::thread keeperThread_;
};

}  // namespace qbatch::run
