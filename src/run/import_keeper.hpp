#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "qbatch/import.hpp"
#include "run/import_window.hpp"
#include "stream/dead_letters.hpp"
#include "stream/ledger.hpp"
#include "stream/resume.hpp"
#include "stream/spool.hpp"

namespace qbatch::run {

/// Keeps what an import leaves behind: tells the caller of each settled window, writes dead letters, then records the window in the ledger,
/// then lets its spooled vectors go. Used by one thread at a time.
class ImportKeeper {
 public:
  /// Opens the files that the options name. Throws RequestError and ConfigError.
  ImportKeeper(const ImportOptions& options, const std::string& collection, std::string embedder);

  [[nodiscard]] stream::Resume resume() const;
  /// Before the first window. Throws RequestError.
  void begin(std::uint64_t firstItem);
  /// Nothing that was spooled is dropped by it until then. From any thread.
  void setSpool(stream::Spool* spool) noexcept { spool_ = spool; }

  /// Returns the letters that were written. Throws RequestError; after that no file is written to any more, and further windows are only
  /// told of. Throws what the caller's function throws; after that further windows are passed over.
  std::size_t keep(const ImportWindow& window, const StoreReport& report);
  /// Flushes the ledger where it is time for it, or in any case. Throws RequestError; nothing is kept after that.
  void sync(bool now);
  /// True where every window that was kept is settled to its last item, so that another run would have nothing to do.
  [[nodiscard]] bool allSettled() const noexcept { return unsettled_ == 0 && !broken_; }

 private:
  void tell(const ImportWindow& window, const StoreReport& report);
  void recordSettled(const ImportWindow& window, const StoreReport& report);
  void takeReplaced(const PointId& id, std::size_t by, std::vector<stream::SettledRange>& replaced);
  [[nodiscard]] bool becomesLetter(const ItemFailure& failure, const StoreReport& report) const noexcept;
  [[nodiscard]] bool isSettled(const ItemFailure& failure, const StoreReport& report) const noexcept;

  const ImportOptions& options_;
  const std::string embedder_;
  std::optional<stream::Ledger> ledger_;
  std::optional<stream::DeadLetters> letters_;
  std::atomic<stream::Spool*> spool_ = nullptr;
  std::chrono::steady_clock::time_point syncedAt_ = std::chrono::steady_clock::now();
  bool broken_ = false;  // a file
  bool deaf_ = false;    // the caller's function
  std::size_t unsettled_ = 0;
  // Those of them that are patterns, by id: where a later item takes the place, another run must not put them there.
  std::unordered_multimap<PointId, stream::SettledRange> leftOver_;
};

}  // namespace qbatch::run
