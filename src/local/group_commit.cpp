#include "local/group_commit.hpp"

#include <fmt/core.h>

#include <new>
#include <utility>

#include "local/interrupt.hpp"
#include "local/refusal.hpp"
#include "local/staged_writes.hpp"
#include "local/writes.hpp"

namespace qbatch::local {
namespace {

constexpr std::size_t mostBytesTogether = std::size_t{16} << 20;  // so that early writes of a long queue are answered early

Verdict failure(Error error, bool maybeApplied) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::fatal;
  verdict.error = std::move(error);
  verdict.maybeApplied = maybeApplied;
  return verdict;
}

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

Reply replyTo(const WriteJob& job, StagedWrites& staged) {
  const Interrupt interrupt(job.limits);
  if (interrupt.due()) {
    auto verdict = interrupt.verdict();
    verdict.neverSent = true;
    return replyOf(std::move(verdict));
  }
  try {
    return carryOut(*job.request, staged);
  } catch (const Refusal& refusal) {
    return replyOf(refusal.verdict());
  }
}

}  // namespace

void GroupCommit::run(std::span<WriteJob> jobs) {
  std::size_t aloneUntil = 0;
  for (std::size_t done = 0; done < jobs.size();) {
    const auto part = jobs.subspan(done, done < aloneUntil ? 1 : jobs.size() - done);
    Attempt result = attempt(part);
    if (result.undone && result.replies.size() > 1) {
      // One of them may have been too much for the disk: each is tried by itself, and only the culprit fails.
      aloneUntil = done + result.replies.size();
      continue;
    }
    for (std::size_t i = 0; i < result.replies.size(); ++i) {
      const Completion completion = std::move(part[i].completion);
      completion(std::move(result.replies[i]));
    }
    done += result.replies.size();
  }
}

GroupCommit::Attempt GroupCommit::attempt(std::span<const WriteJob> jobs) {
  if (const auto error = broken()) return giveUp(jobs.size(), *error, false);
  Attempt result;
  StagedWrites staged(catalog_, file_);
  try {
    if (file_ != nullptr) file_->begin();
    for (const WriteJob& job : jobs) {
      result.replies.emplace_back();
      result.replies.back() = replyTo(job, staged);
      if (staged.bytes() > mostBytesTogether) break;
    }
  } catch (...) {
    return undo(std::max<std::size_t>(result.replies.size(), 1), presentError());
  }
  try {
    if (file_ != nullptr) file_->commit();
  } catch (const SqliteFault& fault) {
    // No room: the record that makes the transaction valid, which is written last, is not in the log. After any other fault it may be.
    if (fault.diskFull()) return undo(result.replies.size(), fault.error());
    setBroken(fault.error());
    return giveUp(result.replies.size(), *broken(), true);
  }
  try {
    staged.publish();
  } catch (...) {
    setBroken(presentError());
    return giveUp(result.replies.size(), *broken(), true);
  }
  return result;
}

GroupCommit::Attempt GroupCommit::undo(std::size_t count, const Error& error) {
  if (file_ != nullptr && !file_->rollback()) {
    setBroken(error);
    return giveUp(count, *broken(), true);
  }
  Attempt result = giveUp(count, error, false);
  result.undone = true;
  return result;
}

GroupCommit::Attempt GroupCommit::giveUp(std::size_t count, const Error& error, bool maybeApplied) {
  Attempt result;
  for (std::size_t i = 0; i < count; ++i) result.replies.push_back(replyOf(failure(error, maybeApplied)));
  return result;
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
