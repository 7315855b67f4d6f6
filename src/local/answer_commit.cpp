#include "local/answer_commit.hpp"

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

namespace qbatch::local {
namespace {

using Turn = AnswerStore::Turn;
using Kind = Turn::Kind;

constexpr std::size_t mostBytesTogether = std::size_t{16} << 20;  // so that early ones of a long queue are told early
constexpr std::size_t expiredTogether = 64;
constexpr const char* closedText = "the store of answers was closed before the first request with this key had its answer";

/// What a callback throws is its own.
template <typename Then, typename Value>
void tell(const Then& then, Value value) noexcept {
  try {
    if (then) then(std::move(value));
  } catch (...) {
  }
}

std::size_t sizeOf(const AnswerJob& job) {
  const auto* keep = std::get_if<AnswerKeep>(&job.what);
  return job.key.size() + (keep != nullptr ? keep->answer.size() : 0);
}

}  // namespace

void AnswerCommit::run(std::list<AnswerJob> jobs) {
  turns_.expire(clock_());
  while (!jobs.empty()) {
    auto group = takeGroup(jobs);
    if (!group.empty()) carryOut(group);
  }
}

void AnswerCommit::close(std::list<AnswerJob> jobs) {
  closing_ = true;
  run(std::move(jobs));
  for (const auto& asker : turns_.takeWaiting()) tell(asker.then, Turn{Kind::broken, closedText});
  while (writeOldest()) continue;
}

/// One job a key, so that what a job finds does not depend on others of its transaction, which may be taken back.
std::vector<AnswerCommit::Step> AnswerCommit::takeGroup(std::list<AnswerJob>& jobs) {
  std::vector<Step> group;
  std::set<std::string, std::less<>> keys;
  std::size_t bytes = 0;
  for (auto job = jobs.begin(); job != jobs.end() && bytes <= mostBytesTogether;) {
    if (keys.contains(job->key)) {
      ++job;
      continue;
    }
    if (!settleAtOnce(*job)) {
      keys.insert(job->key);
      bytes += sizeOf(*job);
      group.push_back({std::move(*job)});
    }
    job = jobs.erase(job);
  }
  return group;
}

/// What needs no look into the file.
bool AnswerCommit::settleAtOnce(AnswerJob& job) {
  auto* asker = std::get_if<AnswerAsker>(&job.what);
  if (asker == nullptr) return false;
  if (turns_.running(job.key) != nullptr) {
    if (!turns_.wait(job.key, *asker)) tell(asker->then, Turn{Kind::otherRequest});
    return true;
  }
  const auto* unwritten = turns_.unwritten(job.key);
  if (unwritten == nullptr || !unwritten->answer) return false;
  tell(asker->then, AnswerTurns::turnFor(asker->request, KnownAnswer{unwritten->request, unwritten->answer}));
  return true;
}

void AnswerCommit::carryOut(std::span<Step> steps) {
  if (!attempt(steps, true)) {
    for (Step& step : steps) committed(step);
  } else {
    // One of them, or the tidying, may have been too much for the disk: each is tried by itself.
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (const auto problem = attempt(steps.subspan(i, 1), false)) {
        failed(steps[i], *problem);
      } else {
        committed(steps[i]);
      }
    }
  }
  writeAgain();
}

/// Gives what is wrong where everything was taken back.
std::optional<std::string> AnswerCommit::attempt(std::span<Step> steps, bool tidy) {
  try {
    const WallTime now = clock_();
    file_.begin();
    std::size_t writes = 0;
    for (Step& step : steps) writes += apply(step, now) ? 1 : 0;
    // More than can have been added, so that what is over does not pile up.
    if (writes > 0 && tidy) file_.expire(now, expiredTogether + 2 * writes);
    file_.commit();
    if (writes > 0) ++groups_;
    return std::nullopt;
  } catch (const std::exception& error) {
    file_.rollback();
    return error.what();
  }
}

/// True where it changed the file. May be called again after everything was taken back.
bool AnswerCommit::apply(Step& step, WallTime now) {
  if (const auto* asker = std::get_if<AnswerAsker>(&step.job.what)) return applyAsk(step, *asker, now);
  if (const auto* keep = std::get_if<AnswerKeep>(&step.job.what)) {
    file_.putAnswer(step.job.key, turns_.running(step.job.key)->request, keep->answer, now);
    return true;
  }
  return applyDrop(step.job.key, now);
}

