#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "qbatch/import.hpp"
#include "run/store_run.hpp"
#include "stream/ledger.hpp"

namespace qbatch::run {

/// Some items of an import that go the way together: to be embedded, sent in one request, and recorded. Whoever has it in hand owns it; an
/// import hands it from stage to stage.
struct ImportWindow {
  std::size_t number{};  // in the order of the input, from 0
  std::vector<Pattern> patterns;
  std::vector<std::size_t> indices, lines;  // one a pattern
  std::vector<std::uint64_t> hashes;        // contentHash of the pattern as it was read
  std::vector<PointId> ids;
  std::vector<bool> computed;  // the vector is the embedder's
  std::vector<std::pair<std::size_t, ImportItem>> noPatterns;
  std::vector<std::uint64_t> noPatternHashes;
  std::vector<PreparedWindow::Ended> ended;  // what embedding could not do
  std::size_t bytes{};                       // taken from the budget
  std::size_t requestBytes{};                // estimated of the request
  std::optional<double> share{};             // of the input, when its last item came
  std::chrono::steady_clock::time_point began{};
  std::unordered_set<std::size_t> blockers;  // windows before it that hold another content for one of its ids
  std::shared_ptr<StoreRun> run;
  bool arrived = false;  // the run has ended

  [[nodiscard]] std::size_t items() const noexcept { return patterns.size() + noPatterns.size(); }
  void add(ImportItem item, std::size_t index, std::uint64_t hash);
  /// Where one of the patterns has no vector.
  [[nodiscard]] bool wantsEmbedding() const noexcept { return anyWithoutVector(patterns); }

  void noteSpooled(std::uint64_t file) {
    const std::lock_guard lock(mutex_);
    spooled_.push_back(file);
  }
  [[nodiscard]] const std::vector<std::uint64_t>& spooled() const noexcept { return spooled_; }  // when embedding has ended

 private:
  std::mutex mutex_;  // slices end on several threads
  std::vector<std::uint64_t> spooled_;
};

/// What an item takes of the budget on its way: as it was read, embedded, encoded and in the request. `dimension` is the embedder's, for an
/// item without a vector.
[[nodiscard]] std::size_t bytesOnTheWay(const ImportItem& item, std::size_t dimension) noexcept;
/// What a pattern takes in a request, estimated.
[[nodiscard]] std::size_t bytesInRequest(const Pattern& pattern, std::size_t dimension) noexcept;

/// The report of a window of which nothing was sent.
[[nodiscard]] StoreReport unsentReport(const ImportWindow& window, const Error& why);

}  // namespace qbatch::run
