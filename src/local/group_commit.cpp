#include "local/group_commit.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <new>
#include <utility>

namespace qbatch::local {
namespace {

constexpr std::size_t mostBytesTogether = std::size_t{16} << 20;  // so that early writes of a long queue are answered early

/// The error for people out of whatever was thrown; to be called in a catch block.
Error presentError() {
  try {
    throw;
  } catch (const RequestError& error) {
    return error.error();
  } catch (const std::bad_alloc&) {
    return Error(Errc::internal, Origin::server, "the embedded engine ran out of memory: send less at once, or give the process more");
  } catch (const std::exception& error) {
    return Error(Errc::internal, Origin::server, fmt::format("a fault of the embedded engine: {}", error.what()));
  }
}

}  // namespace

void GroupCommit::run(std::vector<std::unique_ptr<WriteJob>> jobs) {
  std::size_t aloneUntil = 0;
  for (std::size_t done = 0; done < jobs.size();) {
    const auto part = std::span<const std::unique_ptr<WriteJob>>(jobs).subspan(done, done < aloneUntil ? 1 : jobs.size() - done);
    const Attempt result = attempt(part);
    if (result.undone && result.count > 1) {
      // One of them may have been too much for the disk: each is tried by itself, and only the culprit fails.
      aloneUntil = done + result.count;
      continue;
    }
    for (std::size_t i = 0; i < result.count; ++i) {
      const auto job = std::move(jobs[done + i]);
      if (result.error) {
        job->failed(*result.error, result.maybeApplied);
      } else {
        job->committed();
      }
    }
    done += result.count;
  }
}

GroupCommit::Attempt GroupCommit::attempt(std::span<const std::unique_ptr<WriteJob>> jobs) {
  if (const auto error = broken()) return {jobs.size(), error};
  StagedWrites staged(catalog_, file_);
  std::size_t count = 0;
  try {
    if (file_ != nullptr) file_->begin();
    for (const auto& job : jobs) {
      ++count;
      job->carryOut(staged);
      if (staged.bytes() > mostBytesTogether) break;
    }
  } catch (...) {
    return undo(std::max<std::size_t>(count, 1), presentError());
  }
  try {
    if (file_ != nullptr) file_->commit();
  } catch (const SqliteFault& fault) {
    // No room: the record that makes the transaction valid, which is written last, is not in the log. After any other fault it may be.
    if (fault.diskFull()) return undo(count, fault.error());
    setBroken(fault.error());
    return {count, broken(), true};
  }
  try {
    staged.publish();
  } catch (...) {
    setBroken(presentError());
    return {count, broken(), true};
  }
  return {count};
}

GroupCommit::Attempt GroupCommit::undo(std::size_t count, const Error& error) {
  if (file_ != nullptr && !file_->rollback()) {
    setBroken(error);
    return {count, broken(), true};
  }
  return {count, error, false, true};
}

void GroupCommit::setBroken(const Error& cause) {
  const std::lock_guard lock(mutex_);
  broken_ =
      Error(Errc::storageBroken, Origin::server,
            fmt::format("the store can no longer be used, because it is not known whether a write reached the file: open it anew ({})",
                        cause.message()));
  isBroken_ = true;
}

std::optional<Error> GroupCommit::broken() const {
  if (!isBroken_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return broken_;
}

}  // namespace qbatch::local
