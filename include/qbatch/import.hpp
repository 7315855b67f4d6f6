#pragma once
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "qbatch/error.hpp"
#include "qbatch/export.hpp"
#include "qbatch/options.hpp"
#include "qbatch/pattern.hpp"
#include "qbatch/report.hpp"

// Input that does not fit into memory: BatchClient::importPatterns and BatchClient::verifyPatterns.
namespace qbatch {

/// One item of an input: a pattern, or what stands in a pattern's place and is none.
struct ImportItem {
  Pattern pattern{};
  std::size_t line{};     ///< in the file, from 1; 0 where there is none
  std::string problem{};  ///< why it is no pattern; empty where it is one
  std::string text{};     ///< what stands there instead of a pattern
};

/// Where patterns come from, one after the other. Asked on the thread that calls importPatterns, only as room frees. The order must be the
/// same in every run that shares a checkpoint.
class QBATCH_EXPORT PatternSource {
 public:
  PatternSource() = default;
  PatternSource(const PatternSource&) = delete;
  PatternSource& operator=(const PatternSource&) = delete;
  virtual ~PatternSource();

  /// Fills `item`, which holds nothing; false at the end. Where it waits for something, it should return false soon after `stop` was asked
  /// for. A throw ends the import in good order; its text goes into the report.
  [[nodiscard]] virtual bool next(ImportItem& item, std::stop_token stop) = 0;
  /// How much of the input has been given, from 0 to 1; nullopt where that is not known.
  [[nodiscard]] virtual std::optional<double> share() const { return std::nullopt; }
};

/// The patterns that `generate` returns, until it returns none.
[[nodiscard]] QBATCH_EXPORT std::unique_ptr<PatternSource> makePatternSource(std::function<std::optional<Pattern>()> generate);
/// The patterns from `first` to `last`, which must outlive the source.
template <std::input_iterator Iterator, std::sentinel_for<Iterator> End>
[[nodiscard]] std::unique_ptr<PatternSource> makePatternSource(Iterator first, End last) {
  return makePatternSource([first = std::move(first), last = std::move(last)]() mutable -> std::optional<Pattern> {
    if (first == last) return std::nullopt;
    std::optional<Pattern> pattern(*first);
    ++first;
    return pattern;
  });
}
/// The lines of a file, or of standard input for "-", as parsePattern reads them; packed with gzip or not. A line that is no pattern is an
/// item with a problem. Throws InputError.
[[nodiscard]] QBATCH_EXPORT std::unique_ptr<PatternSource> makeNdjsonSource(const std::string& path);
/// The patterns of a file of dead letters (ImportOptions::deadLetters). A vector that was computed is taken where `embedder`, an
/// Embedder's identity, is the one that computed it. Throws InputError.
[[nodiscard]] QBATCH_EXPORT std::unique_ptr<PatternSource> makeDeadLetterSource(const std::string& path, std::string embedder);

/// Some items of an import that have been settled: those of one window. Valid during the call.
struct ImportedBatch {
  std::span<const Pattern> patterns{};
  std::span<const std::size_t> indices{};  ///< of the patterns in the input, from 0
  std::span<const std::size_t> lines{};    ///< of the patterns; 0 where there are none
  StoreReport report{};                    ///< of the patterns
  /// Items that are no patterns, with their index.
  std::span<const std::pair<std::size_t, ImportItem>> noPatterns{};
};

/// The options of one import. Files and folders are made where they are missing; each belongs to one import at a time.
struct ImportOptions {
  std::string collection{};  ///< empty: the client's
  milliseconds deadline{};   ///< 0: none
  std::stop_token stop{};
  ChunkOptions chunk{};
  std::function<void(const Progress&)> progress{};  ///< as with StoreOptions; `total` is `expected`
  Durability durability = Durability::applied;
  Existing existing = Existing::keepMetrics;
  /// A file that records which items are settled. With it, an import that ended early goes on where it stood: nothing that was confirmed is
  /// sent again. Independent of sizes, workers and embedders; another input or collection is refused. Empty: none.
  std::string checkpoint{};
  /// A file to which items that could not be stored are appended, one JSON object a line: index, line, outcome, error, attempts, pattern.
  /// With a checkpoint, what an early end left over is not among them, since the next run sends it. Empty: none.
  std::string deadLetters{};
  /// A folder that keeps computed vectors until they are stored, for the next run. Empty: `checkpoint` + "-spool", or none without one.
  std::string spool{};
  milliseconds syncInterval{1000};  ///< how often the checkpoint is flushed to the disk
  std::size_t expected{};           ///< items that will come, where that is known: for progress
  /// Told what became of each window, one call at a time, on a thread of the import's own, before the checkpoint records it. What it throws
  /// ends the import.
  std::function<void(const ImportedBatch&)> settled{};
};

/// What became of an import. Cheap to copy.
class QBATCH_EXPORT ImportReport {
 public:
  struct Data {
    std::size_t items{};        // read from the source, in this run
    std::size_t alreadyDone{};  // of them, those that the checkpoint knew
    std::size_t alreadyDead{};  // of those, dead letters of earlier runs
    std::size_t windows{};
    std::size_t deadLetters{};
    std::array<std::size_t, 6> outcomes{};  // by Outcome, of the others
    std::vector<ItemFailure> failures{};    // the first of them
    Stats stats{};
    Error stopped{};
    bool atEnd{};  // the source was read to its end
  };
  ImportReport();
  explicit ImportReport(Data data);

