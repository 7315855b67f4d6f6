#include "local/search.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "local/candidates.hpp"
#include "local/distance.hpp"
#include "local/payload_reader.hpp"
#include "local/refusal.hpp"
#include "local/scan.hpp"

namespace qbatch::local {
namespace {

/// Which of two hits comes first; a strict order over all points.
class Better {
 public:
  Better(const Collection& points, Distance distance) : points_(&points), larger_(largerIsBetter(distance)) {}
  bool operator()(const SearchHit& a, const SearchHit& b) const noexcept {
    if (a.score != b.score) return larger_ ? a.score > b.score : a.score < b.score;
    return points_->id(a.row) < points_->id(b.row);
  }
  [[nodiscard]] bool passes(float score, std::optional<float> minScore) const noexcept {
    return !minScore || (larger_ ? score >= *minScore : score <= *minScore);
  }
  /// The score of a pair whose comparison overflowed: whether that gives an infinity or no number depends on the order of the additions.
  [[nodiscard]] float worst() const noexcept {
    return larger_ ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
  }

 private:
  const Collection* points_;
  bool larger_;
};

/// The best hits seen so far of one query: a heap with the worst of them on top.
class BestHits {
 public:
  BestHits(std::size_t most, const Better& better) : most_(most), better_(better) {}
  void offer(const SearchHit& hit) {
    if (hits_.size() < most_) {
      hits_.push_back(hit);
      std::push_heap(hits_.begin(), hits_.end(), better_);
    } else if (most_ > 0 && better_(hit, hits_.front())) {
      std::pop_heap(hits_.begin(), hits_.end(), better_);
      hits_.back() = hit;
      std::push_heap(hits_.begin(), hits_.end(), better_);
    }
  }
  void offerAll(const BestHits& others) {
    for (const SearchHit& hit : others.hits_) offer(hit);
  }
  [[nodiscard]] std::vector<SearchHit> sortedFrom(std::size_t offset) && {
    std::sort(hits_.begin(), hits_.end(), better_);
    hits_.erase(hits_.begin(), hits_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, hits_.size())));
    return std::move(hits_);
  }

 private:
  std::size_t most_;
  Better better_;
  std::vector<SearchHit> hits_;
};

constexpr std::size_t stripeRows = 256;           // what a thread takes at once
constexpr std::size_t blockBytes = 32 * 1024;     // rows of about this size stay in the cache while every query passes over them
constexpr std::size_t workOfOneThread = 4000000;  // multiplications below which another thread costs more than it saves

class Search {
 public:
  Search(const Collection& points, const FilterTree& filter, const SearchTask& task, const Interrupt& interrupt)
      : points_(points),
        filter_(filter),
        task_(task),
        interrupt_(interrupt),
        params_(points.layout().dense.at(task.column)),
        better_(points, params_.distance),
        kernel_(kernelFor(params_.distance)) {
    const std::size_t beyondOffset = points.size() - std::min(task.offset, points.size());
    wanted_ = task.limit > beyondOffset ? points.size() : task.limit + task.offset;
    best_.assign(task.queries.size(), BestHits(wanted_, better_));
    candidates_ = candidateRows(points, filter);
  }

  std::vector<std::vector<SearchHit>> run() {
    runThreads(threadCount());
    if (endedEarly_) throw Refusal(interrupt_.verdict());
    if (failure_) std::rethrow_exception(failure_);
    std::vector<std::vector<SearchHit>> result;
    result.reserve(best_.size());
    for (BestHits& hits : best_) result.push_back(std::move(hits).sortedFrom(task_.offset));
    return result;
  }

 private:
  /// How many rows are to be looked at.
  [[nodiscard]] std::size_t places() const noexcept { return candidates_ ? candidates_->size() : points_.rows(); }

  [[nodiscard]] std::size_t threadCount() const {
    const std::size_t stripes = (places() + stripeRows - 1) / stripeRows;
    if (task_.threads != 0) return std::min<std::size_t>(task_.threads, std::max<std::size_t>(stripes, 1));
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    // Reading a payload for the filter costs about as much as a long vector.
    const std::size_t rowWork = task_.queries.size() * params_.dimension + (filter_.needsPayload() ? 4000 : 0);
    const std::size_t worth = 1 + places() * rowWork / workOfOneThread;
    return std::min({cores, worth, std::max<std::size_t>(stripes, 1)});
  }

  void runThreads(std::size_t count) {
    std::vector<std::thread> others;
    others.reserve(count - 1);
    for (std::size_t i = 1; i < count; ++i) {
      try {
        others.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        break;  // no further thread to be had: the ones that run do all the work
      }
    }
    work();
    for (std::thread& other : others) other.join();
  }

  void work() noexcept {
    try {
      std::vector<BestHits> best(task_.queries.size(), BestHits(wanted_, better_));
      PayloadReader reader;
      std::vector<std::size_t> rows;
      for (;;) {
        const std::size_t first = next_.fetch_add(stripeRows);
        if (first >= places()) break;
        if (interrupt_.due()) {
          endedEarly_ = true;
          break;
        }
        searchStripe(first, std::min(first + stripeRows, places()), reader, rows, best);
      }
      const std::lock_guard lock(mutex_);
      for (std::size_t i = 0; i < best.size(); ++i) best_[i].offerAll(best[i]);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
    }
  }

  [[nodiscard]] bool isCandidate(std::size_t row) const {
    return points_.live(row) && !points_.dense(row, task_.column).empty() &&
           std::find(task_.without.begin(), task_.without.end(), points_.id(row)) == task_.without.end();
  }

  void searchStripe(std::size_t first, std::size_t last, PayloadReader& reader, std::vector<std::size_t>& rows,
                    std::vector<BestHits>& best) {
    rows.clear();
    for (std::size_t place = first; place < last; ++place) {
      const std::size_t row = candidates_ ? (*candidates_)[place] : place;
      if (isCandidate(row) && passesAt(points_, row, filter_, reader)) rows.push_back(row);
    }
    const std::size_t blockRows = std::max<std::size_t>(1, blockBytes / (sizeof(float) * params_.dimension));
    for (std::size_t from = 0; from < rows.size(); from += blockRows) {
      const std::size_t to = std::min(from + blockRows, rows.size());
      for (std::size_t query = 0; query < best.size(); ++query) compareBlock({rows.data() + from, to - from}, query, best[query]);
    }
  }

  void compareBlock(std::span<const std::size_t> rows, std::size_t query, BestHits& best) const {
    const float* wanted = task_.queries[query].data();
    for (const std::size_t row : rows) {
      float score = scoreOf(params_.distance, kernel_(points_.dense(row, task_.column).data(), wanted, params_.dimension));
      if (!std::isfinite(score)) score = better_.worst();
      if (better_.passes(score, task_.minScore)) best.offer({row, score});
    }
  }

  const Collection& points_;
  const FilterTree& filter_;
  const SearchTask& task_;
  const Interrupt& interrupt_;
  const DenseParams& params_;
  Better better_;
  Kernel kernel_;
  std::size_t wanted_ = 0;
  std::optional<std::vector<std::size_t>> candidates_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> endedEarly_{false};
  std::mutex mutex_;
  std::vector<BestHits> best_;
  std::exception_ptr failure_;
};

}  // namespace

std::vector<std::vector<SearchHit>> search(const Collection& points, const FilterTree& filter, const SearchTask& task,
                                           const Interrupt& interrupt) {
  if (task.queries.empty()) return {};
  return Search(points, filter, task, interrupt).run();
}

}  // namespace qbatch::local
