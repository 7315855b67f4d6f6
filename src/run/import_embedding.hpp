#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include "run/client_core.hpp"
#include "run/embed_stage.hpp"
#include "run/import_window.hpp"
#include "stream/spool.hpp"

namespace qbatch::run {

/// Gives the patterns of an import's windows their vectors: what earlier runs spooled is taken from there, equal texts of a window are
/// embedded once, and what is computed is spooled before it goes on. Thread-safe.
class ImportEmbedding : public std::enable_shared_from_this<ImportEmbedding> {
 public:
  struct Calls {
    std::function<void()> hungry;                   // the next window may come
    std::function<void(const Error&)> spoolBroken;  // once: nothing more is spooled
  };
  /// `spool` may be null. All of `calls` comes on threads of the client's, without a lock.
  ImportEmbedding(ClientCore& core, std::size_t dimension, std::unique_ptr<stream::Spool> spool, std::stop_token stop, Calls calls);

  [[nodiscard]] bool hungry() const { return stage_->hungry(); }
  /// Calls `done` when each pattern that can be embedded has its vector, or stands in window->ended, or stop() came.
  void submit(const std::shared_ptr<ImportWindow>& window, std::function<void()> done);
  /// Drops what has not begun.
  void stop() { stage_->stop(); }
  [[nodiscard]] std::chrono::nanoseconds busy() const { return stage_->busy(); }
  [[nodiscard]] stream::Spool* spool() const noexcept { return spool_.get(); }
  /// Lets the spool's folder go.
  void closeSpool() { spool_.reset(); }

 private:
  struct Rows;

  [[nodiscard]] std::shared_ptr<Rows> rowsOf(ImportWindow& window);
  void spoolRows(ImportWindow& window, std::span<const PointId> keys, MatrixView rows, const std::vector<bool>& good);
  void distribute(ImportWindow& window, const Rows& rows, const EmbedJob& job) const;

  ClientCore& core_;
  const std::size_t dimension_;
  std::unique_ptr<stream::Spool> spool_;
  const std::stop_token stop_;
  const Calls calls_;
  std::shared_ptr<EmbedStage> stage_;
  std::mutex mutex_;
  bool spoolBroken_ = false;
};

}  // namespace qbatch::run