  /// Items that were read from the source in this run, with those that the checkpoint knew already.
  [[nodiscard]] std::size_t size() const noexcept;
  /// Of them, those that the checkpoint knew to be settled; they were not sent again.
  [[nodiscard]] std::size_t alreadyDone() const noexcept;
  /// Of those, the ones that became dead letters.
  [[nodiscard]] std::size_t alreadyDead() const noexcept;
  /// Items of this run that ended so, those apart that the checkpoint knew.
  [[nodiscard]] std::size_t count(Outcome) const noexcept;
  /// True where the source was read to its end and every item is done or accepted, dead letters of earlier runs included among those that
  /// are not.
  [[nodiscard]] bool ok() const noexcept;
  /// The first 1,000 of them in the order in which they came to pass; ImportOptions::settled tells of all. Valid as long as a copy lives.
  [[nodiscard]] std::span<const ItemFailure> failures() const noexcept;
  /// Letters written in this run.
  [[nodiscard]] std::size_t deadLetters() const noexcept;
  /// Windows in which the items went; where it is 1, Stats::points is exact, otherwise a point that came again in another counts again.
  [[nodiscard]] std::size_t windows() const noexcept;
  [[nodiscard]] const Stats& stats() const noexcept;
  /// Why it ended before the end of the source; no error where it did not.
  [[nodiscard]] const Error& stopped() const noexcept;

 private:
  std::shared_ptr<const Data> data_;
};

/// What verifyPatterns compares.
struct VerifyOptions {
  std::string collection{};
  milliseconds deadline{};
  std::stop_token stop{};
  std::function<void(const Progress&)> progress{};
  std::size_t sample{};  ///< compare so many items, drawn evenly by chance; all ids are looked for nevertheless. 0: compare all
  bool vectors = true;   ///< compare vectors, too; items without one are embedded
  std::uint64_t seed = 1;
};

/// One item that does not stand as it should.
struct VerifyProblem {
  enum class Kind { missing, payloadDiffers, vectorDiffers, noPattern, notRead };
  std::size_t index{}, line{};
  std::optional<PointId> id{};
  Kind kind{};
  std::string text{};  ///< a sentence for people
};

struct VerifyReport {
  std::size_t items{};     ///< read from the source
  std::size_t ids{};       ///< different ids among them
  std::size_t present{};   ///< of those, points that are there
  std::size_t compared{};  ///< items whose content was compared
  std::size_t problems{};
  std::size_t stored{};  ///< points in the collection, counted exactly
  std::vector<VerifyProblem> first{};  ///< the first 1,000 problems, by index
  Error stopped{};
  [[nodiscard]] bool ok() const noexcept { return problems == 0 && !stopped; }
};

}  // namespace qbatch
