#include "run/import_embedding.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "batch/item_checks.hpp"

namespace qbatch::run {

/// Which texts of a window are embedded.
struct ImportEmbedding::Rows {
  std::vector<std::size_t> patternOf;                     // a row's first pattern
  std::vector<PointId> keys;                              // of the rows, in the spool
  std::vector<std::pair<std::size_t, std::size_t>> uses;  // pattern and row
};

namespace {

PointId keyOf(const Pattern& pattern, const PointId& id) {
  return pattern.id ? PointId::forContent(pattern.description, pattern.code, pattern.language) : id;
}

}  // namespace

ImportEmbedding::ImportEmbedding(ClientCore& core, std::size_t dimension, std::unique_ptr<stream::Spool> spool, std::stop_token stop,
                                 Calls calls)
    : core_(core),
      dimension_(dimension),
      spool_(std::move(spool)),
      stop_(std::move(stop)),
      calls_(std::move(calls)),
      stage_(std::make_shared<EmbedStage>(core, EmbedRole::passage, dimension, stop_, calls_.hungry)) {}

void ImportEmbedding::submit(const std::shared_ptr<ImportWindow>& window, std::function<void()> done) {
  const auto rows = rowsOf(*window);
  if (rows->uses.empty()) return done();
  auto job = std::make_shared<EmbedJob>();
  job->rows = rows->patternOf.size();
  job->textOf = [window, rows](std::size_t row, std::string& out) { appendText(window->patterns[rows->patternOf[row]], out); };
  if (spool_)
    job->sliced = [self = shared_from_this(), window, rows, raw = job.get()](std::size_t first, std::size_t count,
                                                                             const std::vector<RowFailure>& failures) {
      std::vector<bool> good(count, true);
      for (const auto& failure : failures) good[failure.row - first] = false;
      self->spoolRows(*window, {rows->keys.data() + first, count}, {raw->matrix.data() + first * self->dimension_, count, self->dimension_},
                      good);
    };
  // Holds the job, which lets it go before it calls.
  job->finished = [self = shared_from_this(), window, rows, job, done = std::move(done)] {
    self->distribute(*window, *rows, *job);
    done();
  };
  stage_->submit(std::move(job));
}

std::shared_ptr<ImportEmbedding::Rows> ImportEmbedding::rowsOf(ImportWindow& window) {
  auto rows = std::make_shared<Rows>();
  std::unordered_map<PointId, std::size_t> rowOfKey;
  std::vector<float> vector(dimension_);
  window.computed.assign(window.patterns.size(), false);
  for (std::size_t index = 0; index < window.patterns.size(); ++index) {
    auto& pattern = window.patterns[index];
    // What will be rejected anyhow is not paid for.
    if (!pattern.vector.empty() || batch::checkPattern(pattern, core_.options().fields)) continue;
    const auto key = keyOf(pattern, window.ids[index]);
    if (spool_ && spool_->find(key, vector)) {
      pattern.vector = vector;
      window.computed[index] = true;
      continue;
    }
    const auto [entry, isNew] = rowOfKey.try_emplace(key, rows->patternOf.size());
    if (isNew) {
      rows->patternOf.push_back(index);
      rows->keys.push_back(key);
    }
    rows->uses.emplace_back(index, entry->second);
  }
  return rows;
}

// On a pool thread, before the vectors are sent: from here on they survive a kill.
void ImportEmbedding::spoolRows(ImportWindow& window, std::span<const PointId> keys, MatrixView rows, const std::vector<bool>& good) {
  {
    const std::lock_guard lock(mutex_);
    if (spoolBroken_) return;
  }
  std::vector<PointId> goodKeys;
  std::vector<float> vectors;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    if (!good[row]) continue;
    goodKeys.push_back(keys[row]);
    vectors.insert(vectors.end(), rows.row(row).begin(), rows.row(row).end());
  }
  if (goodKeys.empty()) return;
  try {
    window.noteSpooled(spool_->keep(goodKeys, {vectors.data(), goodKeys.size(), rows.columns}));
  } catch (const RequestError& error) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(spoolBroken_, true)) return;
    }
    calls_.spoolBroken(error.error());
  }
}

void ImportEmbedding::distribute(ImportWindow& window, const Rows& rows, const EmbedJob& job) const {
  std::vector<const std::string*> reasons(job.rows, nullptr);
  for (const auto& failure : job.failures) reasons[failure.row] = &failure.reason;
  const bool stopped = job.dropped || stop_.stop_requested();
  for (const auto& [index, row] : rows.uses) {
    if (reasons[row] == nullptr && !job.dropped) {
      const auto* values = job.matrix.data() + row * dimension_;
      window.patterns[index].vector.assign(values, values + dimension_);
      window.computed[index] = true;
    } else if (!stopped) {
      window.ended.push_back(
          {index, Outcome::failed, Error(Errc::embedding, Origin::embedder, "Embedding generation failed: " + *reasons[row])});
    }
  }
  std::sort(window.ended.begin(), window.ended.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
}

}  // namespace qbatch::run
