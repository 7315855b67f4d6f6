#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <unordered_map>
#include <vector>

#include "qbatch/import.hpp"
#include "run/client_core.hpp"
#include "run/compare_run.hpp"
#include "run/progress_reporter.hpp"

namespace qbatch::run {

/// verifyPatterns: walks along the source in windows, reads their points and compares. Of several items with one id the last one counts.
/// Keeps the ids of the whole input, and what is wrong.
class Verify {
 public:
  /// `options` with the collection resolved.
  Verify(ClientCore& core, VerifyOptions options, PatternSource& source);
  /// Blocks; once. Throws ConfigError.
  [[nodiscard]] VerifyReport run();

 private:
  struct Item {
    std::size_t index{}, line{};
  };
  struct Problem {
    Item item;
    VerifyProblem::Kind kind{};
  };
  struct Sampled {
    Item item;
    Pattern pattern;
  };
  struct Window {
    std::vector<Pattern> patterns;
    std::vector<PointId> ids;
    std::vector<Item> items;
    std::size_t bytes{};  // about, of the patterns
  };

  [[nodiscard]] bool fill(Window& window);
  void sample(const Window& window);
  void check(const Window& window, CompareRun::Wanted wanted);
  void lookAtPlace(const Window& window, bool embeds);
  void checkSample();
  void count();
  void finish();
  void tell(const Window& window);
  [[nodiscard]] CallOptions call() const;

  ClientCore& core_;
  const VerifyOptions options_;
  PatternSource& source_;
  const std::chrono::steady_clock::time_point startedAt_ = std::chrono::steady_clock::now();
  const std::shared_ptr<ProgressReporter> progress_;
  Progress last_;
  std::optional<CollectionInfo> place_;
  bool embedderKnown_ = false, atEnd_ = false;
  std::vector<PointId> ids_;
  std::unordered_map<PointId, Problem> problems_;
  std::vector<VerifyProblem> noPatterns_;
  std::size_t noPatternCount_ = 0, drawn_ = 0;
  std::vector<Sampled> sample_;
  std::unordered_map<PointId, std::size_t> sampledIds_;
  std::mt19937_64 random_;
  VerifyReport report_;
};

}  // namespace qbatch::run