bool AnswerCommit::applyAsk(Step& step, const AnswerAsker& asker, WallTime now) {
  const bool dropped = turns_.unwritten(step.job.key) != nullptr;  // what the file says of it is not true
  step.turn = AnswerTurns::turnFor(asker.request, dropped ? std::nullopt : file_.find(step.job.key, now));
  if (step.turn.kind != Kind::first) return false;
  if (closing_) step.turn = {Kind::broken, closedText};
  if (closing_ || asker.repeatable) return false;
  file_.putBegun(step.job.key, asker.request, now);
  return true;
}

bool AnswerCommit::applyDrop(const std::string& key, WallTime now) {
  const auto& running = *turns_.running(key);
  if (!closing_ && !running.waiting.empty() && !running.waiting.front().repeatable) {
    file_.putBegun(key, running.request, now);
    return true;
  }
  if (running.begun) file_.erase(key);
  return running.begun;
}

void AnswerCommit::committed(Step& step) {
  const std::string& key = step.job.key;
  if (const auto* asker = std::get_if<AnswerAsker>(&step.job.what)) {
    const bool begun = !asker->repeatable || turns_.unwritten(key) != nullptr;
    if (step.turn.kind == Kind::first) turns_.start(key, asker->request, begun);
    tell(asker->then, std::move(step.turn));
  } else if (const auto* keep = std::get_if<AnswerKeep>(&step.job.what)) {
    tell(keep->then, std::string());
    answerWaiting(key, keep->answer);
  } else if (closing_) {
    for (const auto& waiting : turns_.finish(key)) tell(waiting.then, Turn{Kind::broken, closedText});
  } else {
    const auto& waiting = turns_.running(key)->waiting;
    const auto next = turns_.pass(key, !waiting.empty() && !waiting.front().repeatable);
    if (next) tell(next->then, Turn{Kind::first});
  }
}

void AnswerCommit::failed(Step& step, const std::string& problem) {
  const std::string& key = step.job.key;
  if (const auto* asker = std::get_if<AnswerAsker>(&step.job.what)) {
    tell(asker->then, Turn{Kind::broken, problem});
  } else if (auto* keep = std::get_if<AnswerKeep>(&step.job.what)) {
    const PointId request = turns_.running(key)->request;
    tell(keep->then, problem);
    answerWaiting(key, keep->answer);
    addUnwritten({key, request, std::move(keep->answer), clock_()});
  } else {
    dropFailed(key, problem);
  }
}

void AnswerCommit::dropFailed(const std::string& key, const std::string& problem) {
  const auto running = turns_.running(key);
  const PointId request = running->request;
  const bool begun = running->begun;
  if (closing_) {
    for (const auto& waiting : turns_.finish(key)) tell(waiting.then, Turn{Kind::broken, closedText});
    return;
  }
  // What the file says already, that it was begun, is all that the next one needs.
  auto next = turns_.pass(key, begun);
  for (; next && !begun && !next->repeatable; next = turns_.pass(key, begun)) tell(next->then, Turn{Kind::broken, problem});
  if (next) return tell(next->then, Turn{Kind::first});
  if (begun) addUnwritten({key, request, std::nullopt, clock_()});
}

void AnswerCommit::addUnwritten(AnswerTurns::Unwritten entry) {
  turns_.addUnwritten(std::move(entry));
  againAt_ = std::max(againAt_, groups_ + 1);
}

void AnswerCommit::answerWaiting(const std::string& key, const std::string& answer) {
  for (const auto& waiting : turns_.finish(key)) tell(waiting.then, Turn{Kind::repeat, answer});
}

/// Where writing works, the disk may have room for what could not be written, too; where it has not, it is left alone for a while.
void AnswerCommit::writeAgain() {
  if (groups_ < againAt_ || turns_.unwritten().empty()) return;
  pause_ = writeOldest() ? 1 : std::min<std::size_t>(2 * pause_, 1024);
  againAt_ = groups_ + pause_;
}

/// True where some of it was written.
bool AnswerCommit::writeOldest() {
  const auto& unwritten = turns_.unwritten();
  if (unwritten.empty()) return false;
  std::vector<std::string> written;
  try {
    file_.begin();
    std::size_t bytes = 0;
    for (auto entry = unwritten.begin(); entry != unwritten.end() && bytes < mostBytesTogether / 16 && written.size() < 16; ++entry) {
      if (entry->answer) {
        file_.putAnswer(entry->key, entry->request, *entry->answer, entry->at);
      } else {
        file_.erase(entry->key);
      }
      bytes += entry->answer ? entry->answer->size() : 0;
      written.push_back(entry->key);
    }
    file_.commit();
  } catch (const std::exception&) {
    file_.rollback();
    return false;
  }
  for (const auto& key : written) turns_.dropUnwritten(key);
  return true;
}

}  // namespace qbatch::local
