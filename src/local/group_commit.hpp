#pragma once
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "local/catalog.hpp"
#include "local/staged_writes.hpp"
#include "local/store_file.hpp"
#include "qbatch/error.hpp"

namespace qbatch::local {

/// A write that waits for its turn. It is carried out once or, where a group had to be taken back, again, and then ended once.
class WriteJob {
 public:
  virtual ~WriteJob() = default;
  /// Within a transaction, on the writer's thread. What it refuses is its own to remember; anything that it throws (SqliteFault, lack of
  /// memory) leaves the transaction half done, to be rolled back.
  virtual void carryOut(StagedWrites& staged) = 0;
  /// What was carried out last is on the disk, and readers see it. Must not throw.
  virtual void committed() = 0;
  /// Nothing of it was applied, or where `maybeApplied` some of it may have been. Must not throw.
  virtual void failed(const Error& error, bool maybeApplied) = 0;
};

/// Carries out writes in order, several in one transaction of the file, so that they share the wait for the disk. Each is answered once
/// its outcome is certain: after COMMIT, or after everything of it was taken back. Readers never see what was not committed.
class GroupCommit {
 public:
  /// `file` is null for a store in memory.
  GroupCommit(Catalog& catalog, StoreFile* file) : catalog_(catalog), file_(file) {}

  /// Ends every job, and destroys it. Called by one thread at a time.
  void run(std::vector<std::unique_ptr<WriteJob>> jobs);

  /// Why the store can no longer be used: what it holds in memory may differ from the file, so it must be opened anew. Any thread.
  [[nodiscard]] std::optional<Error> broken() const;

 private:
  /// What became of the first `count` of some jobs.
  struct Attempt {
    std::size_t count{};
    std::optional<Error> error{};  // absent: committed
    bool maybeApplied = false;
    bool undone = false;  // all of them were taken back because of a fault that need not be everyone's
  };

  Attempt attempt(std::span<const std::unique_ptr<WriteJob>> jobs);
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
