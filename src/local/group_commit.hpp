#pragma once
#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "local/catalog.hpp"
#include "local/store_file.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::local {

/// A write that waits for its turn. What `request` refers to lives until `completion` was called.
struct WriteJob {
  const Request* request = nullptr;
  CallLimits limits{};
  Completion completion{};
};

/// Carries out writes in order, several in one transaction of the file, so that they share the wait for the disk. Each is answered once
/// its outcome is certain: after COMMIT, or after everything of it was taken back. Readers never see what was not committed.
class GroupCommit {
 public:
  /// `file` is null for a store in memory.
  GroupCommit(Catalog& catalog, StoreFile* file) : catalog_(catalog), file_(file) {}

  /// Answers every job. Called by one thread at a time. Completions must not throw.
  void run(std::span<WriteJob> jobs);

  /// Why the store can no longer be used: what it holds in memory may differ from the file, so it must be opened anew. Any thread.
  [[nodiscard]] std::optional<Error> broken() const;

 private:
  /// What became of the first `replies.size()` of some jobs.
  struct Attempt {
    std::vector<Reply> replies{};
    bool undone = false;  // all of them were taken back because of a fault that need not be everyone's
  };

  Attempt attempt(std::span<const WriteJob> jobs);
  Attempt giveUp(std::size_t count, const Error& error, bool maybeApplied);
  /// Takes everything back after a fault before the commit.
  Attempt undo(std::size_t count, const Error& error);
  void setBroken(const Error& cause);

  Catalog& catalog_;
  StoreFile* file_;
  std::atomic<bool> isBroken_{false};
  mutable std::mutex mutex_;
  Error broken_;
};

}  // namespace qbatch::local
